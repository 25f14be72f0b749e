"""Of which origin are Temporal's own pages?"""

from urllib.parse import urlsplit


def guest_of(temporal_pages: str | None) -> str | None:
    """The origin of an address, as browsers write it."""
    if temporal_pages is None:
        return None
    parts = urlsplit(temporal_pages)
    return f"{parts.scheme}://{parts.netloc}".lower()
