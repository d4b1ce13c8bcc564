"""Keeps a copy in SQLite in step with a source: the objects and the position are changed in one transaction.

python sqlite_mirror.py http://localhost:8042 http://localhost:8000/api copy.db

Each object is fetched from API/TYPE/ID, as JSON; 404 means that it is gone.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from oplog_client import Change, Mirror, MirrorProgress, Operation, Put, Remove

TABLES = """
CREATE TABLE IF NOT EXISTS object (
  type TEXT, id TEXT, generation INTEGER, body TEXT, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), text TEXT);
"""


class SqliteTarget:
    """Tables of objects and of the one checkpoint."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.executescript(TABLES)

    def load(self) -> str | None:
        row = self._database.execute("SELECT text FROM checkpoint").fetchone()
        return row[0] if row else None

    def commit(self, changes: Sequence[Change], checkpoint: str) -> None:
        with self._database:  # one transaction
            for change in changes:
                self._apply(change)
            self._database.execute("REPLACE INTO checkpoint VALUES (1, ?)", (checkpoint,))

    def _apply(self, change: Change) -> None:
        if isinstance(change, Put):
            row = (change.type, change.id, change.generation, change.object)
            self._database.execute("REPLACE INTO object VALUES (?, ?, ?, ?)", row)
        elif isinstance(change, Remove):
            self._database.execute("DELETE FROM object WHERE type = ? AND id = ?", (change.type, change.id))
        else:
            self._database.execute("DELETE FROM object WHERE generation < ?", (change.generation,))


class Api:
    """The producer's API, which objects are fetched from."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = httpx.Client()

    def fetch(self, operation: Operation) -> Any:
        answer = self._http.get(f"{self._url}/{quote(operation.type)}/{quote(operation.id, safe='')}")
        if answer.status_code == 404:
            return None
        return answer.raise_for_status().text


def show(progress: MirrorProgress) -> None:
    print(f"{progress.replicated} replicated, {progress.rate:.0f}/s", "live" if progress.live else "", flush=True)


def main(oplog: str, api: str, path: str) -> None:
    Mirror(oplog, Api(api).fetch, SqliteTarget(path), on_progress=show).run()


if __name__ == "__main__":
    main(*sys.argv[1:4])
