"""The language of an answer: the person's choice or the request's `Accept-Language`; `Content-Language` says which."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from desk.api.admission import Admitted
from desk.identity.caller import Caller
from desk.service import service
from desk.words import Words
from store.preference import Preference


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
        except SQLAlchemyError:
            known = Preference()  # the database is away, which is no reason to fail twice
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
