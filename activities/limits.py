"""How long may a commit take, and a caller wait? Times that depend on each other."""

from datetime import timedelta

# A commit takes no longer; and a worker that dies inside one is noticed after this time (by default after 10 s).
LONGEST_COMMIT = TASK_TIMEOUT = timedelta(seconds=5)
# A command that waited longer is refused by the commit.
WANTED = timedelta(seconds=10)
# The desk waits so much longer, for the last commit that began before.
GRACE = LONGEST_COMMIT
# An answer over HTTP takes no longer, in seconds. `store/wake.py` looks after answers that nobody received by then.
LONGEST_ANSWER = (WANTED + GRACE).total_seconds() + 2
