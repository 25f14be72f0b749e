"""What is said to somebody whose proof is not accepted? The same to all; the log alone knows which part was wrong.

Only that there were two proofs is told: whoever sent them knows.
"""

import logging

from desk.api.problem import ApiCode, ProblemError

_ONE_PROOF = (
    "Say who you are with one proof: an `Authorization` header or a session's cookie, not both, and none twice."
)
_log = logging.getLogger(__name__)


class UnprovenError(Exception):
    """A proof of identity that is not accepted, with why: for the log, never for the caller."""


class TwoProofsError(UnprovenError):
    """More than one proof of identity: which of them counts is not ours to guess, and may be told."""


def refusal(why: UnprovenError | None) -> ProblemError:
    """The refusal of somebody who showed nothing, or nothing that is accepted."""
    if why is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="casework"'}
        return ProblemError(ApiCode.UNAUTHENTICATED, "Say who you are.", headers=challenge)
    _log.info("not accepted: %s", why)
    if isinstance(why, TwoProofsError):
        challenge = {"WWW-Authenticate": 'Bearer realm="casework", error="invalid_request"'}
        return ProblemError(ApiCode.UNAUTHENTICATED, _ONE_PROOF, headers=challenge)
    challenge = {"WWW-Authenticate": 'Bearer realm="casework", error="invalid_token"'}
    return ProblemError(ApiCode.UNAUTHENTICATED, "What says who you are is not accepted.", headers=challenge)
