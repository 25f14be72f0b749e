"""Has a caller shown a second factor, and how long ago?"""

from datetime import datetime, timedelta

from desk.identity.caller import SECOND_FACTOR, Caller, Via
from desk.refusal import ApiCode, ProblemError

# A second factor shown in a browser, or a login at a provider, counts so long as fresh for grave acts.
STEP_UP = timedelta(minutes=10)


def must_have_shown(caller: Caller) -> None:
    """Staff always need a second factor, a session whatever its account has.

    Raises:
        ProblemError: `second_factor_required`.
    """
    if caller.second_factor_at is None and (caller.actor.role in SECOND_FACTOR or caller.via is Via.SESSION):
        raise ProblemError(ApiCode.SECOND_FACTOR_REQUIRED, "second_factor_first")


def must_be_fresh(caller: Caller, now: datetime) -> None:
    """Ask a browser's session for a fresh second factor, or for a fresh login of a person who has none.

    A key is not asked; a provider's token only where it says when its person logged in. `now` is real time.

    Raises:
        ProblemError: `step_up_required`.
    """
    if caller.via is Via.API_KEY or (caller.via is Via.TOKEN and caller.logged_in_at is None):
        return
    shown = caller.second_factor_at if caller.via is Via.SESSION else caller.logged_in_at
    if shown is None or now - shown > STEP_UP:
        raise ProblemError(ApiCode.STEP_UP_REQUIRED, "second_factor_again")
