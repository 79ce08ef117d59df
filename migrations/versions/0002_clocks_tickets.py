"""Limits, calendars, clocks, tickets and what hangs on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON_B = sa.JSON().with_variant(JSONB(), "postgresql")


# fmt: off
def upgrade() -> None:
    op.create_table('calendars',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('zone', sa.String(length=40), nullable=False),
    sa.Column('windows', JSON_B, nullable=False),
    sa.Column('published_years', JSON_B, nullable=False),
    sa.Column('is_current', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendars')),
    sa.UniqueConstraint('name', 'version', name=op.f('uq_calendars_name_version'))
    )
    op.create_table('limit_rules',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('metric', sa.Enum('sign', 'respond', 'resolve', 'revisit', name='metric', native_enum=False, length=32), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('level', sa.String(length=12), nullable=False),
    sa.Column('category_code', sa.String(length=8), nullable=False),
    sa.Column('unit_code', sa.String(length=16), nullable=False),
    sa.Column('limit', sa.String(length=12), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_limit_rules')),
    sa.UniqueConstraint('metric', 'kind', 'level', 'category_code', 'unit_code', 'starts_on', name=op.f('uq_limit_rules_metric_kind_level_category_code_unit_code_starts_on'))
    )
    op.create_table('calendar_days',
    sa.Column('calendar_id', sa.Integer(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('kind', sa.Enum('holiday', 'workday', name='daykind', native_enum=False, length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('windows', JSON_B, nullable=True),
    sa.ForeignKeyConstraint(['calendar_id'], ['calendars.id'], name=op.f('fk_calendar_days_calendar_id')),
    sa.PrimaryKeyConstraint('calendar_id', 'on', name=op.f('pk_calendar_days'))
    )
    op.create_table('tickets',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('status', sa.Enum('draft', 'submitted', 'need_info', 'rejected', 'accepted', 'dispatched', 'return_review', 'processing', 'suspended', 'reply_review', 'replied', 'closed', 'withdrawn', 'merged', name='state', native_enum=False, length=32), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('consult', 'help', 'complaint', 'violation_report', 'suggestion', 'praise', name='kind', native_enum=False, length=32), nullable=False),
    sa.Column('level', sa.Enum('normal', 'urgent', 'major', name='level', native_enum=False, length=32), nullable=False),
    sa.Column('category', sa.String(length=8), nullable=False),
    sa.Column('channel', sa.Enum('platform', 'phone', 'counter', 'station', 'visit', 'meeting', 'hotline_12345', 'app_sst', 'dept_report', 'cant_do_window', 'forum_hsws', 'biz_env_line', name='channel', native_enum=False, length=32), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('enterprise_id', sa.Integer(), nullable=False),
    sa.Column('contact_name', sa.String(length=60), nullable=False),
    sa.Column('contact_phone', sa.String(length=32), nullable=False),
    sa.Column('contact_email', sa.String(length=254), nullable=False),
    sa.Column('is_confidential', sa.Boolean(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=True),
    sa.Column('origin_unit_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('handler_id', sa.Integer(), nullable=True),
    sa.Column('filed_by', sa.Integer(), nullable=True),
    sa.Column('received_at', MOMENT, nullable=False),
    sa.Column('dispatched_at', MOMENT, nullable=True),
    sa.Column('replied_at', MOMENT, nullable=True),
    sa.Column('closed_at', MOMENT, nullable=True),
    sa.Column('due_at', MOMENT, nullable=True),
    sa.Column('due_metric', sa.String(length=12), nullable=True),
    sa.Column('warn_at', MOMENT, nullable=True),
    sa.Column('late_at', MOMENT, nullable=True),
    sa.Column('queue_at', MOMENT, nullable=False),
    sa.Column('return_count', sa.Integer(), nullable=False),
    sa.Column('extension_count', sa.Integer(), nullable=False),
    sa.Column('urge_count', sa.Integer(), nullable=False),
    sa.Column('revisit_tries', sa.Integer(), nullable=False),
    sa.Column('reply', sa.Text(), nullable=True),
    sa.Column('solved', sa.Enum('yes', 'partly', 'no', name='solved', native_enum=False, length=32), nullable=True),
    sa.Column('satisfaction', sa.Integer(), nullable=True),
    sa.Column('suspend_reason', sa.Enum('awaiting_requester', 'engineering', 'season', 'awaiting_policy', name='suspendreason', native_enum=False, length=32), nullable=True),
    sa.Column('resume_on', sa.Date(), nullable=True),
    sa.Column('merged_into_id', sa.Integer(), nullable=True),
    sa.Column('merged_from_status', sa.Enum('draft', 'submitted', 'need_info', 'rejected', 'accepted', 'dispatched', 'return_review', 'processing', 'suspended', 'reply_review', 'replied', 'closed', 'withdrawn', 'merged', name='state', native_enum=False, length=32), nullable=True),
    sa.Column('last_action', sa.Enum('submit', 'accept', 'request_info', 'supply_info', 'reject', 'answer_now', 'dispatch', 'sign', 'request_return', 'rule_return', 'transfer', 'up_report', 'send_down', 'contact', 'submit_reply', 'approve_reply', 'send_back', 'revisit', 'rate', 'claim', 'assign', 'invite', 'finish_part', 'request_extension', 'decide_extension', 'suspend', 'resume', 'message', 'note', 'urge', 'supervise', 'answer_supervision', 'reopen', 'withdraw', 'merge', 'unmerge', 'attach', 'reveal', name='action', native_enum=False, length=32), nullable=False),
    sa.Column('last_at', MOMENT, nullable=False),
    sa.Column('urged_on', sa.Date(), nullable=True),
    sa.Column('event_seq', sa.Integer(), nullable=False),
    sa.Column('event_hash', sa.String(length=64), nullable=False),
    sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_tickets_closed_has_a_time')),
    sa.CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name=op.f('ck_tickets_merged_has_a_target')),
    sa.CheckConstraint("status NOT IN ('replied', 'closed') OR reply IS NOT NULL", name=op.f('ck_tickets_replied_has_a_reply')),
    sa.CheckConstraint('cycle >= 1 AND version >= 1', name=op.f('ck_tickets_counts_from_one')),
    sa.CheckConstraint('satisfaction BETWEEN 1 AND 5', name=op.f('ck_tickets_satisfaction_is_1_to_5')),
    sa.ForeignKeyConstraint(['category'], ['categories.code'], name=op.f('fk_tickets_category')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprises.id'], name=op.f('fk_tickets_enterprise_id')),
    sa.ForeignKeyConstraint(['filed_by'], ['users.id'], name=op.f('fk_tickets_filed_by')),
    sa.ForeignKeyConstraint(['handler_id'], ['users.id'], name=op.f('fk_tickets_handler_id')),
    sa.ForeignKeyConstraint(['merged_into_id'], ['tickets.id'], name=op.f('fk_tickets_merged_into_id')),
    sa.ForeignKeyConstraint(['origin_unit_id'], ['units.id'], name=op.f('fk_tickets_origin_unit_id')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_tickets_site_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_tickets_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tickets')),
    sa.UniqueConstraint('number', name=op.f('uq_tickets_number'))
    )
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.create_index('ix_tickets_closed', ['closed_at'], unique=False, postgresql_where=sa.text('closed_at IS NOT NULL'), sqlite_where=sa.text('closed_at IS NOT NULL'))
        batch_op.create_index('ix_tickets_enterprise_received', ['enterprise_id', 'received_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_tickets_handler_id'), ['handler_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_tickets_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_index('ix_tickets_open_queue', ['queue_at', 'id'], unique=False, postgresql_where=sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"), sqlite_where=sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"))
        batch_op.create_index('ix_tickets_open_redo', ['queue_at', 'id'], unique=False, postgresql_where=sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged') AND cycle > 1"), sqlite_where=sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged') AND cycle > 1"))
        batch_op.create_index('ix_tickets_open_status', ['status', 'queue_at', 'id'], unique=False, postgresql_where=sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"), sqlite_where=sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"))
        batch_op.create_index('ix_tickets_open_unit', ['unit_id', 'queue_at', 'id'], unique=False, postgresql_where=sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"), sqlite_where=sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"))
        batch_op.create_index('ix_tickets_open_unit_status', ['unit_id', 'status', 'queue_at'], unique=False, postgresql_where=sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"), sqlite_where=sa.text("status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"))
        batch_op.create_index('ix_tickets_received', ['received_at', 'id'], unique=False)
        batch_op.create_index('ix_tickets_unit_received', ['unit_id', 'received_at', 'id'], unique=False)
    op.create_table('attachments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('content_type', sa.String(length=100), nullable=False),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('is_internal', sa.Boolean(), nullable=False),
    sa.Column('uploaded_by', sa.Integer(), nullable=True),
    sa.Column('uploaded_at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_attachments_ticket_id')),
    sa.ForeignKeyConstraint(['uploaded_by'], ['users.id'], name=op.f('fk_attachments_uploaded_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachments')),
    sa.UniqueConstraint('token', name=op.f('uq_attachments_token'))
    )
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.create_index('ix_attachments_ticket_id', ['ticket_id'], unique=False)
    op.create_table('clocks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('nth', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('metric', sa.Enum('sign', 'respond', 'resolve', 'revisit', name='metric', native_enum=False, length=32), nullable=False),
    sa.Column('state', sa.Enum('running', 'paused', 'met', 'breached', 'cancelled', name='clockstate', native_enum=False, length=32), nullable=False),
    sa.Column('limit', sa.String(length=12), nullable=False),
    sa.Column('calendar_id', sa.Integer(), nullable=False),
    sa.Column('started_at', MOMENT, nullable=False),
    sa.Column('due_at', MOMENT, nullable=False),
    sa.Column('original_due_at', MOMENT, nullable=False),
    sa.Column('warn_at', MOMENT, nullable=False),
    sa.Column('met_at', MOMENT, nullable=True),
    sa.Column('paused_at', MOMENT, nullable=True),
    sa.Column('extra_days', sa.Integer(), nullable=False),
    sa.Column('is_provisional', sa.Boolean(), nullable=False),
    sa.CheckConstraint("(state = 'paused') = (paused_at IS NOT NULL)", name=op.f('ck_clocks_paused_has_a_time')),
    sa.CheckConstraint("state NOT IN ('met', 'breached') OR met_at IS NOT NULL", name=op.f('ck_clocks_ended_has_a_time')),
    sa.ForeignKeyConstraint(['calendar_id'], ['calendars.id'], name=op.f('fk_clocks_calendar_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_clocks_ticket_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_clocks_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clocks')),
    sa.UniqueConstraint('ticket_id', 'nth', name=op.f('uq_clocks_ticket_id_nth'))
    )
    with op.batch_alter_table('clocks', schema=None) as batch_op:
        batch_op.create_index('ix_clocks_running_due_at', ['due_at'], unique=False, postgresql_where=sa.text("state = 'running'"), sqlite_where=sa.text("state = 'running'"))
    op.create_table('events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.Enum('submit', 'accept', 'request_info', 'supply_info', 'reject', 'answer_now', 'dispatch', 'sign', 'request_return', 'rule_return', 'transfer', 'up_report', 'send_down', 'contact', 'submit_reply', 'approve_reply', 'send_back', 'revisit', 'rate', 'claim', 'assign', 'invite', 'finish_part', 'request_extension', 'decide_extension', 'suspend', 'resume', 'message', 'note', 'urge', 'supervise', 'answer_supervision', 'reopen', 'withdraw', 'merge', 'unmerge', 'attach', 'reveal', name='action', native_enum=False, length=32), nullable=False),
    sa.Column('from_status', sa.Enum('draft', 'submitted', 'need_info', 'rejected', 'accepted', 'dispatched', 'return_review', 'processing', 'suspended', 'reply_review', 'replied', 'closed', 'withdrawn', 'merged', name='state', native_enum=False, length=32), nullable=True),
    sa.Column('to_status', sa.Enum('draft', 'submitted', 'need_info', 'rejected', 'accepted', 'dispatched', 'return_review', 'processing', 'suspended', 'reply_review', 'replied', 'closed', 'withdrawn', 'merged', name='state', native_enum=False, length=32), nullable=False),
    sa.Column('data', JSON_B, nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.CheckConstraint('seq >= 1', name=op.f('ck_events_seq_counts_from_one')),
    sa.ForeignKeyConstraint(['actor_id'], ['users.id'], name=op.f('fk_events_actor_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_events_ticket_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_events_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events')),
    sa.UniqueConstraint('ticket_id', 'seq', name=op.f('uq_events_ticket_id_seq'))
    )
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.create_index('ix_events_at', ['at'], unique=False)
    op.create_table('extensions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=False),
    sa.Column('asked_at', MOMENT, nullable=False),
    sa.Column('state', sa.Enum('pending', 'approved', 'refused', name='extensionstate', native_enum=False, length=32), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_at', MOMENT, nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['asked_by'], ['users.id'], name=op.f('fk_extensions_asked_by')),
    sa.ForeignKeyConstraint(['decided_by'], ['users.id'], name=op.f('fk_extensions_decided_by')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_extensions_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_extensions'))
    )
    with op.batch_alter_table('extensions', schema=None) as batch_op:
        batch_op.create_index('ix_extensions_ticket_id', ['ticket_id'], unique=False)
    op.create_table('parts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('limit', sa.String(length=12), nullable=False),
    sa.Column('invited_at', MOMENT, nullable=False),
    sa.Column('due_at', MOMENT, nullable=False),
    sa.Column('reply', sa.Text(), nullable=True),
    sa.Column('finished_at', MOMENT, nullable=True),
    sa.Column('cancelled_at', MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_parts_ticket_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_parts_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parts'))
    )
    with op.batch_alter_table('parts', schema=None) as batch_op:
        batch_op.create_index('ix_parts_ticket_id', ['ticket_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_parts_unit_id'), ['unit_id'], unique=False)
    op.create_table('supervisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('demand', sa.Text(), nullable=False),
    sa.Column('limit', sa.String(length=12), nullable=False),
    sa.Column('opened_by', sa.Integer(), nullable=True),
    sa.Column('opened_at', MOMENT, nullable=False),
    sa.Column('due_at', MOMENT, nullable=False),
    sa.Column('reply', sa.Text(), nullable=True),
    sa.Column('answered_by', sa.Integer(), nullable=True),
    sa.Column('answered_at', MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['answered_by'], ['users.id'], name=op.f('fk_supervisions_answered_by')),
    sa.ForeignKeyConstraint(['opened_by'], ['users.id'], name=op.f('fk_supervisions_opened_by')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_supervisions_ticket_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_supervisions_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervisions'))
    )
    with op.batch_alter_table('supervisions', schema=None) as batch_op:
        batch_op.create_index('ix_supervisions_ticket_id', ['ticket_id'], unique=False)
    op.create_table('ticket_units',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_units_ticket_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_ticket_units_unit_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'unit_id', name=op.f('pk_ticket_units'))
    )
    with op.batch_alter_table('ticket_units', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_units_unit_id'), ['unit_id'], unique=False)
    op.create_table('clock_pauses',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clock_id', sa.Integer(), nullable=False),
    sa.Column('reason_code', sa.String(length=32), nullable=False),
    sa.Column('paused_at', MOMENT, nullable=False),
    sa.Column('resumed_at', MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['clock_id'], ['clocks.id'], name=op.f('fk_clock_pauses_clock_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clock_pauses'))
    )
    with op.batch_alter_table('clock_pauses', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clock_pauses_clock_id'), ['clock_id'], unique=False)
    op.create_table('inbox_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('entered_at', MOMENT, nullable=False),
    sa.Column('read_at', MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_inbox_entries_event_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_inbox_entries_ticket_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_inbox_entries_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox_entries')),
    sa.UniqueConstraint('event_id', 'user_id', name=op.f('uq_inbox_entries_event_id_user_id'))
    )
    with op.batch_alter_table('inbox_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inbox_entries_ticket_id'), ['ticket_id'], unique=False)
        batch_op.create_index('ix_inbox_entries_unread', ['user_id'], unique=False, postgresql_where=sa.text('read_at IS NULL'), sqlite_where=sa.text('read_at IS NULL'))
        batch_op.create_index('ix_inbox_entries_user_id_id', ['user_id', 'id'], unique=False)
    op.create_table('outbox',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_outbox_event_id')),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_outbox'))
    )
# fmt: on


def downgrade() -> None:
    for table in (
        "outbox",
        "inbox_entries",
        "clock_pauses",
        "ticket_units",
        "supervisions",
        "parts",
        "extensions",
        "events",
        "clocks",
        "attachments",
        "tickets",
        "calendar_days",
        "limit_rules",
        "calendars",
    ):
        op.drop_table(table)
