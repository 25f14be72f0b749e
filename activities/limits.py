"""How long does a caller wait, and a commit take? The times that must stand in this order."""

from datetime import timedelta

# A commit takes no longer; and a worker that dies inside one is noticed after this time.
LONGEST_COMMIT = TASK_TIMEOUT = timedelta(seconds=5)
# A command that waited longer is refused by the commit.
WANTED = timedelta(seconds=10)
# The desk waits so much longer, for the last commit that began before.
GRACE = LONGEST_COMMIT
# An answer over HTTP takes no longer, in seconds. `store/wake.py` looks after answers that nobody received by then.
LONGEST_ANSWER = (WANTED + GRACE).total_seconds() + 2
