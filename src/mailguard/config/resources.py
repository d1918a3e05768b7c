"""Where the data that ships with mailguard lies: presets, word lists, the demo. Law: a wheel has it too."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import mailguard


@cache
def config_root() -> Path:
    """The folder `config` of a checkout, or `_config` beside the installed package."""
    package = Path(mailguard.__file__).parent
    installed = package / "_config"
    return installed if installed.is_dir() else package.parents[1] / "config"


def demo_config() -> Path:
    """The demonstration council's file, used by `explain`, `evaluate` and `backtest` without `--config`."""
    return config_root() / "demo" / "mailguard.toml"


def preset_names() -> list[str]:
    """The presets that ship, in alphabetical order; `base` is under all of them and not one itself."""
    return sorted(path.stem for path in (config_root() / "presets").glob("*.toml") if path.stem != "base")


def preset_path(name: str, folder: Path) -> Path:
    """The file of a preset: one that ships, by name, or a council's own, by a path that ends in `.toml`."""
    return folder / name if name.endswith(".toml") else config_root() / "presets" / f"{name}.toml"
