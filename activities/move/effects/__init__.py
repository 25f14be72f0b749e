"""What does each move do? Every effect that a table names, as a small function `(scene, case, move) -> None`."""

from activities.move.effects import announce, appeals, charges, evidence, filing, review, verdicts, window
from activities.move.scene import Effect

EFFECTS: dict[str, Effect] = {
    effect.__name__: effect
    for effect in (
        filing.take_slot,
        filing.give_slot_back,
        filing.keep_words,
        filing.file_report,
        filing.bar_deciders,
        evidence.bring_evidence,
        filing.file_appeal,
        review.start_review,
        review.take,
        review.let_go,
        review.escalate,
        review.raise_incident,
        review.ask,
        review.answer,
        review.stop_asking,
        review.note,
        review.summarise,
        review.review_again,
        verdicts.propose,
        verdicts.pronounce,
        verdicts.approve,
        verdicts.reject,
        verdicts.lapse,
        verdicts.judge,
        verdicts.overturn,
        verdicts.set_aside,
        charges.charge,
        charges.modify,
        charges.take_back,
        window.open_window,
        announce.announce,
        announce.announce_withdrawal,
        announce.announce_again,
        announce.announce_appeal,
        announce.announce_review,
        announce.announce_set_aside,
        appeals.contest,
        appeals.bar,
        appeals.start_held_appeal,
        appeals.end_held_appeal,
        appeals.release_report,
        appeals.answer_report,
    )
}
