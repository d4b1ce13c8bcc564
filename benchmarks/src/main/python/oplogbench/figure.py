"""What a round measured, and what is wanted of it."""

import statistics
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bound:
    """A wanted value: at most or at least, of our figure (`ours`), of the `ratio` to the baseline, or of the worst round (`worst`)."""

    of: str
    limit: float
    at_most: bool = False

    def holds(self, figure: "Figure") -> bool:
        value = figure.value(self.of)
        return value <= self.limit if self.at_most else value >= self.limit

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        return f"{sign} {short(self.limit)}" + (" ×" if self.of == "ratio" else "")


@dataclass
class Figure:
    """One line of the table: a value a round, ours and the baseline's."""

    case: str
    what: str
    unit: str
    at_least: Bound | None = None
    aim: Bound | None = None
    baseline: str = ""
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def add(self, ours: float, bare: float | None = None) -> None:
        self.ours.append(ours)
        if bare is not None:
            self.bare.append(bare)

    @property
    def ratios(self) -> list[float]:
        return [a / b for a, b in zip(self.ours, self.bare) if b]

    def value(self, of: str) -> float:
        if of == "worst":
            return max(self.ours)
        return statistics.median(self.ratios if of == "ratio" else self.ours)

    def verdict(self) -> str:
        if self.at_least and not self.at_least.holds(self):
            return "BELOW"
        if self.aim:
            return "aim" if self.aim.holds(self) else "below aim"
        return "met" if self.at_least else ""


def summary(values: list[float]) -> dict | None:
    if not values:
        return None
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "rounds": values}


def short(value: float) -> str:
    """Three digits that count, with a unit letter from 10,000 on."""
    for limit, letter in ((1e7, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / (1e6 if letter == 'M' else 1e3):,.4g}{letter}"
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"


def spread(values: list[float]) -> str:
    if not values:
        return ""
    return f"{short(statistics.median(values))} ({short(min(values))}–{short(max(values))})"
