"""Messages as Temporal's pages send them, and get them back (its remote codecs)."""

from typing import Annotated

from pydantic import Field

from desk.api.shapes.words import Asked

BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
Bytes = Annotated[str, Field(pattern=BASE64, description="Base64.", examples=["eyJjYXNlIjoicmVwb3J0LTEifQ=="])]


class Payload(Asked):
    """A message in Temporal's form."""

    metadata: Annotated[dict[str, Bytes], Field(max_length=20, examples=[{"encoding": "anNvbi9wbGFpbg=="}])] = {}
    data: Bytes = ""


class Payloads(Asked):
    """Messages; of an answer decrypted, in the same order."""

    payloads: Annotated[list[Payload], Field(max_length=1000)]
