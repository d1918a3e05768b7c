"""Values of the operator's file beyond plain texts and numbers. Law: paths are relative to the file they stand in.

The folder of the file reaches these as the validation context `{"folder": Path}`.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, PlainValidator, ValidationInfo

from mailguard.policy.units import parse_duration, parse_size

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_FIELD = re.compile(r"[!-9;-~]+:[ \t]?[ -~]+")
_SQLITE = re.compile(r"(sqlite(?:\+aiosqlite)?):///(?!/)(.+)")


class Address(NamedTuple):
    """Where to listen or to connect: a host name or IP address, and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether it is this machine, as far as can be told without DNS: a loopback address or `localhost`."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"

    @classmethod
    def parse(cls, text: object) -> Address:
        """`host:port` or `[IPv6]:port`; raises ValueError that says how to write it."""
        if isinstance(text, Address):
            return text
        host, colon, port = str(text).rpartition(":")
        bare = host.removeprefix("[").removesuffix("]")
        fits = bool(colon and bare) and port.isdigit() and int(port) < 65536
        if not fits or (":" in bare) != host.startswith("["):
            raise ValueError(f'write an address like "127.0.0.1:25" or "[::1]:25", not "{text}"')
        return cls(bare, int(port))


def _domain(text: str) -> str:
    folded = text.strip().rstrip(".").lower()
    try:
        folded = folded.encode("idna").decode("ascii")
    except UnicodeError:
        folded = ""
    if not _DOMAIN.fullmatch(folded):
        raise ValueError(f'write a domain like "council.example", not "{text}"')
    return folded


def mailbox(text: str) -> str:
    """One e-mail address, lower case (no look-up in the DNS is made); raises ValueError."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f'"{text}" is no e-mail address: {error}') from None
    return found.normalized.lower()


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError(f'write an address or network like "10.0.0.0/8", not "{text}"') from None


def _path(value: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / value.expanduser()


def _url(value: str, info: ValidationInfo) -> str:
    if match := _SQLITE.fullmatch(value):
        folder: Path = (info.context or {}).get("folder", Path())
        return f"{match[1]}:///{(folder / match[2]).absolute()}"
    if value.startswith(("postgresql://", "postgresql+asyncpg://", "sqlite:////", "sqlite+aiosqlite:////")):
        return value
    raise ValueError('write "sqlite:///var/mailguard.db" or "postgresql://user@host/name"')


def _field(value: str) -> str:
    if value and not _FIELD.fullmatch(value):
        raise ValueError(f'write a header field like "X-Encrypt: yes", not "{value}"')
    return value


def _ascii(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError("write plain ASCII without line breaks")
    return value


def _duration(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str) else _unit(value, "duration", "15s")


def _size(value: Any) -> Any:
    return parse_size(value) if isinstance(value, str) else _unit(value, "size", "30MB")


def _unit(value: Any, what: str, example: str) -> Any:
    if isinstance(value, int | float):
        raise ValueError(f'write a {what} with its unit like "{example}", not {value}')
    return value


Endpoint = Annotated[Address, PlainValidator(Address.parse)]
Domain = Annotated[str, AfterValidator(_domain)]
Mailbox = Annotated[str, AfterValidator(mailbox)]
Network = Annotated[str, AfterValidator(_network)]
File = Annotated[Path, AfterValidator(_path)]
StoreUrl = Annotated[str, AfterValidator(_url)]
HeaderField = Annotated[str, AfterValidator(_field)]
Ascii = Annotated[str, AfterValidator(_ascii)]
Duration = Annotated[float, BeforeValidator(_duration)]
Bytes = Annotated[int, BeforeValidator(_size)]
