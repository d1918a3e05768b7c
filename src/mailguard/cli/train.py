"""`mailguard train`: makes the judge's weights anew from labelled texts.

Law: it prints counts, hashes and figures, never a text.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import re2
import typer

from mailguard.cli.common import AsJson, ConfigOrDemo, faults_told, new_app, out, read_config
from mailguard.cli.decided import Decided, decided
from mailguard.cli.records import with_store
from mailguard.mail.contents import Contents, Headers, Layer, Text
from mailguard.mail.errors import ConfigError
from mailguard.mail.fold import fold

if TYPE_CHECKING:
    from mailguard.config import Config
    from mailguard.judge.training import Example
    from mailguard.rules.rule import Tools

app = new_app()
SPECIMENS = 20
WAYS = ("documents", "sources", "kinds")
# An administrator's list of appeals, without knowledge of ours.
_APPEAL = re2.compile(
    r"\b(?:vote for|vote|voting|donate|donation|campaign|canvass\w*|leaflets?|election|join us|polling day|candidate)\b"
)
# Of our own passages, written to lie close to the line, this many times as many may be found wrongly.
HARD = 5
RATES = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1)


@app.command()
def train(  # noqa: PLR0917
    data: Annotated[list[Path], typer.Argument(metavar="DATA...", help="JSONL files or folders of them.")],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="F", help="Where the weights go; none: only figures.")
    ] = None,
    positive: Annotated[str, typer.Option("--positive", metavar="LABEL")] = "political*",
    rate: Annotated[float, typer.Option("--rate", help="The false-positive rate `medium` is set to.")] = 0.01,
    cases: Annotated[
        bool, typer.Option("--decided", help="Also learn from held cases people decided; needs --config.")
    ] = False,
    config: ConfigOrDemo = None,
    as_json: AsJson = False,
) -> None:
    """Train the political judge on labelled texts.

    Each line is `{"id", "label", "text", "source", "kind"}`. Cross-validated three ways: by documents, by whole
    sources and by kinds left out. Lines labelled `ambiguous` are skipped.
    """
    if cases and config is None:
        raise typer.BadParameter("--decided needs --config")
    known = with_store(config, lambda _, store: decided(store)) if cases and config else []
    checked = read_config(config)
    with faults_told():
        figures = run(checked, data, to, positive, rate, known)
    out(json.dumps(figures) if as_json else page(figures))


def run(  # noqa: PLR0917
    config: Config, data: list[Path], to: Path | None, positive: str, rate: float, known: Sequence[Decided] = ()
) -> dict[str, Any]:
    """Train, and write where told. Raises ConfigError where a file holds no labelled texts."""
    from mailguard.judge.model import save_model
    from mailguard.judge.training import OWN, WHOLE, cross_validate, design, folds
    from mailguard.judge.training import train as fit
    from mailguard.rules.rule import Tools

    tools = Tools(config.words, config.data)
    seen = Evidence(tools)
    # What is no folder is read as a file, so that one which is not there is told of.
    files = sorted(path for item in data for path in (item.glob("**/*.jsonl") if item.is_dir() else [item]))
    examples = [
        *(seen.example(row, positive) for row in read_rows(files)),
        *(seen.decision(item) for item in known),
    ]
    if not any(item.political for item in examples) or all(item.political for item in examples):
        raise ConfigError([f"{', '.join(map(str, data))}: holds no labelled texts of both kinds"])
    own = [replace(seen.example(row, "political"), source=OWN, repository=OWN) for row in own_rows(tools)]
    made = design([*examples, *own])
    scores = {
        way: cross_validate(made, [item.groups[way] for item in made.examples])[: len(examples)].tolist()
        for way in WAYS
    }
    curves = {way: curve_of(examples, scores[way]) for way in WAYS}
    held = cross_validate(made, [OWN] * len(examples) + folds(own))[len(examples) :].tolist()
    passages = [item for item in own if item.kind == WHOLE]
    hard = [score for item, score in zip(own, held, strict=True) if item.kind == WHOLE]
    medium = max(*(threshold(examples, scores[way], rate) for way in WAYS), threshold(passages, hard, HARD * rate))
    high = medium + 1.5
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    figures = {
        "texts": len(examples),
        "political": sum(item.political for item in examples),
        "specimens": len(own),
        "decided": len(known),
        "sources": len({item.repository for item in examples}),
        "medium": round(medium, 3),
        "high": round(high, 3),
        "curves": curves,
        "at medium": {
            **{way: level_of(examples, scores[way], medium) for way in WAYS},
            "own passages": level_of(passages, hard, medium),
        },
        "own": curve_of(passages, hard),
        "word list": word_list(examples),
        "worst": worst(examples, scores["sources"]),
        "data": hashes,
    }
    if to:
        about = {"data": hashes, "curves": curves, "specimens": len(own), "decided": len(known)}
        save_model(to, fit(made, medium, high, about))
    return figures


def own_rows(tools: Tools) -> list[dict[str, Any]]:
    """Our own specimens as labelled lines: combined sentences, and whole passages."""
    from mailguard.config.resources import config_root
    from mailguard.judge.parties import parties_of
    from mailguard.judge.specimens import specimens, whole
    from mailguard.judge.training import WHOLE

    parties = parties_of(tools.data.get("parties", {}))
    folder = config_root() / "training"
    sentences, passages = (
        {path.stem: _lines(path) for path in sorted(place.glob("*.txt"))} for place in (folder, folder / "passages")
    )
    combined = specimens(sentences, parties, SPECIMENS)
    made = (*((item, "sentences") for item in combined), *((item, WHOLE) for item in whole(passages, parties)))
    return [
        {"id": f"own-{n}", "label": "political" if item.political else "other", "text": item.text, "kind": kind}
        for n, (item, kind) in enumerate(made)
    ]


def read_rows(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Labelled lines; `ambiguous` and lines without text are left out. Raises ConfigError, OSError."""
    for path in files:
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                row = json.loads(line) if line.strip() else {}
            except ValueError:
                row = None
            if not isinstance(row, dict):
                raise ConfigError([f"{path}:{number}: is no JSON object in UTF-8; mend or drop the line"])
            if row.get("text") and row.get("label") not in {None, "ambiguous"}:
                yield row


class Evidence:
    """What the rules of evidence see in a text, as the judge sees it in a mail."""

    def __init__(self, tools: Tools) -> None:
        from mailguard.matching.scan import Matcher
        from mailguard.rules._political import names_of, one_of
        from mailguard.rules.party_political import EVIDENCE, PartyPolitical
        from mailguard.rules.registry import rule_classes

        kinds = rule_classes()
        made = [kinds[name](kinds[name].options_type(), tools) for name in EVIDENCE]
        self.rules = sorted(made, key=lambda rule: (rule.rank, rule.name))
        self.judge = PartyPolitical(PartyPolitical.options_type(), tools)
        owners = [*self.rules, self.judge]
        self.matcher = Matcher({f"{rule.name}.{key}": text for rule in owners for key, text in rule.patterns.items()})
        self.neutral = self.judge.neutral
        self.named = re2.compile(one_of(names_of(self.neutral.parties)))

    def _baseline(self, body: str) -> int:
        folded = fold(body)
        return bool(self.named.search(folded)) + 2 * bool(_APPEAL.search(folded))

    def example(self, row: dict[str, Any], positive: str) -> Example:
        """One labelled text, as subject and body."""
        body, subject = row["text"], ""
        if body.startswith("Subject:"):
            line, _, body = body.partition("\n")
            subject = line.removeprefix("Subject:").strip()
        texts = (Text("subject", Layer.SUBJECT, subject), Text("body", Layer.NEW, body))
        return replace(
            self._seen(Contents(Headers(()), (), texts)),
            id=str(row.get("id", "")),
            political=fnmatch(row["label"], positive),
            source=_source(str(row.get("source", "")), str(row.get("note", ""))),
            repository=_repository(str(row.get("source", ""))),
            kind=str(row.get("kind", "")),
            baseline=self._baseline(body),
        )

    def decision(self, item: Decided) -> Example:
        """A held mail a person released (not political) or refused (political)."""
        return replace(
            self._seen(item.contents),
            id=item.number,
            political=item.political,
            source=f"decided {_heap(item.number)}",
            repository="decided",
            kind="decided",
        )

    def _seen(self, contents: Contents) -> Example:
        """The neutral form of what the sender wrote, and the evidence in it; no label, and no source."""
        from mailguard.judge.training import Example
        from mailguard.matching.scan import Scan
        from mailguard.rules._political import mentions, passages
        from mailguard.rules.party_political import bonus, grounded

        scan = Scan(self.matcher, contents)
        for rule in self.rules:
            scan.add(tuple(rule.check(_Wrapped(contents), scan)))  # type: ignore[arg-type]
        found = scan.found()
        counts = Counter[str]()
        for item in found:
            counts[f"{item.rule}.{item.kind}"] += item.count
        read = passages(scan, self.neutral)
        neutral = "\n".join(item.neutral for item in read)
        subjects = len({span.matched for span in self.judge.spans(scan, "gate")})
        ground = grounded(found, "partyname" in neutral or "partyleader" in neutral, subjects)
        part, added = self.judge.core(neutral, counts), bonus(neutral, counts)
        named = mentions(read)
        return Example("", neutral, counts, False, "", grounded=ground, bonus=added, core=part, named=named)


def word_list(examples: list[Example]) -> dict[str, dict[str, float]]:
    """What a word list would do, as an administrator writes one for a mail-flow rule: recall and false positives."""
    clear = [item for item in examples if item.political and not item.kind.endswith("implicit")]
    others = [item for item in examples if not item.political]
    ways = {"a party's name": (1, 3), "an appeal": (2, 3), "either": (1, 2, 3), "both": (3,)}
    return {
        name: {
            "recall": round(sum(item.baseline in values for item in clear) / len(clear), 3),
            "rate": round(sum(item.baseline in values for item in others) / len(others), 3),
        }
        for name, values in ways.items()
    }


class _Wrapped:
    """As much of a mail as the rules of evidence ask for: its contents."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents


def _repository(source: str) -> str:
    """A repository; web pages, each of another site, in three heaps by hash."""
    return f"web {_heap(source)}" if source.startswith(("web page", "http")) else source.partition(" ")[0]


def _source(source: str, note: str) -> str:
    """A repository's documents in three heaps by hash."""
    name, document = _repository(source), f"{source} {note}".partition("doc=")[2]
    return f"{name} {_heap(document)}" if document and not name.startswith("web ") else name


def _heap(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 3


def _lines(path: Path) -> tuple[str, ...]:
    return tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())


def _held(examples: list[Example], scores: list[float]) -> tuple[list[float], list[float], list[float]]:
    """Scores of others, of political texts, and of political texts that name nobody (weak); ungrounded ones lowest."""
    low = -99.0
    rows = [(item, score if item.grounded else low) for item, score in zip(examples, scores, strict=True)]
    others = sorted((score for item, score in rows if not item.political), reverse=True)
    clear = [score for item, score in rows if item.political and not item.kind.endswith("implicit")]
    weak = [score for item, score in rows if item.political and item.kind.endswith("implicit")]
    return others, clear, weak


def threshold(examples: list[Example], scores: list[float], rate: float) -> float:
    """The score that at most `rate` of the other texts reach."""
    others, _, _ = _held(examples, scores)
    return others[min(len(others) - 1, int(rate * len(others)))] + 1e-3


def curve_of(examples: list[Example], scores: list[float]) -> list[dict[str, float | None]]:
    """Recall at each false-positive rate: of texts that name a party or the poll, and of the weak ones."""
    _, clear, weak = _held(examples, scores)
    made: list[dict[str, float | None]] = []
    for rate in RATES:
        limit = threshold(examples, scores, rate)
        made.append(
            {"rate": rate, "score": round(limit, 2), "recall": _share(clear, limit), "weak": _share(weak, limit)}
        )
    return made


def level_of(examples: list[Example], scores: list[float], limit: float) -> dict[str, float | None]:
    """What a level finds: the share of other texts that reach it, and recall as `curve_of` has it."""
    others, clear, weak = _held(examples, scores)
    return {"rate": _share(others, limit), "recall": _share(clear, limit), "weak": _share(weak, limit)}


def _share(scores: list[float], limit: float) -> float | None:
    return round(sum(score >= limit for score in scores) / len(scores), 3) if scores else None


def worst(examples: list[Example], scores: list[float], number: int = 5) -> dict[str, list[list[Any]]]:
    """The worst errors either way, by id, source, kind and score."""
    rows = [(item, score) for item, score in zip(examples, scores, strict=True) if item.grounded or item.political]
    wrong = sorted((row for row in rows if not row[0].political), key=lambda row: -row[1])[:number]
    missed = sorted(
        (row for row in rows if row[0].political and not row[0].kind.endswith("implicit")), key=lambda row: row[1]
    )
    return {
        name: [[item.id, item.source, item.kind, round(score, 2)] for item, score in items]
        for name, items in (("wrongly found", wrong), ("missed", missed[:number]))
    }


def page(figures: dict[str, Any]) -> str:
    """The figures for people."""
    keys = ("texts", "political", "specimens", "decided", "sources", "medium", "high")
    lines = [f"{name:<12} {figures[name]}" for name in keys]
    for way, curve in (*figures["curves"].items(), ("own passages", figures["own"])):
        lines.append(f"\n{f'{way} left out':<20} {'score':>7} {'recall':>7} {'weak':>7}")
        lines += [f"{row['rate']:<20} {row['score']:>7} {row['recall']:>7} {row['weak']!s:>7}" for row in curve]
    lines.append(f"\n{'found at medium':<20} {'rate':>7} {'recall':>7} {'weak':>7}")
    for way, row in figures["at medium"].items():
        lines.append(f"{way:<20} {row['rate']!s:>7} {row['recall']!s:>7} {row['weak']!s:>7}")
    lines.append(f"\n{'word list':<16} {'rate':>7} {'recall':>7}")
    lines += [f"{name:<16} {row['rate']:>7} {row['recall']:>7}" for name, row in figures["word list"].items()]
    for name, items in figures["worst"].items():
        lines.append(f"\n{name}:")
        lines += [f"  {item[3]:>6} {item[0]} ({item[2]}, {item[1]})" for item in items]
    lines.append("\ndata:")
    lines += [f"  {name} {digest}" for name, digest in figures["data"].items()]
    return "\n".join(lines)
