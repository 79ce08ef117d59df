"""How Alembic meets the application: its engine, its models, batch mode for SQLite."""

from alembic import context
from flask import current_app

from ticketing.core.db import Base

# Made by hand in a migration of their own: no model can describe them on both databases.
NOT_MODELS = "ticket_texts"


def is_of_models(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a table found in the database is compared with the models."""
    return kind != "table" or not (name or "").startswith(NOT_MODELS)


def run() -> None:
    """Apply migrations over the application's own connection; offline SQL is not offered."""
    engine = current_app.extensions["migrate"].db.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="READ COMMITTED")  # all of it or nothing
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
            include_name=is_of_models,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Offline SQL is not supported: run `flask --app wsgi db upgrade` against the database.")
run()
