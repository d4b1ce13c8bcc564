"""A MongoDB server for the cases of the shared log, and the bare driver on it."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path

from .place import JAR, MODULE
from .process import Server

STAND_IN = Path.home() / ".cache/oplog-test/SecantusDB-0.7.0b3/bin/secantusd-py"
BARE = MODULE / "src/main/mongodb/BareDriver.java"


class Database:
    """The server that OPLOG_TEST_MONGODB_URI names, or the stand-in that the tests have installed."""

    def __init__(self, data: Path, entries: int = 1_000_000):
        given = os.environ.get("OPLOG_TEST_MONGODB_URI")
        self._server = None if given else _stand_in(data, entries)
        self._base, _, query = (given or f"mongodb://127.0.0.1:{self._server.port}?directConnection=true&serverMonitoringMode=poll").partition("?")
        self._query = f"?{query}" if query else ""
        self._names = 0
        self._prefix = f"bench{os.getpid()}x"

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.stop()

    def fresh(self) -> str:
        """The address of a database that nobody has used."""
        self._names += 1
        return f"{self._base.rstrip('/')}/{self._prefix}{self._names}{self._query}"


def _stand_in(data: Path, entries: int) -> Server:
    if not STAND_IN.exists():
        raise RuntimeError(f"no MongoDB: set OPLOG_TEST_MONGODB_URI, or let the tests install {STAND_IN}")
    server = Server(f"{STAND_IN} --port {{port}} --storage-path {{data}}/db --oplog-max-entries {entries}", data)
    _await_listening(server)
    return server


def _await_listening(server: Server, limit: float = 30) -> None:
    give_up = time.monotonic() + limit
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port), 1).close()
            return
        except OSError:
            if time.monotonic() > give_up:
                raise RuntimeError(f"the database does not listen: {server.output()}") from None
            time.sleep(0.02)


def bare(java_of: Server, action: str, uri: str, *numbers: int) -> dict:
    """What the driver alone reaches, in the Java that runs one of our servers; see BareDriver."""
    command = [java_of.java(), "-cp", str(JAR), str(BARE), action, uri, *map(str, numbers)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if run.returncode:
        raise RuntimeError(f"{action}: {run.stderr[-1000:]}")
    return json.loads(run.stdout.strip().splitlines()[-1])
