"""The operator's file, the presets and the lists, made into one `Config`. Law: all errors at once, or a Config."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailguard.config.document import Document
from mailguard.config.environ import overlay, sources
from mailguard.config.faults import Fault, nearest
from mailguard.config.layers import Header, Layers, build_clauses, build_options, read_layer
from mailguard.config.people import read_members
from mailguard.config.references import GRANT, Known, check_clause
from mailguard.config.resources import config_root, demo_config, preset_names, preset_path
from mailguard.config.settings import Settings
from mailguard.config.words import read_lists
from mailguard.mail.errors import ConfigError
from mailguard.mail.people import Council, Member
from mailguard.policy.action import Action
from mailguard.policy.clause import Clause
from mailguard.policy.condition import Strict
from mailguard.policy.policy import Policy
from mailguard.policy.poll import Poll


@dataclass(frozen=True)
class Config:
    """Everything the daemon and the commands are built from; immutable, and swapped as a whole on reload.

    `rules` and `defences` hold the options of every rule and defence by name. `warnings` are what the
    operator should know though it is no error. `files` are all files read, the operator's first.
    """

    source: Path
    settings: Settings
    policy: Policy
    council: Council
    members: tuple[Member, ...]
    rules: Mapping[str, Any]
    defences: Mapping[str, Any]
    words: Mapping[str, tuple[str, ...]] = field(repr=False)
    data: Mapping[str, Mapping[str, Any]] = field(repr=False)
    files: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def polls(self) -> tuple[Poll, ...]:
        """The election calendar as entered."""
        return self.settings.poll


def load(
    path: Path | None,
    rule_options: Mapping[str, type[Strict]],
    defence_options: Mapping[str, type[Strict]],
    *,
    families: Mapping[str, Collection[str]] | None = None,
    kinds: Mapping[str, Collection[str]] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """Read and check everything; `path` None is the demonstration's file.

    `families` name the rules of each family, `kinds` the kinds each rule may give (both from the registry;
    `mailguard.examine.load_config` hands all four over). Raises ConfigError with every fault.
    """
    document = Document.read(path or demo_config())
    folder = document.path.parent
    context = {"folder": folder}
    environ = os.environ if environ is None else environ
    data, faults = overlay(document.data, environ)
    document.given = sources(environ)
    settings = document.validate(Settings, data, context=context)
    layers, documents, header = _layers(document, data.get("preset"), faults)
    clauses = build_clauses(layers)
    rules = build_options(layers.rules, rule_options, "rule")
    defences = build_options(layers.defences, defence_options, "defence")
    known = Known(
        rules=frozenset(rule_options),
        defences=frozenset({*defence_options, GRANT}),
        families={name: frozenset(rules) for name, rules in (families or {}).items()},
        kinds={name: frozenset(words) for name, words in (kinds or {}).items()},
        routes=frozenset(data["routes"]) if isinstance(data.get("routes"), dict) else frozenset(),
    )
    for clause in clauses:
        check_clause(clause, layers.clauses[clause.id], known)
    own = [settings.words.folder] if settings and settings.words.folder else []
    if _absent(own):
        document.fault(("words", "folder"), f"{own[0]} is no folder; give the right one")
    words, tables, wrong = read_lists([config_root() / "words", *own])
    members, odd = _members(settings, data)
    faults += [*wrong, *odd, *(fault for item in documents for fault in item.faults)]
    if faults or settings is None or header is None:
        raise ConfigError([str(fault) for fault in sorted(set(faults), key=lambda fault: (fault.file, fault.line))])
    policy = _policy(header, clauses, settings)
    return Config(
        source=document.path,
        settings=settings,
        policy=policy,
        council=_council(settings),
        members=members,
        rules=rules,
        defences=defences,
        words=words,
        data=tables,
        files=tuple(item.path for item in documents),
        warnings=tuple(_warnings(settings, policy, members)),
    )


def _layers(document: Document, preset: object, faults: list[Fault]) -> tuple[Layers, list[Document], Header | None]:
    layers, documents = Layers(), [document]
    header = None
    names = preset_names()
    if isinstance(preset, str) and preset not in names and not preset.endswith(".toml"):
        document.fault(("preset",), f'"{preset}" is no preset{nearest(preset, names)}')
    elif isinstance(preset, str):
        for path in (preset_path("base", document.path.parent), preset_path(preset, document.path.parent)):
            try:
                layer = read_layer(path)
            except ConfigError as error:
                faults += [Fault(text, 0, "") if not text else _as_fault(text) for text in error.faults]
                continue
            documents.append(layer)
            layers.add(layer)
            header = layer.validate(Header, layer.data.get("policy"), ("policy",)) or header
    # Without a preset every clause it has would seem unknown: its absence is told, and no more.
    if header:
        layers.add(document)
    return layers, documents, header


def _as_fault(text: str) -> Fault:
    """A fault that was put into words already."""
    file, _, what = text.partition(": ")
    return Fault(file, 0, what)


def _absent(folders: list[Path]) -> bool:
    return any(not folder.is_dir() for folder in folders)


def _members(settings: Settings | None, data: Mapping[str, Any]) -> tuple[tuple[Member, ...], list[Fault]]:
    if settings is None:
        return (), []
    table = data.get("members")
    named = isinstance(table, dict) and "file" in table
    if not named and not settings.members.file.exists():
        return (), []
    return read_members(settings.members.file)


def _council(settings: Settings) -> Council:
    table = settings.council
    return Council(domains=table.domains, secure_domains=table.secure_domains, phones=table.phones, name=table.name)


def _policy(header: Header, clauses: tuple[Clause, ...], settings: Settings) -> Policy:
    policy = Policy(
        name=header.name,
        version=header.version,
        clauses=clauses,
        approved_by=header.approved_by,
        effective_from=header.effective_from,
        review_due=header.review_due,
    )
    return policy.observing() if settings.mode == "observe" else policy


def _warnings(settings: Settings, policy: Policy, members: tuple[Member, ...]) -> list[str]:
    found = []
    if not members and settings.members.scope == "members":
        state = "names no member" if settings.members.file.exists() else "is not there"
        found.append(f"{settings.members.file}: {state}, so no mail is judged; fill it, or set [members] scope")
    inside = tuple(f".{domain}" for domain in settings.council.domains)
    # By domain: what is told here is also in the daemon's log, where no address may stand.
    for domain in dict.fromkeys(member.address.rpartition("@")[2] for member in members):
        if not f".{domain}".endswith(inside):
            found.append(
                f"{settings.members.file}: {domain} is none of [council] domains; mend the address, or add it there"
            )
    encrypting = [clause.id for clause in policy.clauses if clause.enforced and clause.do is Action.ENCRYPT]
    if encrypting and "secure" not in settings.routes:
        found.append(f"[routes.secure] is not set, so what {', '.join(encrypting)} would encrypt is deferred")
    return found
