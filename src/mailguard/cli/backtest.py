"""`mailguard backtest`: what a configuration would have done with past mail.

Law: it sends nothing, and shows masked text alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailguard.cli.common import AsJson, ConfigOrDemo, faults_told, new_app, out, read_config
from mailguard.mail.errors import ConfigError

if TYPE_CHECKING:
    from mailguard.cli.tally import Tally

app = new_app()


@app.command()
def backtest(  # noqa: PLR0917
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="mbox files, Maildirs, folders of .eml.")],
    against: Annotated[
        Path | None, typer.Option("--against", metavar="OTHER.toml", help="List what this file gains and loses.")
    ] = None,
    processes: Annotated[int, typer.Option("--processes", min=1, help="How many judge at once.")] = 2,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="F", help="Progress is kept here; a second run goes on from it.")
    ] = None,
    config: ConfigOrDemo = None,
    as_json: AsJson = False,
) -> None:
    """Judge past mail: what each clause would have done.

    Hits, how many of them decide, defences that saved, and masked samples; beside another configuration, what that
    one gains and loses. Nothing is sent or stored.
    """
    from mailguard.cli.replay import replay

    read_config(config)
    if against:
        read_config(against)
    with faults_told():
        missing = [str(path) for path in paths if not path.exists()]
        if missing:
            raise ConfigError([f"{path}: there is no such file or folder" for path in missing])
        tally = replay(paths, config, against, processes=processes, resume=resume, bar=not as_json)
        if not tally.messages + tally.unreadable_messages:
            raise ConfigError([f"{', '.join(map(str, paths))}: holds no mail: no mbox, no Maildir, no .eml"])
    out(json.dumps(tally.as_json()) if as_json else page(tally))


def page(tally: Tally) -> str:
    """The result for people."""
    data: dict[str, Any] = tally.as_json()
    lines = [
        f"{data['messages']} messages in {data['seconds']:.1f} s, {data['unreadable_messages']} could not be read."
    ]
    lines.append(f"\n{'action':<10} {'messages':>9}")
    lines += [f"{name:<10} {count:>9}" for name, count in sorted(data["actions"].items())]
    lines.append(f"\n{'clause':<12} {'hits':>6} {'effective':>10} {'saved':>6}  saved by")
    for name, row in sorted(data["clauses"].items()):
        saved = ", ".join(f"{defence} {count}" for defence, count in sorted(row["defences"].items()))
        lines.append(f"{name:<12} {row['hits']:>6} {row['effective']:>10} {row['saved']:>6}  {saved}")
        lines += [f"    {sample}" for sample in row["samples"]]
    for name in ("gained", "lost"):
        for clause, files in sorted(data.get(name, {}).items()):
            lines.append(f"\n{name} by {clause}: {len(files)}: {', '.join(files[:10])}")
    for name, title in (("by_party", "party named"), ("by_group", "group roster")):
        if data[name]:
            lines.append(f"\n{title:<28} {'messages':>9} {'stopped':>8} {'rate':>6}")
            lines += [
                f"{key:<28} {row['messages']:>9} {row['stopped']:>8} {row['rate']:>6.2f}"
                for key, row in sorted(data[name].items())
            ]
    return "\n".join(lines)
