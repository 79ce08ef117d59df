"""Routing rules: who takes a request in, whom to dispatch it to. What was fixed in code becomes data."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON_B = sa.JSON().with_variant(JSONB(), "postgresql")
WORD = sa.String(length=32)
# The order of 2025: the station of the place, else its area, else the filer's own unit, else the centre.
RULES = [
    # code, name, English name, decides, priority, target
    ("R1", "属地服务站先接", "The place's own station first", "intake", 900, "station"),
    ("R2", "没有服务站的地点由片区接", "Where there is no station, the area", "intake", 910, "area"),
    (
        "R3",
        "登记时没写地点，由登记人的单位接",
        "No place given: the unit that registers it",
        "intake",
        920,
        "own",
    ),
    ("R4", "其余由区中心分拨台接", "All others: the district's triage desk", "intake", 990, "triage"),
    ("R5", "按类别派给主办部门", "The department that leads the category", "lead", 900, "category_lead"),
]


def upgrade() -> None:
    table = op.create_table(
        "routing_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("decides", WORD, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("conditions", JSON_B, nullable=False),
        sa.Column("target", WORD, nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("is_ended", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rules")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_routing_rules_code_version")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_routing_rules_unit_id")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_routing_rules_made_by")),
        sa.CheckConstraint(
            "(target = 'unit') = (unit_id IS NOT NULL)", name=op.f("ck_routing_rules_a_named_unit")
        ),
        sa.CheckConstraint("version >= 1 AND priority >= 1", name=op.f("ck_routing_rules_counts_from_one")),
    )
    op.create_index(op.f("ix_routing_rules_unit_id"), "routing_rules", ["unit_id"])
    op.bulk_insert(
        table,
        [
            {
                "code": code, "version": 1, "name": name, "name_en": name_en, "decides": decides,
                "priority": priority, "conditions": {}, "target": target, "unit_id": None,
                "starts_on": date(2025, 1, 1), "is_ended": False,
                "made_at": datetime(2025, 1, 1, tzinfo=UTC), "made_by": None,
            }
            for code, name, name_en, decides, priority, target in RULES
        ],
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("routing_rules")
