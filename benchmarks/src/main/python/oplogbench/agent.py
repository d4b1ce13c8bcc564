"""An agent before a central server: what its spool passes on, and how late that is."""

import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

from . import load
from .figure import Figure
from .process import Server

if TYPE_CHECKING:
    from .cases import Bench

OPERATIONS = 200_000
BATCH = 5000
RATE = 20


def agent(bench: "Bench") -> list[Figure]:
    """A backlog of 200,000 operations is passed on to a central server that was away; then 20 a second go through."""
    rate = Figure("agent", f"backlog of {OPERATIONS:,} passed on", "operations/s", baseline="to the server itself")
    cpu = Figure("agent", "… agent's CPU", "s per million operations", baseline="the server's own")
    p50 = Figure("agent", "from a producer's request to the central server's socket, p50", "ms", baseline="to the server itself")
    p99 = Figure("agent", "… p99", "ms", baseline="to the server itself")
    with bench.ours("central") as central, _started(bench, central) as spool:
        load.run(central, publishers=1, messages=OPERATIONS, batch=BATCH, limit=60)
        for number in range(bench.rounds + 1):
            ours = _drain(spool, central)
            bare = _direct(central)
            if number:  # the first one compiles
                rate.add(ours[0], bare[0])
                cpu.add(ours[1], bare[1])
        for target in (spool, central):
            _delays(target, central, RATE)
        for _ in bench.each_round():
            count = int(RATE * max(bench.seconds, 4))
            ours, bare = _delays(spool, central, count), _delays(central, central, count)
            p50.add(ours[len(ours) // 2], bare[len(bare) // 2])
            p99.add(ours[len(ours) * 99 // 100], bare[len(bare) * 99 // 100])
    return [rate, cpu, p50, p99]


def _started(bench: "Bench", central: Server) -> Server:
    command = bench.command.replace(" serve ", f" agent --to http://127.0.0.1:{central.port} ").replace("--data", "--spool")
    spool = Server(command, bench.work.fresh("agent"))
    spool.await_ready()
    return spool


def _drain(spool: Server, central: Server) -> tuple[float, float]:
    """Operations a second, and processor seconds of the agent for a million of them."""
    sent = spool.status()["relays"][0]["sent"]
    central.send(signal.SIGSTOP)
    load.run(spool, publishers=16, messages=OPERATIONS, batch=100, limit=60)
    cpu, start = spool.cpu_seconds(), time.monotonic()
    central.send(signal.SIGCONT)
    while spool.status()["relays"][0]["sent"] < sent + OPERATIONS:
        time.sleep(0.01)
    seconds = time.monotonic() - start
    return OPERATIONS / seconds, (spool.cpu_seconds() - cpu) / OPERATIONS * 1e6


def _direct(central: Server) -> tuple[float, float]:
    cpu = central.cpu_seconds()
    acked = load.run(central, publishers=1, messages=OPERATIONS, batch=BATCH, limit=60)["acked_per_s"]
    return acked, (central.cpu_seconds() - cpu) / OPERATIONS * 1e6


def _delays(to: Server, central: Server, count: int) -> list[float]:
    """Milliseconds from before each request until its operation is at the central server's socket, sorted."""
    arrived: dict[str, float] = {}
    stream = socket.create_connection(("127.0.0.1", central.port), 30)
    stream.sendall(b"GET /ops HTTP/1.1\r\nHost: x\r\n\r\n")
    ready = threading.Event()
    reader = threading.Thread(target=_read_ids, args=(stream, count, ready, arrived))
    reader.start()
    ready.wait(30)
    asked = {}
    start = time.monotonic()
    for i in range(count):
        time.sleep(max(0.0, start + i / RATE - time.monotonic()))
        name = f"{time.monotonic_ns():019}"
        asked[name] = time.monotonic()
        to.post(load.OPERATION.replace("$T", name).replace("$N", "0" * 10))
    reader.join()
    stream.close()
    return sorted((arrived[name] - asked[name]) * 1e3 for name in asked)


def _read_ids(stream: socket.socket, count: int, ready: threading.Event, arrived: dict[str, float]) -> None:
    rest = b""
    while len(arrived) < count:
        data = stream.recv(65536)
        if not data:
            return
        ready.set()
        now = time.monotonic()
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: ") and b'"id":"' in line:
                arrived.setdefault(line.split(b'"id":"')[1].split(b"-")[0].decode(), now)
