"""`mailguard run`: the daemon in the foreground. Law: SIGTERM drains, SIGHUP reloads, a bad file never takes effect."""

from __future__ import annotations

import typer

from mailguard.cli.common import DEFAULT, ConfigFile, new_app

app = new_app()


@app.command()
def run(config: ConfigFile = DEFAULT) -> None:
    """Run the gateway in the foreground.

    SIGTERM drains; SIGHUP reloads, and keeps what was in force where the file has an error.
    """
    from mailguard.daemon import run as serve

    raise typer.Exit(serve(config))
