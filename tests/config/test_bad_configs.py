"""Every bad file gives exactly the faults its leading comment lines say, all at once."""

from pathlib import Path

import pytest

from mailguard.examine import load_config
from mailguard.mail.errors import ConfigError

FOLDER = Path(__file__).parents[1] / "bad_configs"
FILES = sorted(path.name for path in FOLDER.glob("*.toml"))


def expected(name: str) -> list[str]:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    end = next(number for number, line in enumerate(lines) if not line.startswith("# "))
    return [line[2:] for line in lines[:end]]


@pytest.mark.parametrize("name", FILES)
def test_faults_are_as_the_file_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    with pytest.raises(ConfigError) as caught:
        load_config(Path(name))
    assert caught.value.faults == expected(name)


def test_there_are_many() -> None:
    assert len(FILES) > 40
