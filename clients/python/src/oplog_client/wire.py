"""What the drivers have in common about httpx: its settings, its errors, and the sockets below it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any, TypeAlias

import httpx

from oplog_client.endpoint import Endpoint
from oplog_client.events import shown
from oplog_client.retry import AgainError

Verify: TypeAlias = ssl.SSLContext | bool
"""How the certificate of an ``https`` server is checked."""

CONNECT = 10.0


def timeout(seconds: float) -> httpx.Timeout:
    """For each wait; a connection is made sooner, or not at all."""
    return httpx.Timeout(seconds, connect=min(CONNECT, seconds))


def allow_silence(request: httpx.Request, seconds: float) -> None:
    """What the answer's head had to come in does not hold for its body."""
    request.extensions["timeout"]["read"] = seconds


@contextlib.contextmanager
def failures(endpoint: Endpoint) -> Iterator[None]:
    """Makes what went wrong with a connection something to be tried again."""
    try:
        yield
    except httpx.ConnectTimeout as e:
        raise AgainError(f"cannot connect to {endpoint}: it does not answer") from e
    except httpx.TimeoutException as e:
        raise AgainError(f"{endpoint} was silent for too long") from e
    except httpx.ConnectError as e:
        raise AgainError(f"cannot connect to {endpoint}: {shown(str(e))}") from e
    except (httpx.HTTPError, httpx.StreamError, OSError, ValueError) as e:  # h11 0.14 lets one of int() through
        raise AgainError(f"the connection to {endpoint} broke: {shown(str(e)) or type(e).__name__}") from e


class Breaker:
    """Breaks a connection that another thread waits for; httpx has nothing for it. Passed to it as ``trace``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: Any = None  # asyncio has a type of its own
        self._broken = False

    def trace(self, name: str, info: dict[str, Any]) -> None:
        """Hears of each socket, and of each one that becomes encrypted."""
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                if self._broken:
                    self._shut()

    async def atrace(self, name: str, info: dict[str, Any]) -> None:
        """As :meth:`trace`."""
        self.trace(name, info)

    def break_off(self) -> None:
        """Ends the connection, or the one that is being made."""
        with self._lock:
            self._broken = True
            self._shut()

    def _shut(self) -> None:
        with contextlib.suppress(OSError):
            if isinstance(self._socket, socket.socket):
                # not SSLSocket's own, which takes its state away from the thread that reads
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            elif self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)
