"""`mailguard check-config`: every error at once, or what is in force. Law: it changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailguard.cli.common import DEFAULT, ConfigFile, faults_told, new_app, out, say

if TYPE_CHECKING:
    from mailguard.config import Config
    from mailguard.policy.clause import Clause

app = new_app()


@app.command()
def check_config(config: ConfigFile = DEFAULT) -> None:
    """Check the configuration, and list its clauses.

    The operator's file, the preset, the lists, members.csv and every file they name. Exit status 1 where something is
    wrong; each error is `file:line: what, and the fix`. Else each clause with what it serves.
    """
    from mailguard.daemon.assembly import load
    from mailguard.examine import build_examiner
    from mailguard.matching.masking import Fingerprints

    with faults_told():
        checked = load(config)
        build_examiner(checked, Fingerprints(b"check"))
    for warning in checked.warnings:
        say(f"warning: {warning}")
    _show(checked)


def _show(config: Config) -> None:
    policy, settings = config.policy, config.settings
    out(f"{config.source}: sound. Policy {policy.name} {policy.version}, mode {settings.mode}.")
    if policy.approved_by == "":
        out("Approved by: nobody yet (write it in the preset's [policy] approved_by).")
    out(f"Members: {len(config.members)}; scope {settings.members.scope}; polls: {len(config.polls)}.")
    out(f"In {settings.listen.address}, next hop {settings.next_hop.address}, store {settings.store.url}.\n")
    out(f"{'clause':<12} {'do':<8} {'mode':<8} serves")
    for clause in policy.clauses:
        note = " (by analogy)" if clause.analogy else ""
        out(f"{clause.id:<12} {clause.do!s:<8} {clause.mode:<8} {clause.cites}{note}")
    idle = sorted(name for name in config.rules if not any(_uses(clause, name) for clause in policy.clauses))
    if idle:
        out(f"\nRules that no clause asks for by name: {', '.join(idle)}.")


def _uses(clause: Clause, name: str) -> bool:
    from mailguard.rules.registry import rule_classes

    return bool({name, rule_classes()[name].family} & clause.rules)
