"""The language of an answer: the person's choice or the request's `Accept-Language`; `Content-Language` says which."""

import logging
from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from desk.api.admission import Admitted
from desk.identity.caller import Caller
from desk.service import service
from desk.words import Words
from store.preference import Preference

_log = logging.getLogger(__name__)


def words_of(request: Request, *, unread: bool = False) -> Words:
    """The words for who asks. The person's choice is read once a request; `unread`: `Accept-Language` alone decides."""
    chosen = Preference() if unread else _chosen(request)
    languages = service(request).languages
    return languages.words(languages.negotiate(request.headers.get("Accept-Language"), chosen.language))


def spoken(words: Words) -> Mapping[str, str]:
    """The headers of an answer with sentences in it: `Content-Language` and `Vary`."""
    return {"Content-Language": words.language, "Vary": "Accept-Language"}


def _chosen(request: Request) -> Preference:
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        return Preference()
    known: Preference | None = getattr(request.state, "chosen", None)
    if known is None:
        try:
            known = service(request).preferences.read(caller.actor)
        except SQLAlchemyError as error:
            _log.warning("a person's language can't be read", exc_info=error)
            known = Preference()  # whatever is wrong with the database is told once, by who needs more of it
        request.state.chosen = known
    return known


def _speaking(request: Request, response: Response, _caller: Admitted) -> Words:
    words = words_of(request)
    response.headers.update(spoken(words))
    return words


Speaking = Annotated[Words, Depends(_speaking)]


def _telling_times(request: Request, words: Speaking, caller: Admitted) -> Words:
    desk = service(request)
    return desk.languages.words(words.language, desk.preferences.zone(caller.actor, _chosen(request)))


TellingTimes = Annotated[Words, Depends(_telling_times)]
