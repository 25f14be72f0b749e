"""The language of an answer: the person's choice or the request's `Accept-Language`; `Content-Language` says which."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from desk.identity.caller import Caller
from desk.service import service
from desk.words import Words


def words_of(request: Request, *, times: bool = False) -> Words:
    """The words for who asks, with `times` also in their zone. Without the database only `Accept-Language` decides."""
    desk = service(request)
    caller: Caller | None = getattr(request.state, "caller", None)
    accepted = request.headers.get("Accept-Language")
    try:
        chosen = desk.preferences.read(caller.actor) if caller else None
        zone = desk.preferences.zone(caller.actor) if caller and times else None
    except SQLAlchemyError:
        chosen = zone = None
    language = desk.languages.negotiate(accepted, chosen.language if chosen else None)
    return desk.languages.words(language, zone)


def spoken(words: Words) -> Mapping[str, str]:
    """The headers of an answer with sentences in it: `Content-Language` and `Vary`."""
    return {"Content-Language": words.language, "Vary": "Accept-Language"}


def _speaking(request: Request, response: Response) -> Words:
    words = words_of(request, times=True)
    response.headers.update(spoken(words))
    return words


Speaking = Annotated[Words, Depends(_speaking)]
