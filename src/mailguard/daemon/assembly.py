"""Puts the parts of one configuration together. Law: the only place that knows all parts; it decides nothing.

Whatever a file named in the configuration has wrong with it (a certificate, a password, a template) is a ConfigError
here, before any mail meets it.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Mapping
from pathlib import Path

from mailguard.actions.handling import NEXT_HOP, Route, Services
from mailguard.actions.signing import Signer
from mailguard.config.document import Document
from mailguard.config.faults import Fault, dotted
from mailguard.config.load import Config
from mailguard.config.places import Loc
from mailguard.config.resources import config_root
from mailguard.config.settings import Hop
from mailguard.config.settings import Route as RouteTable
from mailguard.config.values import Address
from mailguard.examine import MailMaker, build_examiner, build_register, load_config
from mailguard.gateway import Runtime
from mailguard.mail.errors import ConfigError
from mailguard.mail.reader import Reader
from mailguard.matching.masking import Fingerprints
from mailguard.notices.compose import Templates
from mailguard.observe.metrics import Metrics
from mailguard.observe.wire import WireObserver
from mailguard.pace import Pace
from mailguard.policy.calendar import Calendar
from mailguard.smtp.hop import HopPool
from mailguard.smtp.settings import FrontSettings, HopSettings, Limits
from mailguard.smtp.tls import front_context
from mailguard.store.store import Store

ENCRYPT = "secure"
"""The route `encrypt` uses by default."""


def load(path: Path) -> Config:
    """The checked configuration, with all files it names looked at. Raises ConfigError with every fault."""
    config = load_config(path)
    faults: list[str] = []
    for check in (_templates, _signer, _round, lambda item: [hop_settings(item, name) for name in _hops(item)]):
        try:
            check(config)
        except ConfigError as error:
            faults += error.faults
    try:
        front_context(front_settings(config, config.settings.listen.address, Path()))
    except (OSError, ValueError) as error:
        faults.append(fault(config, ("listen", "certificate"), f"does not serve ({_why(error)}); give a PEM file"))
    if faults:
        raise ConfigError(faults)
    return config


def _why(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)


def fault(config: Config, loc: Loc, what: str) -> str:
    """An error at a key of the operator's file, with its line."""
    line = Document.read(config.source).places.line(loc) if config.source.is_file() else 0
    return str(Fault(str(config.source), line, f"{dotted(loc)}: {what}"))


def _round(config: Config) -> None:
    """A gateway that is its own next hop would pass mail to itself for ever."""
    listen = config.settings.listen.address
    for name, hop in _hops(config).items():
        if hop.address == listen:
            loc = (*_table(name), "address")
            raise ConfigError([fault(config, loc, "is the gateway's own [listen] address; name the server behind it")])


def _table(name: str) -> tuple[str, ...]:
    return (NEXT_HOP,) if name == NEXT_HOP else ("routes", name)


def _hops(config: Config) -> dict[str, Hop]:
    return {NEXT_HOP: config.settings.next_hop, **config.settings.routes}


def front_settings(config: Config, address: Address, spool: Path) -> FrontSettings:
    """What the front is told."""
    listen, limits = config.settings.listen, config.settings.limits
    return FrontSettings(
        address=str(address),
        hostname=listen.hostname,
        spool=spool,
        limits=Limits(
            idle=limits.idle,
            message=limits.message,
            connections=max(1, limits.connections // listen.workers),
            connections_per_client=limits.connections_per_client or 0,
            recipients=limits.recipients,
            spool_over=limits.spool_over,
        ),
        tls=listen.tls,
        certificate=listen.certificate,
        private_key=listen.private_key,
        auth_without_tls=listen.tls == "off",
        proxy_from=listen.proxy_from,
    )


def hop_settings(config: Config, name: str) -> HopSettings:
    """What the pool of a route is told. Raises ConfigError where its password or authorities cannot be read."""
    hop = _hops(config)[name]
    if hop.ca_file and not hop.ca_file.is_file():
        raise ConfigError(
            [fault(config, (*_table(name), "ca_file"), f"there is no {hop.ca_file}; give the right path")]
        )
    secret = _secret(config, (*_table(name), "password_file"), hop.password_file) if hop.password_file else ""
    return HopSettings(
        address=str(hop.address),
        tls=hop.tls,
        ca_file=hop.ca_file,
        server_name=hop.server_name,
        user=hop.user,
        password=secret,
        hello=config.settings.listen.hostname,
        timeout=config.settings.limits.hop,
        xforward="off" if hop.client_info == "off" else "if-offered",
    )


def _secret(config: Config, loc: Loc, path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([fault(config, loc, f"{path} cannot be read ({_why(error)}); give the right path")]) from None


def routes(config: Config, metrics: Metrics, old: Mapping[str, Route] | None = None) -> dict[str, Route]:
    """A hop for each route; one whose settings did not change keeps its open sessions."""
    made = {}
    for name, table in _hops(config).items():
        settings = hop_settings(config, name)
        kept = old.get(name) if old else None
        try:
            hop = kept.hop if kept and kept.hop.settings == settings else HopPool(settings, WireObserver(metrics, name))
        except (OSError, ValueError) as error:
            what = f"the authorities do not serve ({_why(error)}); give a PEM file"
            raise ConfigError([fault(config, (*_table(name), "ca_file"), what)]) from None
        trigger = (table.subject_prefix, table.header) if isinstance(table, RouteTable) else ("", "")
        made[name] = Route(name, hop, *trigger)
    return made


def services(config: Config, store: Store, made: Mapping[str, Route]) -> Services:
    """What actions and courier share. Raises ConfigError."""
    settings = config.settings
    return Services(
        store=store,
        routes=made,
        templates=_templates(config),
        hostname=front_settings(config, settings.listen.address, Path()).name,
        notices_from=settings.notices_from,
        council=settings.council.name,
        web_url=settings.web.url,
        signer=_signer(config),
    )


def runtime(config: Config, reader: Reader, shared: Services) -> Runtime:
    """One configuration, ready for mail. Raises ConfigError."""
    register = build_register(config)
    key = shared.store.fingerprint_key
    limits, workers = config.settings.limits, config.settings.listen.workers
    return Runtime(
        policy=config.policy,
        examiner=build_examiner(config, Fingerprints(key)),
        make=MailMaker(config, register),
        register=register,
        calendar=Calendar(config.polls),
        reader=reader,
        trace_key=key,
        services=shared,
        deadline=limits.deadline,
        clients=Pace(_share(limits.messages_per_client, workers), time.monotonic),
        senders=Pace(_share(limits.messages_per_member, workers), time.monotonic),
    )


def _share(limit: int | None, workers: int) -> int | None:
    """One worker's part of a limit that holds for all."""
    return None if limit is None else max(1, limit // workers)


def _templates(config: Config) -> Templates:
    own = config.settings.notices.templates
    if own and not own.is_dir():
        raise ConfigError([fault(config, ("notices", "templates"), f"{own} is no folder; give the right one")])
    return Templates([config_root() / "notices", *([own] if own else [])])


def _signer(config: Config) -> Signer | None:
    """The signer of `[dkim]`. Raises ConfigError where the key is none."""
    table = config.settings.dkim
    if table is None:
        return None
    secret = _secret(config, ("dkim", "key"), table.key)
    if secret.startswith("-----BEGIN"):
        return Signer(table.domain, table.selector, secret.encode())
    try:
        seed = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        seed = b""
    if len(seed) != 32:
        fix = "write a PEM RSA key, or an Ed25519 seed of 32 bytes in base64"
        raise ConfigError([fault(config, ("dkim", "key"), f"{table.key} holds no key; {fix}")])
    return Signer(table.domain, table.selector, secret.encode(), "ed25519-sha256")
