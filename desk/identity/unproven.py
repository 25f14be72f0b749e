"""What is said to somebody whose proof is not accepted? The same to all; the log alone knows which part was wrong.

Only that there were two proofs is told: whoever sent them knows.
"""

import logging

from desk.refusal import ApiCode, ProblemError

_log = logging.getLogger(__name__)


class UnprovenError(Exception):
    """A proof of identity that is not accepted, with why: for the log, never for the caller."""


class TwoProofsError(UnprovenError):
    """More than one proof of identity: which of them counts is not ours to guess, and may be told."""


def refusal(why: UnprovenError | None) -> ProblemError:
    """The refusal of somebody who showed nothing, or nothing that is accepted."""
    if why is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="casework"'}
        return ProblemError(ApiCode.UNAUTHENTICATED, "say_who_you_are", headers=challenge)
    _log.info("not accepted: %s", why)
    if isinstance(why, TwoProofsError):
        challenge = {"WWW-Authenticate": 'Bearer realm="casework", error="invalid_request"'}
        return ProblemError(ApiCode.UNAUTHENTICATED, "one_proof", headers=challenge)
    challenge = {"WWW-Authenticate": 'Bearer realm="casework", error="invalid_token"'}
    return ProblemError(ApiCode.UNAUTHENTICATED, "not_accepted", headers=challenge)
