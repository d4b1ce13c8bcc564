from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers import Listener, Oplog

_numbers = itertools.count()


@pytest.fixture
def start_oplog(tmp_path: Path) -> Iterator[Callable[..., Oplog]]:
    """Starts real servers that end with the test."""
    servers: list[Oplog] = []

    def start(*flags: str) -> Oplog:
        folder = tmp_path / f"oplog{next(_numbers)}"
        folder.mkdir()
        servers.append(Oplog(folder, *flags))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def oplog(start_oplog: Callable[..., Oplog]) -> Oplog:
    return start_oplog()


@pytest.fixture(scope="module")
def shared_oplog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oplog]:
    """A server for tests that neither restart it nor are harmed by what others store."""
    server = Oplog(tmp_path_factory.mktemp("oplog"))
    yield server
    server.stop()


@pytest.fixture
def stopping() -> Iterator[Callable[[Listener], None]]:
    """Stops listeners at the end of the test."""
    listeners: list[Listener] = []
    yield listeners.append
    for listener in listeners:
        listener.stop()
