"""How Alembic meets the application: its engine, its models, batch mode for SQLite."""

from alembic import context
from flask import current_app

from ticketing.core.db import Base


def run() -> None:
    """Apply migrations over the application's own connection; offline SQL is not offered."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Offline SQL is not supported: run `flask --app wsgi db upgrade` against the database.")
run()
