"""A bulk update of one collection beside fifty others: how late their messages are at a subscriber of Redis."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import mongodb, redis
from .figure import Bound, Figure
from .place import JAR, MODULE, free_port
from .process import Server
from .relay import await_begun, launched

if TYPE_CHECKING:
    from .cases import Bench

PROGRAM = MODULE / "src/main/mongodb/FloodDelay.java"
QUIET = "without the flood"
RATE = 20


def flood(bench: "Bench") -> list[Figure]:
    """A million documents are updated while 50 collections change 20 times a second, and the relay reads it all at once."""
    documents = bench.objects
    relay = [Figure("flood", f"from the driver to a subscriber, {documents:,} updates of another collection at once, {name}", "ms", baseline=QUIET) for name in ("p50", "p99")]
    relay[1].aim = Bound("ratio", 3, at_most=True)
    whole = [Figure("flood", f"… from acknowledgement to subscriber, {name}", "ms", baseline=QUIET) for name in ("p50", "p99")]
    rate = Figure("flood", "… updates passed on", "changes/s")
    memory = Figure("flood", "… resident memory at most", "MB")
    for _ in bench.each_round():
        with mongodb.Database(bench.work.fresh("mongodb"), 3 * documents) as database, redis.started(bench.work.fresh("redis")) as target:
            uri, port = database.fresh(), free_port()
            with launched(bench, _through(port, uri), target) as ours, _Measure(ours, uri, target, documents, port) as measure:
                await_begun(ours, 120)
                measure.during("quiet", lambda: time.sleep(5))  # compiles
                quiet = measure.during("quiet", lambda: time.sleep(max(60, bench.seconds)))
                sent = _sent(ours)
                beside = measure.during("flood", lambda: rate.add(_read_at_once(ours, measure, sent, documents)))
                memory.add(ours.memory_kb("VmHWM") / 1e3)
        for figures, way in ((relay, "relay"), (whole, "whole")):
            figures[0].add(beside[way]["p50_ms"], quiet[way]["p50_ms"])
            figures[1].add(beside[way]["p99_ms"], quiet[way]["p99_ms"])
    return [*relay, *whole, rate, memory]


def _read_at_once(relay: Server, measure: "_Measure", sent: int, documents: int) -> float:
    """The relay stands still until all is updated; then how much it passes on a second."""
    relay.send(signal.SIGSTOP)
    measure.answer()
    relay.send(signal.SIGCONT)
    begun = time.monotonic()
    _await_sent(relay, sent + documents)
    return documents / (time.monotonic() - begun)


def _sent(relay: Server) -> int:
    status = relay.status()["relays"][0]
    return status["sent"] + status["conflated"]


def _await_sent(relay: Server, count: int) -> None:
    give_up = time.monotonic() + 900
    while _sent(relay) < count:
        if time.monotonic() > give_up:
            raise RuntimeError(f"not published in time: {relay.output()}")
        time.sleep(0.2)


def _through(port: int, uri: str) -> str:
    host = uri.split("//")[1].split("/")[0]
    return uri.replace(host, f"127.0.0.1:{port}")


class _Measure:
    """FloodDelay, which stands between the database and the relay."""

    def __init__(self, java_of: Server, uri: str, target: Server, documents: int, port: int):
        command = [java_of.java(), "-Xmx512m", "-cp", str(JAR), str(PROGRAM), uri, *map(str, (target.port, documents, RATE, port))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answer()

    def __enter__(self) -> "_Measure":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("FloodDelay has ended")
        return json.loads(line)

    def _say(self, line: str) -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def during(self, phase: str, what: Callable[[], None]) -> dict:
        """The delays while something goes on."""
        self._say(phase)
        what()
        self._say("stop")
        return self.answer()
