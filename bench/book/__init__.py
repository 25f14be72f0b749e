"""By the book: the same promises on Temporal's own samples, an activity and a transaction for each part of a move."""
