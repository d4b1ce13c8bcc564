"""Eleven years of a repository's files, published and followed in trouble: what was applied is what exists."""

from __future__ import annotations

import asyncio
import functools
import gzip
import json
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from servers import ROOT, HarmfulProxy, Listener, Oplog, await_, seed

from oplog_client import (
    AsyncPublisher,
    Event,
    FileCheckpointStore,
    Live,
    Operation,
    Publisher,
    Reset,
    RetryPolicy,
    follow,
    follow_async,
)

FIXTURES = ROOT / "testkit" / "src" / "main" / "resources" / "fixtures"
PUBLISHING = RetryPolicy(first=0.05, longest=0.2, give_up_after=60)
QUICK = RetryPolicy(first=0.02, longest=0.1)
KILLS = 2
END = Operation("insert", "end", "end")
Objects: TypeAlias = dict[tuple[str, str], tuple[str, tuple[str, ...]]]


def lines(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(FIXTURES / f"git-history.{name}.ndjson.gz", "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


@functools.cache
def operations() -> list[Operation]:
    return [Operation(f["event"], f["type"], f["id"], f["parents"], f["timestamp"]) for f in lines("ops")]


@functools.cache
def tree() -> Objects:
    return {(f["type"], f["id"]): state(f["timestamp"], f["parents"]) for f in lines("tree")}


def state(timestamp: str, parents: Any) -> tuple[str, tuple[str, ...]]:
    return timestamp.replace(".000Z", "Z"), tuple(parents)


class Fold:
    """What a consumer holds, until the last operation has come."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[int, tuple[str, tuple[str, ...]]]] = {}
        self._generation = 0
        self.applied = 0
        self.ended = False

    def apply(self, event: Event) -> None:
        self.applied += 1
        if isinstance(event, Reset):
            self._generation += 1
        elif isinstance(event, Live):
            self._held = {key: held for key, held in self._held.items() if held[0] == self._generation}
        elif event.type == END.type:
            self.ended = True
        elif event.kind == "delete":
            self._held.pop((event.type, event.id), None)
        else:
            self._held[event.type, event.id] = self._generation, state(event.timestamp, event.parents)

    @property
    def objects(self) -> Objects:
        return {key: held for key, (_, held) in self._held.items()}


class Consumer:
    """Stops at random, with what it has applied and not acknowledged, and starts at its checkpoint."""

    def __init__(self, url: str, folder: Path, numbers: random.Random) -> None:
        self.fold = Fold()
        self.lives = 0
        self._url = url
        self._random = numbers
        self._store = FileCheckpointStore(folder / "checkpoint")

    def _settings(self) -> dict[str, Any]:
        self.lives += 1
        return {"from_": "0", "store": self._store, "save_every": 0.02, "retry": QUICK}

    def run(self) -> None:
        while not self.fold.ended:
            left = self._random.randrange(1, 20_000)
            with follow(self._url, **self._settings()) as stream:
                while left > 0 and not self.fold.ended:
                    event = next(stream)
                    self.fold.apply(event)
                    if left > 10:
                        stream.acknowledge(event)
                    left -= 1

    async def run_async(self) -> None:
        while not self.fold.ended:
            left = self._random.randrange(1, 20_000)
            async with follow_async(self._url, **self._settings()) as stream:
                while left > 0 and not self.fold.ended:
                    event = await anext(stream)
                    self.fold.apply(event)
                    if left > 10:
                        stream.acknowledge(event)
                    left -= 1


def publish(url: str) -> None:
    with Publisher(url, retry=PUBLISHING) as publisher:
        results = [publisher.submit(operation) for operation in operations()]
    assert all(len(result.result()) == 24 for result in results)


async def publish_async(url: str) -> None:
    async with AsyncPublisher(url, retry=PUBLISHING) as publisher:
        results = [await publisher.submit(operation) for operation in operations()]
    assert all(len(result.result()) == 24 for result in results)


def kill_at_random(oplog: Oplog, consumer: Consumer, numbers: random.Random) -> None:
    for _ in range(KILLS):
        then = consumer.fold.applied + numbers.randrange(1, 20_000)
        await_(lambda: consumer.fold.applied > then, what=f"{then} are applied")  # noqa: B023
        oplog.restart()


@pytest.mark.parametrize("kind", ["threads", "asyncio"])
def test_what_was_applied_of_a_history_in_trouble_is_what_exists(
    kind: str, oplog: Oplog, tmp_path: Path, stopping: Callable[[Listener], None]
) -> None:
    numbers = random.Random(seed())
    proxy = HarmfulProxy(oplog.port, numbers.randrange(1 << 30), most_bytes=4_000_000)
    stopping(proxy)
    consumer = Consumer(proxy.url, tmp_path, numbers)
    if kind == "threads":
        workers = [lambda: publish(proxy.url), consumer.run]
    else:
        workers = [lambda: asyncio.run(publish_async(proxy.url)), lambda: asyncio.run(consumer.run_async())]
    threads = [threading.Thread(target=work, daemon=True) for work in workers]
    for thread in threads:
        thread.start()
    kill_at_random(oplog, consumer, numbers)
    await_(lambda: not threads[0].is_alive(), what="all is published")
    with Publisher(oplog.url) as publisher:
        publisher.publish(END)
    await_(lambda: not threads[1].is_alive(), what="all is consumed")
    assert consumer.lives > 1
    assert proxy.cuts > 0
    assert consumer.fold.objects == tree()
    assert {key: held[1] for key, held in consumer.fold.objects.items()} | {("end", "end"): ()} == oplog.states()
