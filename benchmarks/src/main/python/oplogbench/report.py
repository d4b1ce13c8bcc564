"""The table for people and the JSON for machines."""

import json
import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from .figure import Figure, spread, summary
from .place import ROOT

_COLUMNS = ("figure", "ours", "bare", "ours ÷ bare", "at least", "aim", "")


def table(figures: list[Figure]) -> str:
    """A Markdown table, padded so that it reads in a terminal too."""
    rows = [_COLUMNS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, ...]:
    bare = spread(figure.bare) + (f" {figure.baseline}" if figure.bare else "")
    wanted = (str(figure.at_least or ""), str(figure.aim or ""))
    return f"{figure.what}, {figure.unit}", spread(figure.ours), bare, spread(figure.ratios), *wanted, figure.verdict()


def heading(about: dict) -> str:
    return (
        f"{about['when']}, commit {about['commit']}, {about['processors']} processors, Linux {about['kernel']}, "
        f"load average at the start {about['load_average'][0]:.1f}; medians (and ranges) of the rounds"
    )


def machine() -> dict:
    return {
        "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "memory_kb": int(Path("/proc/meminfo").read_text().split()[1]),
        "kernel": platform.release(),
        "load_average": os.getloadavg(),
        "commit": _commit(),
    }


def _commit() -> str:
    answer = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return answer.stdout.strip()


def write_json(path: Path, figures: list[Figure], failures: dict[str, str], about: dict) -> None:
    lines = [
        {
            "case": f.case, "figure": f.what, "unit": f.unit, "baseline": f.baseline, "verdict": f.verdict(),
            "at_least": str(f.at_least or ""), "aim": str(f.aim or ""),
            "ours": summary(f.ours), "bare": summary(f.bare), "ratio": summary(f.ratios),
        } for f in figures
    ]  # fmt: skip
    document = {"machine": about, "figures": lines, "failures": failures}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
