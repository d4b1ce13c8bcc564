"""The command."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from . import load, process, report
from .cases import CASES, PROGRAM, Bench
from .figure import Figure
from .place import JAR, ROOT, TARGET, Work, build_program, build_sseload, raise_file_limit

_DESCRIPTION = """Measures the built program, each figure beside a bare baseline in the same run: ours, bare, ours, bare.
The load generator and the baseline run on the same machine, so keep it free of other work."""


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("benchmarks/run", description=_DESCRIPTION)
    parser.add_argument("--case", action="append", metavar="NAME", help="only this case, or all that begin so; repeatable")
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds of each case (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=4, help="about how long one round lasts (default %(default)s)")
    parser.add_argument("--window", type=int, default=32, help="operations on the way to subscribers at once in fan-out (default %(default)s)")
    parser.add_argument("--objects", type=int, default=1_000_000, help="lines of the dump, and objects of the log, in sync (default %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures of every round there too")
    parser.add_argument("--data", type=Path, default=TARGET, metavar="DIR", help="where data directories are made, on the disk to be measured (default %(default)s)")
    parser.add_argument("--server", metavar="COMMAND", default=PROGRAM.format(root=ROOT), help="measure this command, with {port} and {data} filled in (default %(default)s)")
    return parser.parse_args(arguments)  # fmt: skip


def _chosen(wanted: list[str] | None) -> list[str]:
    chosen = [name for name in CASES if not wanted or any(name.startswith(prefix) for prefix in wanted)]
    if not chosen:
        sys.exit(f"no such case; there are: {', '.join(CASES)}")
    return chosen


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def _measure(bench: Bench, names: list[str], figures: list[Figure], failures: dict[str, str]) -> None:
    """A case that fails is named and does not keep the others from running."""
    for name in names:
        _say(name)
        try:
            figures += CASES[name](bench)
        except (RuntimeError, OSError, KeyError, ValueError) as failure:
            failures[name] = f"{type(failure).__name__}: {failure}"
            _say(f"{name} failed: {failures[name]}")
        finally:
            process.stop_all()
            load.stop_all()


def _interrupted(signum: int, _: object) -> None:
    sys.exit(128 + signum)


def main() -> int:
    options = _options(sys.argv[1:])
    names = _chosen(options.case)
    if options.list:
        print("\n".join(names))
        return 0
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _interrupted)
    raise_file_limit()
    build_sseload()
    if str(ROOT) in options.server:
        build_program()
        os.environ["OPLOG_JAR"] = str(JAR)
    return _run(options, names)


def _run(options: argparse.Namespace, names: list[str]) -> int:
    about = report.machine()
    figures: list[Figure] = []
    failures: dict[str, str] = {}
    work = Work(options.data.resolve())
    try:
        bench = Bench(work, options.server, options.rounds, options.seconds, options.window, options.objects, _say)
        _measure(bench, names, figures, failures)
    finally:  # an interrupted run shows the cases that it finished
        process.stop_all()
        load.stop_all()
        work.close()
        print(f"{report.heading(about)}\n\n{report.table(figures)}")
        if options.json:
            report.write_json(options.json, figures, failures, about)
    return 1 if failures else 0
