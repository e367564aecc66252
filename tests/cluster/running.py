"""A Ray cluster on loopback for tests: each machine of it is a session of processes that can be killed at once."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

STORE = 100_000_000  # bytes of shared memory a machine
# A token: without one, whoever reaches the cluster's ports may run code in it. No kept readings: all is computed anew.
ALONE = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_USAGE_STATS_ENABLED": "0"}


@dataclass
class Running:
    """A head that lends one core, and machines that were added to it."""

    address: str
    folder: Path
    machines: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add(self, *options: str) -> int:
        """Start a machine that lends one core, and return its process id, which is the session id of all it runs."""
        command = [Path(sys.executable).parent / "ray", "start", "--block", "--node-ip-address=127.0.0.1"]
        command += ["--num-cpus=1", f"--object-store-memory={STORE}", *options]
        with (self.folder / f"log-{len(self.machines)}").open("wb") as log:
            machine = subprocess.Popen(command, start_new_session=True, stdout=log, stderr=log)
        self.machines.append(machine)
        return machine.pid

    def add_second(self) -> int:
        """Start a machine beside the head."""
        return self.add(f"--address={self.address}")

    def log(self) -> str:
        """Return what the machines said, for a failing test."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("log-*")))


@contextmanager
def cluster() -> Iterator[Running]:
    """Start a head; at the end kill whatever belongs to the cluster."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="mnist-cn-ray-", dir="/tmp"))  # a socket's path is short: 107 bytes
    running = Running(f"127.0.0.1:{port}", folder)
    try:
        running.add("--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={folder}")
        yield running
    finally:
        for machine in running.machines:
            kill(machine.pid)
            machine.wait()
        shutil.rmtree(folder, ignore_errors=True)


def kill(session: int) -> None:
    """Kill all processes of a machine at once, as a power cut does."""
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        return
