"""The files of a form are evidence, brought as over the API, each once under the form's key."""

import hashlib
from collections.abc import AsyncIterator

from desk.console.form import KEY, TOKEN
from desk.console.parts import BROUGHT, Bring, Pairs
from desk.console.visit import Visit
from desk.identity.sessions import must_be_meant
from desk.refusal import ProblemError
from desk.upload import called, upload
from states.terms import Code
from store.bucket import AwayError


def bringing(visit: Visit) -> Bring:
    """Brings files for whoever asks, once the session's token was read."""
    desk, actor = visit.desk, visit.actor

    async def bring(before: Pairs, name: str, content: AsyncIterator[bytes]) -> Pairs:
        must_be_meant(desk.identities.sessions.cookies(visit.request)[0], dict(before).get(TOKEN, ""))
        kept = called(name, BROUGHT)
        try:
            told = await upload(desk.engine, desk.intake, actor, kept, content, _key(before, kept), desk.now())
        except AwayError as error:
            raise ProblemError(Code.UNAVAILABLE, "evidence_away") from error
        return [(BROUGHT, str(told["id"]))]

    return bring


def _key(before: Pairs, name: str) -> str:
    """The key of a file: the same where the same form is sent again, as by a second press of its button."""
    known = [value for field, value in before if field in {KEY, BROUGHT}]
    return hashlib.sha256("\n".join([*known, name]).encode()).hexdigest()
