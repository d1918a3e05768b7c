"""The table a soak ends with. Law: figures as they were counted; a phase is a fault and the time until all is well."""

from __future__ import annotations

import statistics
from collections import defaultdict

from tests.soak.soak import Happening, Outcome, seconds_of

WELL = 10.0
"""A second is well again where its p99 is under this many times the calm one (and over 50 ms), and no mail failed."""


def p99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))] if values else 0.0


class Phases:
    """Latency by phase, and how long after each fault was mended all is well."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.seconds = seconds_of(outcome)
        spans = [(h.begin - outcome.began, h.end - outcome.began) for h in outcome.happenings]
        calm = [
            second for second in self.seconds if not any(begin - 1 <= second <= end + 10 for begin, end in spans)
        ] or [0]
        self.calm = [value for second in calm if second in self.seconds for value in self.seconds[second][0]]
        per_second = [p99(list(self.seconds[second][0])) for second in calm if second in self.seconds]
        self.limit = max(0.05, WELL * statistics.median(per_second)) if per_second else 0.05

    def well(self, second: int) -> bool:
        good, bad = self.seconds.get(second, ([], 0))
        return not bad and p99(list(good)) <= self.limit

    def back(self, happening: Happening) -> float:
        """Seconds from the mending to the first of two seconds that are well; 0.0 where it never hurt."""
        end = happening.end - self.outcome.began
        last = max(self.seconds, default=0)
        for second in range(int(end), last):
            if self.well(second) and self.well(second + 1):
                return max(0.0, second - end)
        return float("inf")

    def others(self, happening: Happening) -> float:
        """Cores that other programs had, on average, from its begin until all was well again."""
        end = happening.end + min(self.back(happening), 60.0)
        cores = [amount for moment, amount in self.outcome.others if happening.begin <= moment <= end + 1]
        return statistics.fmean(cores) if cores else 0.0

    def of(self, happening: Happening) -> list[float]:
        begin, end = happening.begin - self.outcome.began, happening.end - self.outcome.began
        inside = range(int(begin), int(end) + 1)
        return [value for second in inside if second in self.seconds for value in self.seconds[second][0]]


def summary(outcome: Outcome) -> str:
    """Lines of text."""
    phases, counts = Phases(outcome), outcome.account.counts
    lines = [
        f"{outcome.plan.minutes:g} min, {outcome.plan.store}, {outcome.plan.workers} workers, "
        f"{outcome.plan.sessions} sessions; full speed {outcome.full:.0f}/s, offered {outcome.rate:.0f}/s",
        "",
        *(f"{count:>9}  {name}" for name, count in counts.items()),
        f"{len(outcome.account.lost):>9}  LOST{_some(outcome.account.lost)}",
        f"{len(outcome.account.doubled):>9}  DOUBLED{_some(outcome.account.doubled)}",
        f"{outcome.unoffered:>9}  not offered (all sessions busy)",
        f"{outcome.failed_connections:>9}  connections refused or ended",
        f"{outcome.released:>9}  releases decided",
        f"{outcome.ledger.notices:>9}  notices and reports that arrived",
        "",
        _memory(outcome),
        "",
        f"{'fault':<18} {'times':>5} {'p99 s':>8} {'back s: median':>15} {'worst':>7} {'others: cores then':>19}",
        f"{'(calm; others: all)':<18} {'':>5} {p99(phases.calm):>8.3f} {'':>15} {'':>7} {_others(outcome):>19.2f}",
    ]
    by_name: dict[str, list[Happening]] = defaultdict(list)
    for happening in outcome.happenings:
        by_name[happening.name].append(happening)
    for name, items in sorted(by_name.items()):
        backs = [phases.back(item) for item in items]
        during = p99([value for item in items for value in phases.of(item)])
        line = f"{name:<18} {len(items):>5} {during:>8.3f} {statistics.median(backs):>15.1f} {max(backs):>7.1f}"
        lines.append(f"{line} {phases.others(max(items, key=phases.back)):>19.2f}")
    lines += ["", *(f"{h.begin:.1f} to {h.end:.1f} {h.name}" for h in outcome.happenings)]
    lines += [f"left out: {name}" for name in outcome.left_out]
    return "\n".join(lines)


def _others(outcome: Outcome) -> float:
    return statistics.fmean([cores for _, cores in outcome.others] or [0.0])


def _some(stories: list[str]) -> str:
    return "".join(f"\n           {story}" for story in stories[:10])


def _memory(outcome: Outcome) -> str:
    values = [amount for _, amount in outcome.memory]
    tenth = max(1, len(values) // 10)
    first, last = statistics.median(values[:tenth]), statistics.median(values[-tenth:])
    return (
        f"memory (PSS of the whole tree, MB): start {values[0]:.0f}, end {values[-1]:.0f}, most {max(values):.0f}; "
        f"first tenth {first:.0f}, last tenth {last:.0f}"
    )
