"""The identity providers, local accounts and origin that the settings name."""

from sqlalchemy import Engine

from desk.identity.guest import guest_of
from desk.identity.identities import Identities
from desk.identity.jwks import FetchedKeys
from desk.identity.oidc import Issuer
from workers.settings import Settings


def identities(settings: Settings, engine: Engine) -> Identities:
    """The identities of an engine with these settings."""
    issuers = [
        Issuer(each.issuer, each.audience, each.algorithm, FetchedKeys(each.jwks_url), each.roles, each.second_factor)
        for each in settings.oidc
    ]
    # Empty: our pages' origin is the one that a request asks for (localhost, 127.0.0.1 …).
    origin = settings.public_url or ""
    return Identities(
        engine,
        issuers=issuers,
        local_accounts=settings.logs_in,
        origin=origin,
        guest=guest_of(settings.temporal_pages),
        demo=settings.demo,
    )
