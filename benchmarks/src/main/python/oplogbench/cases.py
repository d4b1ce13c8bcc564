"""One function a row of the table: it measures and returns its figures."""

import re
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import load, mongodb
from .agent import agent
from .figure import Bound, Figure
from .place import Work
from .process import Server, bare
from .flood import flood
from .relay import relay
from .sync import sync

# The launcher sets the default JVM flags; a jar that is named is not looked at for being old.
PROGRAM = "{root}/oplog serve --listen 127.0.0.1:{{port}} --data {{data}}"


@dataclass(frozen=True)
class Bench:
    """What a case needs to run: how long, how often, where, and which server."""

    work: Work
    command: str
    rounds: int
    seconds: float
    window: int
    objects: int
    say: Callable[[str], None]

    def ours(self, name: str, **options: object) -> Server:
        """Our server, ready, on a fresh directory."""
        server = self.on(self.work.fresh(name), **options)
        server.await_ready()
        return server

    def on(self, data: Path, **options: object) -> Server:
        return Server(self.command, data, **options)

    def bare(self, **options: object) -> Server:
        """A bare server; a new one for each round, since it keeps all it got in memory."""
        return bare(self.work.fresh("bare"), **options)

    def each_round(self) -> range:
        return range(self.rounds)


def _settle(server: Server) -> None:
    """Lets the server finish what the last round left, so that it does not run beside the next one."""
    server.await_folded()
    time.sleep(0.3)


def _messages(bench: Bench, sample: dict, key: str) -> int:
    """How many messages last as long as a round should, by the rate of a sample."""
    return max(200, int(sample["published"] / sample[key] * bench.seconds) // 100 * 100)


# ---- fan-out ----

FANOUT = {1000: (Bound("ratio", 0.3), Bound("ratio", 0.5)), 10000: (Bound("ratio", 0.35), Bound("ratio", 0.55))}


def fanout(bench: Bench, subscribers: int) -> list[Figure]:
    """16 producers with one operation a request, so many of them on the way to the subscribers at once."""
    name = f"fanout-{subscribers}"
    rate = Figure(name, f"fan-out to {subscribers:,}, flat out", "deliveries/s", *FANOUT[subscribers], "bare-c")
    cpu = Figure(name, "… server CPU", "s per million deliveries", aim=Bound("ours", 1.2, True), baseline="bare-c")

    def measure(server: Server, messages: int) -> dict:
        return load.run(server, subscribers=subscribers, publishers=16, messages=messages, window=bench.window)

    def sized(server: Server) -> int:
        messages = 400_000 // subscribers
        for _ in range(3):  # the first ones, in which code is still being compiled, are far too low
            messages = _messages(bench, measure(server, messages), "secs")
        return messages

    with bench.ours(name) as server:
        with bench.bare(coalesce=True) as limit:
            theirs = sized(limit)
        ours = sized(server)
        for _ in bench.each_round():
            a = measure(server, ours)
            _settle(server)
            with bench.bare(coalesce=True) as limit:
                b = measure(limit, theirs)
            rate.add(a["events_per_s"], b["events_per_s"])
            cpu.add(_cpu_per_million(a), _cpu_per_million(b))
    return [rate, cpu]


def _cpu_per_million(sample: dict) -> float:
    return sample["server_cpu_s"] / (sample["events"] / 1e6)


def paced(bench: Bench) -> list[Figure]:
    """How long an operation takes from the producer to each of 1,000 subscribers that have nothing else to do."""
    name = "paced-1000"
    p50 = Figure(name, "1,000 subscribers at 20 a second, p50", "ms", Bound("ratio", 1.8, True), Bound("ratio", 1.3, True), "bare")
    p99 = Figure(name, "… p99", "ms", Bound("ratio", 3, True), Bound("ratio", 2, True), "bare")

    def measure(server: Server, seconds: float) -> dict:
        return load.run(server, subscribers=1000, publishers=1, messages=int(20 * seconds), rate=20, limit=seconds + 10)

    with bench.ours(name) as server:
        load.run(server, subscribers=1000, publishers=16, messages=2000, window=bench.window)
        measure(server, 2)
        for _ in bench.each_round():
            a = measure(server, max(bench.seconds, 4))
            with bench.bare() as limit:
                b = measure(limit, max(bench.seconds, 4))
            p50.add(a["lat_p50_ms"], b["lat_p50_ms"])
            p99.add(a["lat_p99_ms"], b["lat_p99_ms"])
    return [p50, p99]


def narrow(bench: Bench) -> list[Figure]:
    """Each subscriber asks for a type of its own; the rate must not depend on how many others there are."""
    figure = Figure("narrow", "subscribers on a type of their own: 10,000 types beside 100, durable", "operations/s",
                    Bound("ratio", 0.8), Bound("ratio", 0.95), "100 types")  # fmt: skip
    absolute = Figure("narrow", "… with 10,000 types", "operations/s", aim=Bound("ours", 35_000))

    def measure(server: Server, topics: int, messages: int) -> dict:
        return load.run(server, subscribers=topics, publishers=64, messages=messages, topics=topics, fan=1, path="/?types=t$K")

    with bench.ours("narrow") as server:
        measure(server, 100, 20_000)
        messages = _messages(bench, measure(server, 100, 40_000), "secs")
        measure(server, 10_000, 20_000)
        for _ in bench.each_round():
            _settle(server)
            many = measure(server, 10_000, messages)
            _settle(server)
            few = measure(server, 100, messages)
            figure.add(many["events_per_s"], few["events_per_s"])
            absolute.add(many["events_per_s"])
    return [figure, absolute]


# ---- ingest ----

SINGLE = {1: (0.3, 0.55), 16: (0.35, 0.7), 64: (0.4, 0.7)}


def ingest_single(bench: Bench) -> list[Figure]:
    """One operation a request, each acknowledged once it is on the disk."""
    figures = []
    with bench.ours("ingest-single") as server:
        load.run(server, publishers=64, messages=40_000)
        for connections, (at_least, aim) in SINGLE.items():
            what = f"durable ingest, single operations, {connections} connection{'s' if connections > 1 else ''}"
            figure = Figure("ingest-single", what, "acknowledged/s", Bound("ratio", at_least), Bound("ratio", aim), "bare-f")
            _ingest_rounds(bench, server, figure, connections)
            figures.append(figure)
    return figures


def _ingest_rounds(bench: Bench, server: Server, figure: Figure, connections: int) -> None:
    def measure(target: Server, messages: int) -> dict:
        return load.run(target, publishers=connections, messages=messages)

    ours = _messages(bench, measure(server, 500 * connections), "publish_s")
    with bench.bare(durable=True) as limit:
        theirs = _messages(bench, measure(limit, 500 * connections), "publish_s")
    for _ in bench.each_round():
        _settle(server)
        a = measure(server, ours)
        _settle(server)
        with bench.bare(durable=True) as limit:
            figure.add(a["acked_per_s"], measure(limit, theirs)["acked_per_s"])


SYNCS = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,msync,syncfs", "-o")


def ingest_syncs(bench: Bench) -> list[Figure]:
    """Counted with strace, which stops the process at these calls only. Without strace there is no figure."""
    if not shutil.which("strace"):
        bench.say("ingest-syncs: needs strace, left out")
        return []
    figure = Figure("ingest-syncs", "syncs for 800 operations from 16 connections", "syncs",
                    Bound("ours", 80, True), Bound("ours", 55, True), "bare-f")  # fmt: skip
    with bench.ours("syncs", prefix=(*SYNCS, str(bench.work.path / "syncs.txt"))) as server:
        load.run(server, publishers=16, messages=16_000)
        for _ in bench.each_round():
            ours = _syncs_of_800(server, bench.work.path / "syncs.txt")
            trace = bench.work.path / "bare-syncs.txt"
            with bench.bare(durable=True, prefix=(*SYNCS, str(trace))) as limit:
                figure.add(ours, _syncs_of_800(limit, trace))
    return [figure]


def _syncs_of_800(server: Server, trace: Path) -> int:
    """Calls begun between the first request and the last acknowledgement."""
    time.sleep(1)
    before = _sync_count(trace)
    load.run(server, publishers=16, messages=800)
    return _sync_count(trace) - before


def _sync_count(trace: Path) -> int:
    return len(re.findall(r"^\d+ +\w*sync\w*\(", trace.read_text(), re.MULTILINE))


def ingest_batch(bench: Bench) -> list[Figure]:
    """NDJSON bodies of 100 operations, every object new; `folded` counts until the states have reached the head."""
    name = "ingest-batch"
    acked = Figure(name, "durable ingest, batches of 100, 16 connections", "acknowledged/s",
                   Bound("ours", 200_000), Bound("ours", 500_000), "bare-f")  # fmt: skip
    folded = Figure(name, "… until the states have reached the head", "folded/s", Bound("ours", 120_000), Bound("ours", 250_000))
    cpu = Figure(name, "… server CPU, states included", "s per million operations", baseline="bare-f")

    def measure(target: Server, messages: int) -> dict:
        return load.run(target, publishers=16, messages=messages, batch=100)

    with bench.ours(name) as server:
        measure(server, 400_000)
        ours = _messages(bench, measure(server, 400_000), "publish_s")
        with bench.bare(durable=True) as limit:
            theirs = _messages(bench, measure(limit, 400_000), "publish_s")
        for _ in bench.each_round():
            _settle(server)
            start, burnt = time.monotonic(), server.cpu_seconds()
            a = measure(server, ours)
            folded.add(a["acked"] / (server.await_folded() - start - _OPENING))
            burnt = server.cpu_seconds() - burnt
            with bench.bare(durable=True) as limit:
                b = measure(limit, theirs)
            acked.add(a["acked_per_s"], b["acked_per_s"])
            cpu.add(burnt / a["acked"] * 1e6, b["server_cpu_s"] / b["acked"] * 1e6)
    return [acked, folded, cpu]


_OPENING = 0.5  # sseload waits so long between connecting and publishing


# ---- UDP ----


def udp(bench: Bench) -> list[Figure]:
    """Datagrams of one operation. Lost is what was sent and is not in the log a moment later."""
    seconds = max(bench.seconds, 2)
    slow = Figure("udp", "UDP at 100,000 a second, lost", "operations of each million", Bound("worst", 0, True))
    fast = Figure("udp", "UDP at 200,000 a second, lost", "operations of each million", aim=Bound("worst", 0, True))
    flood = Figure("udp", "UDP flood", "stored/s", aim=Bound("ratio", 0.4), baseline="bare sink")
    with bench.ours("udp") as server:
        _datagrams(server, int(100_000 * seconds), 100_000)
        for _ in bench.each_round():
            for figure, rate in ((slow, 100_000), (fast, 200_000)):
                sent, stored, _ = _datagrams(server, int(rate * seconds), rate)
                figure.add((sent - stored) * 1e6 / sent)
            _, stored, taken = _datagrams(server, int(500_000 * seconds), 0)
            flood.add(stored / taken, _bare_flood(bench, int(500_000 * seconds)))
    return [slow, fast, flood]


def _datagrams(server: Server, messages: int, rate: float) -> tuple[int, int, float]:
    """Sent, stored, and the seconds until the last was stored."""
    _settle(server)
    before = server.status()["events_ingested"]
    start = time.monotonic()
    sent = load.udp(server, messages, rate)["sent"]
    stored, last = server.status()["events_ingested"] - before, time.monotonic()
    while stored < sent and time.monotonic() - last < 1:
        time.sleep(0.02)
        now = server.status()["events_ingested"] - before
        if now > stored:
            stored, last = now, time.monotonic()
    return sent, stored, last - start


def _bare_flood(bench: Bench, messages: int) -> float:
    with bench.bare() as stranger:  # for its port alone, which is free for UDP
        process = load.sink(stranger.port, 60)
        time.sleep(0.2)
        load.udp(stranger, messages, 0)
        return load.sink_result(process)["received_per_s"]


# ---- reading the past ----

SMALL_HEAP = {"OPLOG_JAVA_OPTS": "-Xmx64m"}


def replay(bench: Bench) -> list[Figure]:
    """200,000 operations of the log to one consumer that resumes from the first."""
    operations = 200_000
    rate = Figure("replay", "replay of 200,000 operations to one", "events/s",
                  Bound("ours", 700_000), Bound("ours", 2_000_000), "bare")  # fmt: skip
    memory = Figure("replay", "… peak of memory above before, heap of 64 MB", "MB", Bound("ours", 32, True))
    with bench.ours("replay", env=SMALL_HEAP) as server, bench.bare(coalesce=True) as limit:
        first = server.post(load.OPERATION.replace("$T", "0" * 19).replace("$N", "0" * 10))
        for target in (server, limit):
            load.run(target, publishers=16, messages=operations, batch=100)
        _read_rounds(bench, server, limit, rate, memory, operations, first)
    return [rate, memory]


def replicate(bench: Bench) -> list[Figure]:
    """1,000,000 object states to one consumer that starts from 0."""
    objects = 1_000_000
    rate = Figure("replicate", "replication of 1,000,000 states to one", "events/s",
                  Bound("ours", 700_000), Bound("ours", 2_000_000), "bare")  # fmt: skip
    memory = Figure("replicate", "… peak of memory above before, heap of 64 MB", "MB", Bound("ours", 32, True))
    with bench.ours("replicate", env=SMALL_HEAP) as server, bench.bare(coalesce=True) as limit:
        for target in (server, limit):
            load.run(target, publishers=16, messages=objects, batch=100, limit=60)
        _read_rounds(bench, server, limit, rate, memory, objects, "0")
    return [rate, memory]


def _read_rounds(bench: Bench, server: Server, limit: Server, rate: Figure, memory: Figure, events: int, since: str) -> None:
    def measure(target: Server, path: str, headers: tuple[str, ...] = ()) -> float:
        return load.run(target, subscribers=1, path=path, headers=headers, expect=events)["events_per_s"]

    _settle(server)
    for _ in range(3):
        measure(server, "/", (f"Last-Event-ID: {since}",))
    for _ in bench.each_round():
        before = server.memory_kb()
        server.forget_peak_memory()
        ours = measure(server, "/", (f"Last-Event-ID: {since}",))
        memory.add((server.memory_kb("VmHWM") - before) / 1024)
        rate.add(ours, measure(limit, "/?all"))


# ---- memory and start ----


def idle(bench: Bench) -> list[Figure]:
    """Resident memory that 10,000 subscribers add who are sent nothing; a fresh process for each round."""
    figure = Figure("idle", "an idle subscriber, of 10,000", "bytes resident",
                    Bound("ours", 8192, True), Bound("ours", 4096, True), "bare")  # fmt: skip
    for _ in bench.each_round():
        with bench.ours("idle") as server:
            ours = _resident(server, Server.collect_garbage)
        with bench.bare() as limit:
            figure.add(ours, _resident(limit, lambda _: None))
    return [figure]


def _resident(server: Server, collect: Callable[[Server], None]) -> float:
    load.run(server, subscribers=100, publishers=1, messages=1000)
    time.sleep(0.5)
    collect(server)
    before = server.memory_kb()
    subscribers = [_subscribe(server.port) for _ in range(10_000)]
    try:
        collect(server)
        return (server.memory_kb() - before) * 1024 / len(subscribers)
    finally:
        for subscriber in subscribers:
            subscriber.close()


def _subscribe(port: int) -> socket.socket:
    """A connection that has got its response head."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
    answer = connection.recv(4096)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise load.LoadError(f"refused: {answer[:300]!r}")
    return connection


def start(bench: Bench) -> list[Figure]:
    """From the launcher's exec to /readyz saying 200, on copies of the same three directories."""
    operations = 1_000_000
    figures = [
        Figure("start", f"start, {what}", "s", Bound("ours", limit, True), Bound("ours", 0.5, True))
        for what, limit in (
            ("empty store", 0.8), (f"{operations:,} operations, clean stop", 1.2), (f"{operations:,} operations, killed", 1.2),
        )
    ]  # fmt: skip
    kept = [bench.work.fresh("empty")]
    for how in (signal.SIGTERM, signal.SIGKILL):
        kept.append(_filled(bench, operations, how))
    for figure in figures:
        _started(bench, kept[figures.index(figure)])
    for _ in bench.each_round():
        for figure, data in zip(figures, kept):
            figure.add(_started(bench, data))
    return figures


def _filled(bench: Bench, operations: int, how: signal.Signals) -> Path:
    with bench.ours("filled") as server:
        load.run(server, publishers=16, messages=operations, batch=100, limit=60)
        server.stop(how)
        return server.data


def _started(bench: Bench, template: Path) -> float:
    data = bench.work.fresh("copy")
    shutil.copytree(template, data, dirs_exist_ok=True)
    with bench.on(data) as server:
        taken = server.await_ready()
        server.stop(signal.SIGKILL)
    shutil.rmtree(data)
    return taken


# ---- a log that several agents share ----


def shared_ingest(bench: Bench) -> list[Figure]:
    """Single operations from 16 connections in all, to one agent and to three; the bare driver then inserts as many blocks as large."""
    figures = []
    with mongodb.Database(bench.work.fresh("mongodb")) as database:
        for agents in (1, 3):
            figures += _shared_ingest(bench, database, agents)
    return figures


def _shared_ingest(bench: Bench, database: mongodb.Database, agents: int) -> list[Figure]:
    name, who = "shared-ingest", f"{agents} agent{'s' if agents > 1 else ''} on MongoDB"
    trips = Figure(name, f"{who}, single operations, 16 connections", "round trips per 1,000 operations", baseline="bare inserts")
    cpu = Figure(name, "… agents' CPU, states included", "ms per 1,000 operations", baseline="bare inserts")
    rate = Figure(name, "… for information", "acknowledged/s")
    uri = database.fresh()
    with ExitStack() as stack:
        servers = [stack.enter_context(bench.ours("agent", env={"OPLOG_STORE": uri})) for _ in range(agents)]
        _publish_to_all(servers, 480)
        operations = _sized_for_all(bench, servers)
        for _ in bench.each_round():
            before, blocks = _shared_use(servers), mongodb.bare(servers[0], "blocks", uri)
            acked = _publish_to_all(servers, operations)
            _settle(servers[0])
            used = [now - then for now, then in zip(_shared_use(servers), before)]
            now = mongodb.bare(servers[0], "blocks", uri)
            count = now["blocks"] - blocks["blocks"]
            bare = mongodb.bare(servers[0], "insert", database.fresh(), count, (now["bytes"] - blocks["bytes"]) // count)
            trips.add(used[0] / operations * 1e3, count / operations * 1e3)
            cpu.add(used[1] / operations * 1e6, bare["cpu_s"] / operations * 1e6)
            rate.add(acked)
    return [trips, cpu, rate]


def _shared_use(servers: list[Server]) -> tuple[float, float]:
    """Round trips to the database, and processor seconds, of all agents so far."""
    return sum(server.status()["store"]["commands"] for server in servers), sum(server.cpu_seconds() for server in servers)


def _sized_for_all(bench: Bench, servers: list[Server]) -> int:
    rate = _publish_to_all(servers, 480)
    return max(240, int(rate * bench.seconds) // 240 * 240)


def _publish_to_all(servers: list[Server], operations: int) -> float:
    """To all agents at once, the same share to each; operations acknowledged a second over all."""
    share = operations // len(servers)
    with ThreadPoolExecutor(len(servers)) as pool:
        runs = [pool.submit(load.run, server, publishers=16 // len(servers), messages=share, limit=120) for server in servers]
        return sum(run.result()["acked_per_s"] for run in runs)


def shared_delay(bench: Bench) -> list[Figure]:
    """20 operations a second at one agent, read from a socket of another; the bare driver's change stream beside it."""
    p50 = Figure("shared-delay", "from one agent's acknowledgement to another's socket, p50", "ms", baseline="bare change stream")
    p99 = Figure("shared-delay", "… p99", "ms", baseline="bare change stream")
    with mongodb.Database(bench.work.fresh("mongodb")) as database, ExitStack() as stack:
        env = {"OPLOG_STORE": database.fresh()}
        one, other = (stack.enter_context(bench.ours("agent", env=env)) for _ in range(2))
        _delays(one, other, 200)
        count = int(20 * max(bench.seconds, 4))
        for _ in bench.each_round():
            ours = _delays(one, other, count)
            bare = mongodb.bare(one, "delay", database.fresh(), count, 20)
            p50.add(ours[len(ours) // 2], bare["p50_ms"])
            p99.add(ours[len(ours) * 99 // 100], bare["p99_ms"])
    return [p50, p99]


def _delays(one: Server, other: Server, count: int) -> list[float]:
    """Milliseconds, sorted; 0 for what arrived before it was acknowledged."""
    acknowledged: dict[str, float] = {}
    arrived: dict[str, float] = {}
    stream = _subscribe(other.port)
    stream.settimeout(30)
    reader = threading.Thread(target=_read_ids, args=(stream, count, arrived))
    reader.start()
    start = time.monotonic()
    for i in range(count):
        time.sleep(max(0.0, start + i / 20 - time.monotonic()))
        name = one.post(load.OPERATION.replace("$T", "0" * 19).replace("$N", f"{i:010}"))
        acknowledged[name] = time.monotonic()
    reader.join()
    stream.close()
    return sorted(max(0.0, arrived[name] - acknowledged[name]) * 1e3 for name in acknowledged)


def _read_ids(stream: socket.socket, count: int, arrived: dict[str, float]) -> None:
    rest = b""
    while len(arrived) < count:
        data = stream.recv(65536)
        if not data:
            return
        now = time.monotonic()
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"id: "):
                arrived.setdefault(line[4:].decode(), now)


CASES: dict[str, Callable[[Bench], list[Figure]]] = {
    "fanout-1000": lambda bench: fanout(bench, 1000),
    "paced-1000": paced,
    "fanout-10000": lambda bench: fanout(bench, 10_000),
    "narrow": narrow,
    "ingest-single": ingest_single,
    "ingest-syncs": ingest_syncs,
    "ingest-batch": ingest_batch,
    "udp": udp,
    "replay": replay,
    "replicate": replicate,
    "shared-ingest": shared_ingest,
    "shared-delay": shared_delay,
    "sync": sync,
    "agent": agent,
    "relay": relay,
    "flood": flood,
    "idle": idle,
    "start": start,
}
