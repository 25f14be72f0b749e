"""What is said to somebody whose proof is not accepted? The same to all; the log alone knows which part was wrong."""

import logging

from desk.api.problem import ApiCode, ProblemError

_log = logging.getLogger(__name__)


class UnprovenError(Exception):
    """A proof of identity that is not accepted, with why: for the log, never for the caller."""


def refusal(why: UnprovenError | None) -> ProblemError:
    """The refusal of somebody who showed nothing, or nothing that is accepted."""
    if why is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="casework"'}
        return ProblemError(ApiCode.UNAUTHENTICATED, "Say who you are.", headers=challenge)
    _log.info("not accepted: %s", why)
    challenge = {"WWW-Authenticate": 'Bearer realm="casework", error="invalid_token"'}
    return ProblemError(ApiCode.UNAUTHENTICATED, "What says who you are is not accepted.", headers=challenge)
