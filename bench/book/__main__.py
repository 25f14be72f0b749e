"""The worker's process."""

import sys

from bench.book.side import work
from bench.side import run_worker

run_worker(work(*sys.argv[1:]))
