"""The load generator's command line."""

import json
import signal
import subprocess
import threading
import time

from .place import SSELOAD
from .process import Server

# 127 bytes once its placeholders are filled in, the size that all comparisons here were made with.
OPERATION = '{"event":"update","type":"video","id":"$T-$N","parents":["user/7"],"timestamp":"2026-11-22T10:20:30Z"}'
OPERATION_OF_A_TYPE = OPERATION.replace('"video"', '"t$K"')

_HEAD = "POST /ops HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: {}\\r\\nContent-Length: $L\\r\\n\\r\\n"
SINGLE = _HEAD.format("application/json")
NDJSON = _HEAD.format("application/x-ndjson")

_running: list[subprocess.Popen] = []


class LoadError(RuntimeError):
    """The server refused, closed, or did not deliver all; its figures would be worthless."""


class _Stillness:
    """Notices when the whole machine stood still, as a virtual one does while it is saved or moved."""

    LIMIT = 1.5

    def __init__(self) -> None:
        self._longest = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        last = time.monotonic()
        while True:
            time.sleep(0.1)
            now = time.monotonic()
            self._longest = max(self._longest, now - last)
            last = now

    def taken(self) -> bool:
        """Whether it happened since this was last asked."""
        longest, self._longest = self._longest, 0.0
        return longest > self.LIMIT


_stillness = _Stillness()


def _run(arguments: list[str], limit: float) -> dict:
    """One run; another one in its place when the machine stood still meanwhile."""
    for _ in range(3):
        _stillness.taken()
        result = _run_once(arguments, limit)
        if not _stillness.taken():
            break
    return result


def _run_once(arguments: list[str], limit: float) -> dict:
    process = subprocess.Popen([SSELOAD, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _running.append(process)
    try:
        out, err = process.communicate(timeout=limit)
    finally:
        process.kill()
        _running.remove(process)
    if process.returncode:
        raise LoadError(f"sseload {' '.join(arguments)}: {err}")
    result = json.loads(out)
    result["stderr"] = err
    return result


def stop_all() -> None:
    for process in list(_running):
        process.send_signal(signal.SIGKILL)


def run(
    server: Server, *, subscribers: int = 0, publishers: int = 0, messages: int = 0, batch: int = 1, path: str = "/",
    headers: tuple[str, ...] = (), topics: int = 1, fan: float | None = None, window: int = 0, rate: float = 0,
    pipeline: int = 1, expect: int = 0, limit: float = 30, item: str | None = None,
) -> dict:  # fmt: skip
    """Subscribers and publishers in one process against one server; raises unless all arrived and nothing was refused."""
    item = item or (OPERATION_OF_A_TYPE if topics > 1 else OPERATION)
    messages -= messages % batch
    arguments = ["run", "-p", str(server.port), "-S", str(server.pid), "-d", str(limit), "-o"]
    if subscribers:
        arguments += ["-N", str(subscribers), "-q", path]
    for header in headers:
        arguments += ["-x", header]
    if publishers:
        arguments += ["-C", str(publishers), "-n", str(messages), "-b", str(batch), "-P", str(pipeline)]
        arguments += ["-H", NDJSON if batch > 1 else SINGLE, "-I", item, "-k", str(topics)]
    if fan is not None:
        arguments += ["-f", str(fan)]
    if window:
        arguments += ["-W", str(window)]
    if rate:
        arguments += ["-r", str(rate)]
    if expect:
        arguments += ["-e", str(expect)]
    result = _run(arguments, limit + 60)
    _check(result, messages if publishers else 0)
    return result


def _check(result: dict, messages: int) -> None:
    complaint = [
        f"{key}={result[key]}" for key, wanted in (
            ("errors", 0), ("closed", 0), ("acked", messages), ("events", result["expected"]), ("ready", result["connections"]),
        ) if result[key] != wanted
    ]  # fmt: skip
    if complaint:
        raise LoadError(f"{', '.join(complaint)} of {result}")


def udp(server: Server, messages: int, rate: float) -> dict:
    """Datagrams of one operation each, at a fixed rate a second, or as fast as they go with rate 0."""
    limit = 30 + (messages / rate if rate else 0)
    return _run(["udp", str(server.port), str(messages), str(rate), OPERATION], limit)


def sink(port: int, seconds: float) -> subprocess.Popen:
    """A bare receiver; its stdout tells what it counted."""
    process = subprocess.Popen([SSELOAD, "sink", str(port), str(seconds)], stdout=subprocess.PIPE, text=True)
    _running.append(process)
    return process


def sink_result(process: subprocess.Popen) -> dict:
    try:
        return json.loads(process.communicate(timeout=60)[0])
    finally:
        process.kill()
        _running.remove(process)
