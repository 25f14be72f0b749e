"""How does a receiver know that it was us? By the three headers of Standard Webhooks, of whatever we send over HTTP."""

from datetime import UTC, datetime

from standardwebhooks import Webhook

# What a receiver's secret begins with; the rest is base64.
PREFIX = "whsec_"


def signed(webhook: Webhook, identity: str, at: datetime, body: str) -> dict[str, str]:
    """The headers: the id of what is sent, when (whole seconds since 1970), and the signature of both and the body."""
    now = at.astimezone(UTC)  # the library takes any time for one in UTC
    return {
        "webhook-id": identity,
        "webhook-timestamp": f"{int(now.timestamp())}",
        "webhook-signature": webhook.sign(identity, now, body),
    }
