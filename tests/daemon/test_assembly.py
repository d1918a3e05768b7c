"""Faults of files that the configuration names are told with file, line and fix, before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailguard.daemon import assembly
from mailguard.mail.errors import ConfigError

LEAST = """\
preset = "lancashire"
[council]
domains = ["council.example"]
[listen]
address = "127.0.0.1:2525"
{listen}
[next_hop]
address = "{hop}"
{more}
"""


def faults(folder: Path, hop: str = "127.0.0.1:2526", listen: str = "", more: str = "") -> list[str]:
    path = folder / "mailguard.toml"
    path.write_text(LEAST.format(hop=hop, listen=listen, more=more))
    try:
        assembly.load(path)
    except ConfigError as error:
        return [fault.removeprefix(f"{path}:") for fault in error.faults]
    return []


def test_a_sound_file_loads(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"hop": "127.0.0.1:2525"}, "8: next_hop.address: is the gateway's own"),
        ({"more": 'ca_file = "none.pem"'}, "9: next_hop.ca_file: there is no"),
        ({"more": 'user = "mg"\npassword_file = "none"'}, "10: next_hop.password_file: "),
        (
            {"listen": 'tls = "optional"\ncertificate = "a.pem"\nprivate_key = "b"'},
            "7: listen.certificate: does not serve",
        ),
        ({"more": '[dkim]\ndomain = "council.example"\nselector = "s"\nkey = "none"'}, "12: dkim.key: "),
    ],
)
def test_each_fault_has_its_line(tmp_path: Path, given: dict[str, str], told: str) -> None:
    (fault,) = faults(tmp_path, **given)
    assert fault.startswith(told)
    assert ";" in fault


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    assert len(faults(tmp_path, hop="127.0.0.1:2525", more='ca_file = "none.pem"')) == 2
