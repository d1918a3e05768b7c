"""How Alembic runs here: on the connection it is given, in that connection's transaction."""

from __future__ import annotations

from alembic import context

from mailguard.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
