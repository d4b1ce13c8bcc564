"""What the drivers have in common about httpx: its settings, its errors, and the sockets below it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeAlias

import httpx

from oplog_client.answers import MAX_PROBLEM_BYTES
from oplog_client.endpoint import Endpoint
from oplog_client.events import shown
from oplog_client.retry import AgainError

Verify: TypeAlias = ssl.SSLContext | bool
"""How the certificate of an ``https`` server is checked."""

CONNECT = 10.0
EXPLANATION = 5.0

BROKEN = (httpx.HTTPError, httpx.StreamError, OSError, ValueError)
"""What a connection may end with; h11 0.14 lets a ValueError of int() through."""


def settings(seconds: float, keep_alive: int) -> dict[str, Any]:
    """Those of a client, and how many connections are kept to be used again: a :class:`Breaker` knows new ones."""
    if not 0 < seconds <= threading.TIMEOUT_MAX:
        raise ValueError(f"a wait must be of more than 0 seconds, and not for ever: {seconds}")
    return {
        "timeout": timeout(seconds),
        "limits": httpx.Limits(max_keepalive_connections=keep_alive),
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
        "follow_redirects": False,
    }


def timeout(seconds: float) -> httpx.Timeout:
    """For each wait; a connection is made sooner, or not at all."""
    return httpx.Timeout(seconds, connect=min(CONNECT, seconds))


def longest(seconds: float) -> float:
    """For all waits of an attempt together: a head may come byte by byte, and never end."""
    return min(2 * seconds, threading.TIMEOUT_MAX)


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
    except (httpx.TimeoutException, asyncio.TimeoutError) as e:
        raise AgainError(f"{endpoint} was silent for too long") from e
    except httpx.ConnectError as e:
        raise AgainError(f"cannot connect to {endpoint}: {shown(str(e))}") from e
    except BROKEN as e:
        raise AgainError(f"the connection to {endpoint} broke: {shown(str(e)) or type(e).__name__}") from e


class Beginning:
    """Of a body that explains an answer: so much as comes in a short time."""

    def __init__(self, request: httpx.Request) -> None:
        self._body = bytearray()
        self._end = time.monotonic() + EXPLANATION
        allow_silence(request, min(EXPLANATION, request.extensions["timeout"]["read"]))

    def add(self, chunk: bytes) -> bool:
        """Whether more is wanted."""
        self._body += chunk
        return len(self._body) < MAX_PROBLEM_BYTES and time.monotonic() < self._end

    @property
    def read(self) -> bytes:
        """What was."""
        return bytes(self._body[:MAX_PROBLEM_BYTES])


class Breaker:
    """Breaks a connection that another thread waits for; httpx has nothing for it. Passed to it as ``trace``."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal's handler may close, too
        self._socket: socket.socket | None = None
        self._broken = False

    def trace(self, name: str, info: dict[str, Any]) -> None:
        """Hears of each socket, and of each one that becomes encrypted."""
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                if self._broken:
                    self._shut()

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What takes longer is broken off."""
        self._broken = False
        timer = threading.Timer(seconds, self.break_off)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def break_off(self) -> None:
        """Ends the connection, or the one that is being made."""
        with self._lock:
            self._broken = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # not SSLSocket's own, which takes its state away from the thread that reads
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
