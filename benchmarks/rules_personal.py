"""CPU time of the identifier rules on mails without hits: `python benchmarks/rules_personal.py`.

Prints microseconds a mail for the Set pass of these rules' expressions and for their `check`, over 2 KB and 60 KB.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.mails import mail_of, rule_of

from mailguard.matching.scan import Matcher, Scan
from mailguard.rules.registry import rule_classes

FAMILIES = {"personal_data", "hidden_data", "unreadable", "security"}
SENTENCE = (
    "Thank you for raising the state of the verge by the green. The officer has asked the contractor to look at it "
    "next week, and the ward walk will take in the lane as well. If the surface is poor it will go on the list.\n"
)


def main() -> None:
    """Best of several rounds, in CPU time."""
    rules = [rule_of(name) for name, kind in rule_classes().items() if kind.family in FAMILIES]
    patterns = {f"{rule.name}.{key}": source for rule in rules for key, source in rule.patterns.items()}
    matcher = Matcher(patterns)
    sys.stdout.write(f"{len(rules)} rules, {len(patterns)} expressions\n")
    for size, rounds in ((2_000, 400), (60_000, 40)):
        mail = mail_of((SENTENCE * (size // len(SENTENCE) + 1))[:size], "The verge by the green")
        for text in mail.contents.texts:
            text.folded  # noqa: B018

        def scan(mail=mail) -> Scan:
            return Scan(matcher, mail.contents)

        made = scan()

        def check(mail=mail, made=made) -> None:
            for rule in rules:
                tuple(rule.check(mail, made))

        sys.stdout.write(f"{size:>6} bytes: Set {best(scan, rounds):7.1f} us, check {best(check, rounds):7.1f} us\n")


def best(step, rounds: int) -> float:
    """Microseconds of CPU a call, the best of five."""
    found = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(rounds):
            step()
        found.append((time.process_time() - start) / rounds * 1e6)
    return min(found)


if __name__ == "__main__":
    main()
