"""Where things are, and what has to be built before anything can be measured."""

import os
import resource
import shutil
import socket
import subprocess
from pathlib import Path

MODULE = Path(__file__).resolve().parents[4]
ROOT = MODULE.parent
TARGET = MODULE / "target"
SSELOAD = TARGET / "sseload"
JAR = ROOT / "server/target/oplog.jar"
LAUNCHER = ROOT / "oplog"


def build_sseload() -> None:
    """Compiles the load generator when it is missing or older than its source."""
    source = MODULE / "src/main/c/sseload.c"
    if SSELOAD.exists() and SSELOAD.stat().st_mtime >= source.stat().st_mtime:
        return
    TARGET.mkdir(exist_ok=True)
    subprocess.run(["cc", "-O2", "-Wall", "-pthread", "-o", SSELOAD, source], check=True)


def build_program() -> None:
    """Lets the launcher build what is missing or old: the jar and its class cache."""
    subprocess.run([LAUNCHER, "--version"], check=True, stdout=subprocess.DEVNULL)


def raise_file_limit() -> int:
    """Raises the soft limit on open files, which servers started from here inherit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port() -> int:
    """A port that is free for TCP and UDP at this moment."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Work:
    """A directory for data of one run, empty at first and gone at the end. On the disk that is to be measured."""

    def __init__(self, parent: Path):
        self.path = parent / f"work-{os.getpid()}"
        self.path.mkdir(parents=True)
        self._next = 0

    def fresh(self, name: str) -> Path:
        self._next += 1
        path = self.path / f"{self._next:03d}-{name}"
        path.mkdir()
        return path

    def close(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
