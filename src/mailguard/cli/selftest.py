"""`mailguard selftest`: marked mails through the running gateway. Law: nothing it sends reaches a stranger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from mailguard.cli.common import DEFAULT, AsJson, ConfigFile, faults_told, new_app, out, read_config

if TYPE_CHECKING:
    from mailguard.daemon.selftest import Check

app = new_app()


@app.command()
def selftest(
    config: ConfigFile = DEFAULT,
    sender: Annotated[str, typer.Option("--sender", metavar="A", help="Default: the first member.")] = "",
    outside: Annotated[
        str, typer.Option("--outside", metavar="A", help="An outside address of yours, for what would be delivered.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Send marked mails through the running gateway.

    TLS, DSN, 8BITMIME, SMTPUTF8, size, and each enforced action. Plain mails go to the council's postmaster;
    what is held is refused again. Exit status 1 where a check fails.
    """
    checked = read_config(config)
    from mailguard.cli.bench import Bench
    from mailguard.daemon.selftest import SelfTest

    failed = False
    with faults_told(), Bench(checked) as bench:
        test = SelfTest(
            checked,
            lambda data, envelope_from, to: bench.judge(data, sender=envelope_from, recipients=to).verdict,
            sender=sender,
            outside=outside,
        )
        for check in test.checks():
            failed |= check.passed is False
            out(_line(check, as_json))
    raise typer.Exit(1 if failed else 0)


def _line(check: Check, as_json: bool) -> str:
    if as_json:
        return json.dumps({"check": check.name, "passed": check.passed, "said": check.said})
    state = {True: "passed", False: "FAILED", None: "left out"}[check.passed]
    return f"{state:<9} {check.name}: {check.said}"
