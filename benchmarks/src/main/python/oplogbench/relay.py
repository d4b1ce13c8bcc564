"""A relay from MongoDB to Redis: what a change costs, and how late its message is."""

import signal
import time
from typing import TYPE_CHECKING

from . import mongodb, redis
from .figure import Bound, Figure
from .process import Server

if TYPE_CHECKING:
    from .cases import Bench

DOCUMENTS = 50_000
CHANGES = 2 * DOCUMENTS
RATE = 100
DRIVER = "the bare driver, which does nothing"


def relay(bench: "Bench") -> list[Figure]:
    """50,000 inserts and as many updates of one field are published; then 100 single writes a second."""
    cpu = Figure("relay", "CPU of a change, MongoDB to Redis", "µs", baseline=DRIVER)
    more = Figure("relay", "… above the bare driver", "µs", aim=Bound("ours", 5, at_most=True))
    rate = Figure("relay", "messages", "changes/s", baseline=DRIVER)
    memory = Figure("relay", "resident memory", "MB")
    p50 = Figure("relay", f"from acknowledgement to subscriber at {RATE} a second, p50", "ms", baseline="to a bare change stream")
    p99 = Figure("relay", "… p99", "ms", baseline="to a bare change stream")
    with mongodb.Database(bench.work.fresh("mongodb")) as database, redis.started(bench.work.fresh("redis")) as target:
        uri = database.fresh()
        with launched(bench, uri, target) as ours:
            await_begun(ours)
            for number in range(bench.rounds + 1):
                seconds, used, begun = _published(ours, uri)
                alone = mongodb.bare(ours, "watch", uri, CHANGES, begun)
                if number:  # the first one compiles
                    cpu.add(used / CHANGES * 1e6, alone["cpu_s"] / CHANGES * 1e6)
                    more.add((used - alone["cpu_s"]) / CHANGES * 1e6)
                    rate.add(CHANGES / seconds, CHANGES / alone["seconds"])
                    memory.add(ours.memory_kb() / 1e3)
            for _ in bench.each_round():
                count = int(RATE * max(bench.seconds, 4))
                late = mongodb.bare(ours, "published", database.fresh(), count, RATE, target.port)
                alone = mongodb.bare(ours, "delay", database.fresh(), count, RATE)
                p50.add(late["p50_ms"], alone["p50_ms"])
                p99.add(late["p99_ms"], alone["p99_ms"])
    return [cpu, more, rate, memory, p50, p99]


def launched(bench: "Bench", uri: str, target: Server) -> Server:
    """A relay that may still wait for its ends."""
    ends = f" relay --from '{_deployment(uri)}' --to redis://127.0.0.1:{target.port} "
    return Server(bench.command.replace(" serve ", ends).replace("--data {data}", ""), bench.work.fresh("relay"))


def await_begun(relay: Server, limit: float = 60) -> None:
    relay.await_ready(limit)
    give_up = time.monotonic() + limit
    while not relay.status()["relays"][0]["position"]:
        if time.monotonic() > give_up:
            raise RuntimeError(f"the relay does not begin: {relay.output()}")
        time.sleep(0.05)


def _deployment(uri: str) -> str:
    """All databases: a new one is used for each measurement."""
    base, _, query = uri.partition("?")
    return base.rpartition("/")[0] + "/?" + query


def _published(relay: Server, uri: str) -> tuple[float, float, int]:
    """Seconds until everything is published, processor seconds of the relay, and when it began in the database's time."""
    sent = relay.status()["relays"][0]["sent"]
    relay.send(signal.SIGSTOP)
    begun = mongodb.bare(relay, "load", uri, DOCUMENTS)["time"]
    used, start = relay.cpu_seconds(), time.monotonic()
    relay.send(signal.SIGCONT)
    while relay.status()["relays"][0]["sent"] < sent + CHANGES:
        if time.monotonic() - start > 300:
            raise RuntimeError(f"not published in time: {relay.output()}")
        time.sleep(0.02)
    return time.monotonic() - start, relay.cpu_seconds() - used, begun
