"""The operator's file as typed values. Law: every key is written in `init`'s file and in docs/configuration.md.

Durations are seconds (float), sizes bytes (int), paths absolute or relative to the file's folder joined.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from mailguard.config.values import (
    Ascii,
    Bytes,
    Domain,
    Duration,
    Endpoint,
    File,
    HeaderField,
    Mailbox,
    Network,
    StoreUrl,
)
from mailguard.mail.limits import Limits as ReadLimits
from mailguard.policy.condition import Strict
from mailguard.policy.poll import Poll


def _set(default: Any, **limits: Any) -> Any:
    """A default as it would be written in the file; it is checked and resolved like a written value."""
    return Field(default=default, **limits)


Tls = Literal["off", "if-offered", "required"]


class Table(Strict):
    """Base of all tables: defaults are checked and resolved as written values are."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class CouncilTable(Table):
    """`[council]`: what the council tells of itself."""

    domains: tuple[Domain, ...] = Field(min_length=1)
    secure_domains: tuple[Domain, ...] = ()
    name: str = ""
    phones: tuple[str, ...] = ()


class Listen(Table):
    """`[listen]`: the side of the clients."""

    address: Endpoint
    hostname: str = ""
    tls: Literal["off", "optional", "required"] = "off"
    certificate: File | None = None
    private_key: File | None = None
    proxy_from: tuple[Network, ...] = ()
    workers: int = _set(1, ge=1, le=64)

    @model_validator(mode="after")
    def _has_certificate(self) -> Listen:
        if self.tls != "off" and not (self.certificate and self.private_key):
            raise ValueError(f'tls = "{self.tls}" needs certificate and private_key')
        return self


class Hop(Table):
    """`[next_hop]`: the server that mail goes on to."""

    address: Endpoint
    tls: Tls = "off"
    server_name: str = ""
    ca_file: File | None = None
    user: str = ""
    password_file: File | None = None
    client_info: Literal["off", "xforward"] = "xforward"

    @model_validator(mode="after")
    def _has_password(self) -> Hop:
        if bool(self.user) != bool(self.password_file):
            raise ValueError("user and password_file go together: set both or neither")
        return self


class Route(Hop):
    """`[routes.NAME]`: another server, for mail that a clause sends elsewhere (`encrypt`)."""

    tls: Tls = "required"
    client_info: Literal["off", "xforward"] = "off"
    subject_prefix: Ascii = ""
    header: HeaderField = ""

    @model_validator(mode="after")
    def _is_private(self) -> Route:
        if self.tls == "off" and not self.address.is_local:
            raise ValueError('tls = "off" serves only where the route is this machine; write tls = "required"')
        return self


class Members(Table):
    """`[members]`: for whom the policy holds."""

    file: File = _set("members.csv")
    scope: Literal["members", "domain"] = "members"


class Store(Table):
    """`[store]`: where records, held mails and the key lie."""

    url: StoreUrl = "sqlite:///var/mailguard.db"
    held: File = _set("var/held")
    key: File = _set("mailguard.key")


class Web(Table):
    """`[web]`: metrics and health; `url` is the address people see in replies and notices."""

    address: Endpoint = _set("127.0.0.1:8025")
    url: str = _set("", pattern=r"^(https?://[^\s]+)?$")


class Limits(Table):
    """`[limits]`: nothing is without one (design law 6)."""

    idle: Duration = _set("5m", gt=0)
    hop: Duration = _set("60s", gt=0)
    deadline: Duration = _set("90s", gt=0, lt=100)
    drain: Duration = _set("30s", gt=0, le=30)
    message: Bytes = _set("50MB", gt=0)
    spool_over: Bytes = _set("1MB", ge=0)
    connections: int = _set(1000, ge=1)
    connections_per_client: int | None = _set(None, ge=1)
    recipients: int = _set(1000, ge=100)
    messages_per_client: int | None = _set(None, ge=1)
    messages_per_member: int | None = _set(None, ge=1)


class Readers(Table):
    """`[readers]`: the processes that read attachments, and what one document may cost (design law 7)."""

    workers: int = Field(default=1, ge=1, le=64)
    time: Duration = _set("20s", gt=0)
    memory: Bytes = _set("1GB", gt=0)
    unpacked: Bytes = _set("100MB", gt=0)
    files: int = Field(default=1000, ge=1)
    depth: int = Field(default=4, ge=1, le=32)
    rows: int = Field(default=20_000, ge=1)
    ocr: bool = False

    @property
    def limits(self) -> ReadLimits:
        """The same as the readers take it."""
        return ReadLimits(
            inflated=self.unpacked,
            depth=self.depth,
            members=self.files,
            rows=self.rows,
            seconds=self.time,
            memory=self.memory,
            ocr=self.ocr,
        )


class Dkim(Table):
    """`[dkim]`: the signature on tagged mail and on mailguard's own notices; without it nothing is signed."""

    domain: Domain
    selector: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    key: File


class Notices(Table):
    """`[notices]`: what the senders of held and encrypted mail are told."""

    sender: Mailbox | None = _set(None, alias="from")
    templates: File | None = None


class Retention(Table):
    """`[retention]`: how long each kind of record is kept."""

    journal: Duration = _set("90d", gt=0)
    held: Duration = _set("30d", gt=0)
    cases: Duration = _set("365d", gt=0)
    counters: Duration = _set("400d", gt=0)


class Logging(Table):
    """`[logging]`: one JSON line a mail on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Lists(Table):
    """`[words]`: a folder of the council's own word lists; a list of ours with the same name is replaced."""

    folder: File | None = None


class Settings(Table):
    """The whole of `mailguard.toml`. The policy's tables stay raw here; `layers` reads them over the presets."""

    preset: str
    mode: Literal["enforce", "observe"] = "enforce"
    council: CouncilTable
    listen: Listen
    next_hop: Hop
    routes: dict[str, Route] = _set({})
    members: Members = _set({})
    store: Store = _set({})
    web: Web = _set({})
    limits: Limits = _set({})
    readers: Readers = _set({})
    dkim: Dkim | None = None
    notices: Notices = _set({})
    retention: Retention = _set({})
    logging: Logging = _set({})
    words: Lists = _set({})
    poll: tuple[Poll, ...] = ()
    clauses: dict[str, dict[str, Any]] = _set({})
    clause: tuple[dict[str, Any], ...] = ()
    rules: dict[str, dict[str, Any]] = _set({})
    defences: dict[str, dict[str, Any]] = _set({})

    @property
    def notices_from(self) -> str:
        """Header From of notices: `[notices] from`, or postmaster@ the first domain."""
        return self.notices.sender or f"postmaster@{self.council.domains[0]}"
