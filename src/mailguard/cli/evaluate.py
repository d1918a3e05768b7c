"""`mailguard evaluate`: a rule or family on labelled texts. Law: it prints counts and ids, never a text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from mailguard.cli.common import AsJson, ConfigOrDemo, faults_told, new_app, out, read_config
from mailguard.mail.errors import ConfigError
from mailguard.mail.evidence import Confidence

app = new_app()
FIGURES = ("precision", "recall", "f1", "false_positive_rate")


@app.command()
def evaluate_command(  # noqa: PLR0917
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Labelled texts (JSONL), or a folder of .eml.")],
    rule: Annotated[str, typer.Option("--rule", metavar="NAME", help="A rule or a family.")],
    positive: Annotated[
        str, typer.Option("--positive", metavar="LABEL,...", help="Labels (globs) that should be found.")
    ] = "",
    at_least: Annotated[str, typer.Option("--at-least", metavar="LEVEL", help="low, medium or high.")] = "medium",
    config: ConfigOrDemo = None,
    as_json: AsJson = False,
) -> None:
    """Precision and recall of a rule on labelled texts.

    Which labels are found, and what is missed. By default the labels that begin with the family's name should
    be found; `ambiguous` is skipped.
    """
    checked = read_config(config)
    with faults_told():
        result = run(checked, file, rule, positive, at_least)
    out(json.dumps(result) if as_json else page(result))


def run(config: Any, file: Path, rule: str, positive: str, at_least: str) -> dict[str, Any]:
    """Evaluate with a configuration. Raises ConfigError."""
    from mailguard.cli.scoring import evaluate, read_items
    from mailguard.examine import build_examiner
    from mailguard.mail.reader import read_many
    from mailguard.matching.masking import Fingerprints

    try:
        level = Confidence.parse(at_least)
    except KeyError:
        raise ConfigError([f'--at-least {at_least}: is none of "low", "medium", "high"']) from None
    globs = tuple(item.strip() for item in positive.split(",") if item.strip())
    examiner = build_examiner(config, Fingerprints(b"evaluate"))
    return evaluate(examiner, read_many, read_items(file), rule, positive=globs, at_least=level, council=config.council)


def page(result: dict[str, Any]) -> str:
    """The result for people."""
    lines = [f"{name.replace('_', ' '):<20} {figure(result[name])}" for name in FIGURES]
    lines.append(f"{'positives':<20} {result['positives']}\n{'negatives':<20} {result['negatives']}")
    for table in ("by_label", "by_source"):
        lines.append(f"\n{table.replace('_', ' '):<60} {'n':>6} {'found':>6}")
        lines += [f"{key[:60]:<60} {row['n']:>6} {row['found']:>6}" for key, row in sorted(result[table].items())]
    for table in ("missed", "wrongly_found"):
        lines.append(f"\n{table.replace('_', ' ')}: {', '.join(result[table]) or 'none'}")
    return "\n".join(lines)


def figure(value: float | None) -> str:
    """A share to four places, or a dash."""
    return "-" if value is None else f"{value:.4f}"
