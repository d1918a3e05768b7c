"""`mailguard init`: one commented file to begin with. Law: it overwrites nothing, and it begins by observing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailguard.cli.common import new_app, out, say

app = new_app()


@app.command()
def init(
    preset: Annotated[str, typer.Option("--preset", metavar="NAME", help="Whose policy to begin with.")],
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where; default: here.")] = Path(),
) -> None:
    """Write a commented mailguard.toml to begin with.

    It has every setting with its default, and `mode = "observe"`. Nothing is overwritten.
    """
    from mailguard.config.faults import nearest
    from mailguard.config.resources import config_root, preset_names

    if preset not in preset_names():
        say(f'"{preset}" is no preset{nearest(preset, preset_names())}')
        raise typer.Exit(1)
    file = folder / "mailguard.toml"
    text = (config_root() / "mailguard.toml").read_text("utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new:
            new.write(text.replace('preset = "lancashire"', f'preset = "{preset}"', 1))
    except FileExistsError as error:
        say(f"{error.filename}: is there already; move it away first, or name another folder")
        raise typer.Exit(1) from None
    except OSError as error:
        say(f"{file}: cannot be written: {error.strerror}")
        raise typer.Exit(1) from None
    out(
        f"{file}: written. Set [council] domains, [listen] and [next_hop] address, and list the members in members.csv."
    )
    out(f"Then: mailguard check-config --config {file}")
