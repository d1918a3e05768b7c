"""The tables, the same on SQLite and PostgreSQL. Law: a change here is a new migration, and HEAD its revision."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from mailguard.store.columns import Json, Moment, Words

HEAD = "0001"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Serial = BigInteger().with_variant(Integer, "sqlite")

journal = Table(
    "journal",
    metadata,
    Column("row", Serial, primary_key=True, autoincrement=True),
    Column("id", Words, nullable=False, index=True),
    Column("at", Moment, nullable=False, index=True),
    Column("action", String(16), nullable=False),
    Column("clauses", Json, nullable=False),
    Column("facts", Json, nullable=False),
    Column("policy", Words, nullable=False),
    Column("version", Words, nullable=False),
    Column("case", String(16)),
    Column("ended", Words, nullable=False),
    Column("reply", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
)

bodies = Table(
    "bodies",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key_id", String(16), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("stored", BigInteger, nullable=False),
    Column("created", Moment, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("created", Moment, nullable=False),
)

case_numbers = Table(
    "case_numbers",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("number", String(16), primary_key=True),
    Column("state", String(24), nullable=False, index=True),
    Column("action", String(16), nullable=False),
    Column("clauses", Json, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("factors", Json, nullable=False),
    Column("defences", Json, nullable=False),
    Column("mail_id", Words, nullable=False),
    Column("sender", Words, nullable=False),
    Column("recipients", Json, nullable=False),
    Column("message_id", Words, nullable=False),
    Column("member", Words, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("frozen", Boolean, nullable=False),
    Column("policy", Words, nullable=False),
    Column("version", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("body", ForeignKey("bodies.id"), index=True),
    Column("plan", Json, nullable=False),
    Column("created", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
)

case_history = Table(
    "case_history",
    metadata,
    Column("row", Serial, primary_key=True, autoincrement=True),
    Column("case", ForeignKey("cases.number", ondelete="CASCADE"), nullable=False, index=True),
    Column("was", String(24), nullable=False),
    Column("state", String(24), nullable=False),
    Column("by", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("at", Moment, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("route", Words, nullable=False),
    Column("state", String(16), nullable=False),
    Column("envelope", Json, nullable=False),
    Column("body", ForeignKey("bodies.id"), index=True),
    Column("case", ForeignKey("cases.number"), index=True),
    Column("created", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", Words, nullable=False),
    Column("lease", String(32)),
    Column("lease_until", Moment),
    Column("sending", Boolean, nullable=False),
    Column("reply", Words, nullable=False),
    Index("ix_deliveries_state_due", "state", "due"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("sender", String(64), nullable=False),
    Column("clauses", Json, nullable=False),
    Column("recipients", Json, nullable=False),
    Column("text", String(64), nullable=False),
    Column("case", String(16), nullable=False, index=True),
    Column("issued", Moment, nullable=False),
    Column("expires", Moment, nullable=False, index=True),
    Column("redeemed", Moment),
    Column("justification", Words, nullable=False),
)

mailings = Table(
    "mailings",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("recipient", String(64), primary_key=True),
    Column("mail", String(64), primary_key=True, index=True),
    Column("at", Moment, nullable=False, index=True),
    Column("confirmed", Boolean, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("member", Words, nullable=False, index=True),
    Column("clause", Words, nullable=False),
    Column("purpose", Words, nullable=False),
    Column("largest", Integer),
    Column("begins", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("approver", Words, nullable=False),
    Column("created", Moment, nullable=False),
    Column("ended", Moment),
    Column("ended_by", Words, nullable=False),
)

deletions = Table(
    "deletions",
    metadata,
    Column("row", Serial, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("count", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("hash", String(64), nullable=False),
)
