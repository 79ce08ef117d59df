"""Three indexes hold only the rows they are asked for: most requests have no handler yet and are not merged,
and hardly a promise waits for next year's notice of holidays. Each filing wrote to all of them.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_RARE = ("handler_id", "merged_into_id")
_RUNNING, _PROVISIONAL = "ix_clocks_running_due_at", "ix_clocks_provisional_due_at"


def upgrade() -> None:
    for column in _RARE:
        _make_anew(column, sa.text(f"{column} IS NOT NULL"))
    op.drop_index(_RUNNING, "clocks")
    waiting = sa.text("state = 'running' AND is_provisional")
    op.create_index(_PROVISIONAL, "clocks", ["due_at"], postgresql_where=waiting, sqlite_where=waiting)


def downgrade() -> None:
    for column in _RARE:
        _make_anew(column, None)
    op.drop_index(_PROVISIONAL, "clocks")
    running = sa.text("state = 'running'")
    op.create_index(_RUNNING, "clocks", ["due_at"], postgresql_where=running, sqlite_where=running)


def _make_anew(column: str, where: sa.TextClause | None) -> None:
    name = f"ix_tickets_{column}"
    op.drop_index(name, "tickets")
    op.create_index(name, "tickets", [column], postgresql_where=where, sqlite_where=where)
