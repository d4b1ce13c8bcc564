"""How fast events are consumed, beside a loop that does the least; and that memory stays as it is.

It serves a replication itself, from a process beside it, so that the server is not what is measured.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import socket
import sys
import time
from collections.abc import Callable

import httpx

from oplog_client import Live, follow

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
EVENT = (
    "id: 6920c0de0001{0:012x}\nevent: insert\n"
    'data: {{"timestamp":"2014-11-06T11:04:39.041Z","parents":["user/u{0}"],"type":"video","id":"x{0}"}}\n\n'
)
LIVE = "id: 6920c0de0001{0:012x}\nevent: live\ndata: {{}}\n\n"


def serve(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(HEAD)
            for start in range(1, EVENTS + 1, 1000):
                end = min(start + 1000, EVENTS + 1)
                connection.sendall("".join(map(EVENT.format, range(start, end))).encode())
            connection.sendall(LIVE.format(EVENTS).encode())


def loop(url: str) -> int:
    """The least: splits blocks, and reads each data."""
    count = 0
    rest = b""
    with httpx.stream("GET", url + "/ops", headers={"Last-Event-ID": "0"}, timeout=60) as answer:
        for chunk in answer.iter_raw():
            *blocks, rest = (rest + chunk).split(b"\n\n")
            for block in blocks:
                for line in block.split(b"\n"):
                    if line.startswith(b"data: "):
                        json.loads(line[6:])
                        count += 1
    return count


def library(url: str) -> int:
    with follow(url, from_="0") as stream:
        for count, event in enumerate(stream, 1):
            if isinstance(event, Live):
                return count
    return 0


def library_acknowledging(url: str) -> int:
    with follow(url, from_="0") as stream:
        for count, event in enumerate(stream, 1):
            stream.acknowledge(event)
            if isinstance(event, Live):
                return count
    return 0


def rate(consume: Callable[[str], int], url: str) -> float:
    began = time.perf_counter()
    count = consume(url)
    assert count == EVENTS + 1
    return count / (time.perf_counter() - began)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    server = multiprocessing.get_context("fork").Process(target=serve, args=(listener,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        before = peak()
        best = {}
        for consume in (library, library_acknowledging, loop):
            best[consume] = max(rate(consume, url) for _ in range(2))
            print(f"{consume.__name__}: {best[consume]:,.0f} events/s; peak {peak():.1f} MiB (was {before:.1f})")
        print(f"ratio: {best[library] / best[loop]:.2f}")
        print(f"ratio, acknowledging: {best[library_acknowledging] / best[loop]:.2f}")
    finally:
        server.kill()


if __name__ == "__main__":
    main()
