"""The refusal of a proof: the same 401 for every reason, so that it reveals nothing; the log has the reason.

Only a request with two proofs is told so.
"""

import logging

from desk.refusal import ApiCode, ProblemError

_log = logging.getLogger(__name__)


class UnprovenError(Exception):
    """A proof of identity is not accepted. The message is for the log, never for the caller."""


class TwoProofsError(UnprovenError):
    """A request has more than one proof of identity; its sender may be told."""


def refusal(why: UnprovenError | None) -> ProblemError:
    """The 401, with its `WWW-Authenticate`; `why` is None where the request has no proof at all."""
    if why is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="casework"'}
        return ProblemError(ApiCode.UNAUTHENTICATED, "say_who_you_are", headers=challenge)
    _log.info("not accepted: %s", why)
    if isinstance(why, TwoProofsError):
        challenge = {"WWW-Authenticate": 'Bearer realm="casework", error="invalid_request"'}
        return ProblemError(ApiCode.UNAUTHENTICATED, "one_proof", headers=challenge)
    challenge = {"WWW-Authenticate": 'Bearer realm="casework", error="invalid_token"'}
    return ProblemError(ApiCode.UNAUTHENTICATED, "not_accepted", headers=challenge)
