"""Judge once more: `python -m bench.chaos.judge DATABASE_URL TEMPORAL_ADDRESS LOG KEY`, the key of messages in hex."""

import asyncio
import sys
from pathlib import Path

from bench.chaos.judge.verdict import judge

seen = asyncio.run(judge(sys.argv[1], sys.argv[2], Path(sys.argv[3]), bytes.fromhex(sys.argv[4])))
print(*(seen.wrong or ["nothing is wrong"]), sep="\n")
sys.exit(bool(seen.wrong))
