"""The life that every side lives: submit, claim, decide; with an appeal also appeal, claim, overturned."""

from datetime import timedelta

# How long a verdict can be appealed where nobody appeals.
WINDOW = timedelta(seconds=1)
REGION = "VN"
DETAILS = "On their stream of Friday they offered kim a bonus for leaving us, at 20:14 and again at 20:31."
REASONS = "The recording shows the offer; it was repeated after the creator had declined."
# Seniors, who may claim both reports and appeals.
SENIORS = 8
# How many violations an agency has when the bench is over; the last of them are those that restrict.
VIOLATIONS = 5


def agencies(lives: int) -> int:
    """How many agencies so many lives need."""
    return lives // VIOLATIONS + 2


def parties(number: int, of: int) -> tuple[int, int]:
    """The agency that reports and the one that is reported in a life, of so many agencies."""
    filer = number % of
    return filer, (filer + 1 + number // of) % of


def severity(number: int) -> str:
    """A life's verdict: half of them bring a restriction, half only a warning."""
    return ("mild", "moderate")[number % 2]
