from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import certifi
import pytest
from servers import Listener, Oplog

_numbers = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def _one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """To read all that are trusted takes each client longer than most tests do; none is looked at."""
    found = re.search(r"-----BEGIN.*?-----END CERTIFICATE-----\n", Path(certifi.where()).read_text("utf-8"), re.DOTALL)
    assert found
    file = tmp_path_factory.mktemp("certificates") / "one.pem"
    file.write_text(found[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


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
