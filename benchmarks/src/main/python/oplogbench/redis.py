"""A Redis server: the one on the path, or the binary that the tests' packages bring."""

import shutil
import socket
import time
import zipfile
from pathlib import Path

from .process import Server

PACKAGE = Path.home() / ".m2/repository/com/github/codemonstur/embedded-redis/1.4.4/embedded-redis-1.4.4.jar"
BINARY = "redis-server-6.2.6-v5-linux-amd64"


def started(data: Path) -> Server:
    server = Server(f"{_program(data)} --port {{port}} --save ''", data)
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", server.port), 1).close()
            return server
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"Redis does not listen: {server.output()}")


def _program(data: Path) -> str:
    if found := shutil.which("redis-server"):
        return found
    if not PACKAGE.exists():
        raise RuntimeError(f"no redis-server on the path, and the tests have not fetched {PACKAGE}")
    with zipfile.ZipFile(PACKAGE) as package:
        program = Path(package.extract(BINARY, data))
    program.chmod(0o755)
    return str(program)
