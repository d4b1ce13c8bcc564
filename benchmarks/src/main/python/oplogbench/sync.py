"""`oplog sync` as a process: what it holds in memory, and its time beside sorting the same dump."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .figure import Bound, Figure
from .place import LAUNCHER
from .process import Server

if TYPE_CHECKING:
    from .cases import Bench

_HEAP = re.compile(r"(\d+)M->\d+M\(")


@dataclass(frozen=True)
class _Run:
    seconds: float
    resident_mb: float
    heap_mb: float


def sync(bench: "Bench") -> list[Figure]:
    """A dump of many lines in any order: first into an empty log, then, in each round, against the same objects."""
    objects = bench.objects
    what = f"sync of {objects:,} lines"
    seconds = Figure("sync", f"{what} against as many states", "s", baseline="sort -S 64M")
    resident = Figure("sync", "… peak of resident memory", "MB", Bound("worst", 512, True))
    heap = Figure("sync", "… peak of the heap", "MB", Bound("worst", 256, True))
    seeded = Figure("sync", f"{what} into an empty log", "s")
    seeded_resident = Figure("sync", "… peak of resident memory", "MB", Bound("worst", 512, True))
    folder = bench.work.fresh("dump")
    dump = folder / "dump.ndjson"
    with dump.open("w") as out:
        out.writelines(_lines(objects))
    with bench.ours("sync") as server:
        first = _sync(bench, server, dump)
        seeded.add(first.seconds)
        seeded_resident.add(first.resident_mb)
        for _ in bench.each_round():
            ours = _sync(bench, server, dump)
            seconds.add(ours.seconds, _sorted(folder, dump))
            resident.add(ours.resident_mb)
            heap.add(ours.heap_mb)
    dump.unlink()
    return [seconds, resident, heap, seeded, seeded_resident]


def _lines(objects: int) -> Iterator[str]:
    """Each object once, far from the order of the ids."""
    for i in range(objects):
        n = i * 7_919_999 % objects  # a prime that divides no round number
        yield (
            f'{{"timestamp":"2026-0{1 + n % 9}-{1 + n % 28:02}T{n % 24:02}:{n % 60:02}:{n % 59:02}.{n % 1000:03}Z",'
            f'"parents":["user/u{n % 100_000}"],"type":"video","id":"object-{n:09}"}}\n'
        )


def _sync(bench: "Bench", server: Server, dump: Path) -> _Run:
    folder = bench.work.fresh("tmp")
    log = folder.parent / f"{folder.name}.gc"
    environment = os.environ | {"OPLOG_JAVA_OPTS": f"-Xlog:gc:file={log}"}
    command = [LAUNCHER, "sync", "--url", f"http://127.0.0.1:{server.port}", "--tmp", folder, dump]
    begun = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"oplog sync ended with {process.returncode}")
    if any(folder.iterdir()):
        raise RuntimeError(f"oplog sync left files in {folder}")
    heap = max((int(mb) for mb in _HEAP.findall(log.read_text())), default=0)
    return _Run(taken, usage.ru_maxrss / 1024, heap)


def _sorted(folder: Path, dump: Path) -> float:
    """GNU sort in as much memory as ours has for a run, on one thread, to a file."""
    begun = time.monotonic()
    subprocess.run(
        ["sort", "-S", "64M", "--parallel=1", "-T", folder, "-t", '"', "-k", "12", "-o", folder / "sorted", dump],
        check=True, env=os.environ | {"LC_ALL": "C"},
    )  # fmt: skip
    (folder / "sorted").unlink()
    return time.monotonic() - begun
