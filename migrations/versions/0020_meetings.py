"""Joint meetings: agenda, decisions, tasks, papers that do not change; and news that is of no ticket."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=32)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
REFUSAL = "what was issued does not change"


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("sentence", sa.String(length=200), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_table(
        "notice_readers",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("carried_at", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_readers_notice_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notice_readers_user_id")),
        sa.PrimaryKeyConstraint("notice_id", "user_id", name=op.f("pk_notice_readers")),
    )
    op.create_index(
        "ix_notice_readers_waiting",
        "notice_readers",
        ["notice_id"],
        unique=False,
        postgresql_where=sa.text("carried_at IS NULL"),
        sqlite_where=sa.text("carried_at IS NULL"),
    )

    op.create_index("ix_notice_readers_user_id", "notice_readers", ["user_id", "notice_id"])
    op.create_table(
        "delivery_notices",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name="fk_delivery_notices_delivery_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_delivery_notices_notice_id"),
        sa.PrimaryKeyConstraint("notice_id", "address", name="pk_delivery_notices"),
    )
    op.create_index("ix_delivery_notices_delivery_id", "delivery_notices", ["delivery_id"])
    op.create_table(
        "meetings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("theme", sa.String(length=200), nullable=False),
        sa.Column("host_unit_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("guests", sa.String(length=400), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("called_by", sa.Integer(), nullable=True),
        sa.Column("called_at", MOMENT, nullable=False),
        sa.Column("cancelled_because", sa.Text(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'issued') = (issued_at IS NOT NULL)", name=op.f("ck_meetings_issued_has_a_time")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meetings_ends_after_it_starts")),
        sa.ForeignKeyConstraint(["called_by"], ["users.id"], name=op.f("fk_meetings_called_by")),
        sa.ForeignKeyConstraint(["host_unit_id"], ["units.id"], name=op.f("fk_meetings_host_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("number", name=op.f("uq_meetings_number")),
    )
    op.create_index("ix_meetings_state_starts_at", "meetings", ["state", "starts_at", "id"], unique=False)

    op.create_table(
        "meeting_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_files_meeting_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name=op.f("fk_meeting_files_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_files")),
        sa.UniqueConstraint("token", name=op.f("uq_meeting_files_token")),
    )
    op.create_index("ix_meeting_files_meeting_id", "meeting_files", ["meeting_id"], unique=False)

    op.create_table(
        "meeting_papers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["issued_by"], ["users.id"], name=op.f("fk_meeting_papers_issued_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_papers_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_papers")),
        sa.UniqueConstraint("meeting_id", "nth", name=op.f("uq_meeting_papers_meeting_id_nth")),
    )
    op.create_table(
        "meeting_people",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_people_meeting_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_meeting_people_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_meeting_people_user_id")),
        sa.PrimaryKeyConstraint("meeting_id", "user_id", name=op.f("pk_meeting_people")),
    )
    op.create_index("ix_meeting_people_user_id", "meeting_people", ["user_id"], unique=False)

    op.create_table(
        "meeting_units",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_units_meeting_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_meeting_units_unit_id")),
        sa.PrimaryKeyConstraint("meeting_id", "unit_id", name=op.f("pk_meeting_units")),
    )
    op.create_index("ix_meeting_units_unit_id", "meeting_units", ["unit_id"], unique=False)

    op.create_table(
        "agenda_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("issue", sa.Text(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("raised_by_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("for_company", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_agenda_items_meeting_id")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["units.id"], name=op.f("fk_agenda_items_raised_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_agenda_items_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_items")),
    )
    op.create_index("ix_agenda_items_meeting_id", "agenda_items", ["meeting_id", "position"], unique=False)
    op.create_index(
        "ix_agenda_items_ticket_id",
        "agenda_items",
        ["ticket_id"],
        unique=False,
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
        sqlite_where=sa.text("ticket_id IS NOT NULL"),
    )

    op.create_table(
        "meeting_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "part_id IS NULL OR done_at IS NULL", name=op.f("ck_meeting_tasks_one_truth_of_what_is_done")
        ),
        sa.ForeignKeyConstraint(["done_by"], ["users.id"], name=op.f("fk_meeting_tasks_done_by")),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_items.id"], name=op.f("fk_meeting_tasks_item_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_tasks_meeting_id")),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name=op.f("fk_meeting_tasks_part_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_meeting_tasks_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_meeting_tasks_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_tasks")),
    )
    op.create_index("ix_meeting_tasks_due_on", "meeting_tasks", ["due_on", "id"], unique=False)
    op.create_index("ix_meeting_tasks_item_id", "meeting_tasks", ["item_id"], unique=False)
    op.create_index("ix_meeting_tasks_meeting_id", "meeting_tasks", ["meeting_id"], unique=False)
    seal_papers()


def seal_papers() -> None:
    """Have the database refuse UPDATE and DELETE on papers."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER meeting_papers_no_{verb.lower()} BEFORE {verb} ON meeting_papers "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_paper_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER meeting_papers_append_only BEFORE UPDATE OR DELETE ON meeting_papers "
        "FOR EACH ROW EXECUTE FUNCTION refuse_paper_change()"
    )
    op.execute(
        "CREATE TRIGGER meeting_papers_no_truncate BEFORE TRUNCATE ON meeting_papers "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_paper_change()"
    )


def downgrade() -> None:
    op.drop_table("meeting_tasks")
    op.drop_table("agenda_items")
    op.drop_table("meeting_units")
    op.drop_table("meeting_people")
    op.drop_table("meeting_papers")
    op.drop_table("meeting_files")
    op.drop_table("meetings")
    op.drop_table("delivery_notices")
    op.drop_table("notice_readers")
    op.drop_table("notices")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_paper_change()")
