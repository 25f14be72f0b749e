"""A real S3 server of our own: SeaweedFS, from its wheel, in a folder that goes with it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import httpx

KEY, SECRET, BUCKET = "casework", "the secret of tests", "evidence"
_PROGRAM = str(Path(sys.executable).with_name("weed"))
_PARTS = ("master", "volume", "filer", "s3")
_ALL = {"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
PATIENCE = 60.0


def _ports(many: int) -> list[int]:
    made = [socket() for _ in range(many)]
    for one in made:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in made]
    for one in made:
        one.close()
    return ports


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Start it, and give the address where it will soon be; it needs some seconds (`ready`)."""
    (folder / "s3.json").write_text(json.dumps({"identities": [_ALL]}))
    ports = _ports(2 * len(_PARTS))
    listen = [f"-{part}.port={port}" for part, port in zip(_PARTS, ports, strict=False)]
    listen += [f"-{part}.port.grpc={port}" for part, port in zip(_PARTS, ports[len(_PARTS) :], strict=True)]
    less = (
        "-iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-volume.minFreeSpace=1MiB",
        "-master.telemetry=false",
    )
    size = ("-volume.max=4", "-master.volumeSizeLimitMB=64")
    command = [_PROGRAM, "server", f"-dir={folder}", "-ip=127.0.0.1", "-s3", f"-s3.config={folder / 's3.json'}"]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([*command, *listen, *less, *size], stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{ports[len(_PARTS) - 1]}"
        finally:
            running.kill()  # it would wait for its peers for half a minute
            running.wait()
            for port in ports:
                for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108  # it puts them nowhere else
                    left.unlink()


def ready(address: str) -> None:
    """Wait until it answers."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            httpx.get(f"{address}/healthz", timeout=5).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def credentials(address: str) -> dict[str, str]:
    """The environment by which `obstore` reaches it."""
    return {
        "AWS_ENDPOINT": address,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }
