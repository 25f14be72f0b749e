"""The identity providers, local accounts and origin that the settings name."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from sqlalchemy import Engine

from desk.identity.client import Client
from desk.identity.guest import guest_of
from desk.identity.identities import Identities
from desk.identity.jwks import FetchedKeys
from desk.identity.metadata import metadata_at
from desk.identity.oidc import Issuer
from workers.provider import Provider
from workers.settings import Settings


def identities(settings: Settings, engine: Engine, key: bytes) -> Identities:
    """The identities of an engine with these settings; `key` is the one that its desks sign by."""
    issuers, clients = trusted(settings.oidc)
    # Empty: our pages' origin is the one that a request asks for (localhost, 127.0.0.1 …).
    origin = settings.public_url or ""
    return Identities(
        engine,
        issuers=issuers,
        local_accounts=settings.logs_in,
        origin=origin,
        guest=guest_of(settings.temporal_pages),
        demo=settings.demo,
        clients=clients,
        key=key,
    )


def trusted(providers: Sequence[Provider]) -> tuple[list[Issuer], list[Client]]:
    """The issuers of tokens for the API, and those at which people log in to the console."""
    issuers = [
        Issuer(each.issuer, each.audience, each.algorithm, FetchedKeys(each.jwks_url), each.roles, each.second_factor)
        for each in providers
    ]
    clients = [
        _client(each, issuer, each.client_id)
        for each, issuer in zip(providers, issuers, strict=True)
        if each.client_id is not None
    ]
    return issuers, clients


def _client(provider: Provider, issuer: Issuer, name: str) -> Client:
    """The client of a provider: of its ID tokens the same holds as of those for the API, but for the audience."""
    shown = provider.name or urlsplit(provider.issuer).netloc
    secret = provider.client_secret.get_secret_value() if provider.client_secret else None
    return Client(shown, replace(issuer, audience=name), secret, metadata_at(provider.issuer))
