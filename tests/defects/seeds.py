"""Mistakes of the sort that are made, each as an edit of one file, with the tests that must see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defect:
    """One mistake: ``old``, which stands once in ``path``, becomes ``new``; then ``tests`` must fail."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]
    database: str = "sqlite"


_SWEEP = "tests/escalation/test_sweep.py"
_SLA = "tests/sla/test_rules.py"
_LETTERS = "tests/notify/test_sending.py"
_CLOCKS = "ticketing/escalation/actions/clocks.py"
_DEADLINES = "ticketing/sla/rules/deadlines.py"

DEFECTS = (
    # --- timers and escalation
    Defect(
        "no unique row for a step of a clock",
        "migrations/versions/0006_escalation.py",
        'sa.UniqueConstraint("clock_id", "step", "cycle", name',
        'sa.UniqueConstraint("id", "step", "cycle", name',
        ("tests/escalation/test_once.py",),
    ),
    Defect(
        "due only at the very moment: = instead of <=",
        _CLOCKS,
        "clocks.next_step_at <= :now",
        "clocks.next_step_at = :now",
        (f"{_SWEEP}::test_what_was_missed_is_written_in_order_and_only_the_last_is_news",),
    ),
    Defect(
        "a catch-up window of ten minutes",
        _CLOCKS,
        "        if step.name not in fired:\n",
        "        if step.name not in fired and (now - at).total_seconds() <= 600:\n",
        (f"{_SWEEP}::test_what_was_missed_is_written_in_order_and_only_the_last_is_news",),
    ),
    Defect(
        "the ladder upside down",
        "ticketing/sla/rules/steps.py",
        "    handler, leader, parent, supervision, district = LADDER\n",
        "    district, supervision, parent, leader, handler = LADDER\n",
        (f"{_SWEEP}::test_every_step_of_a_promise_in_order_with_a_wider_audience_each_time",),
    ),
    Defect(
        "steps fire after closure",
        _CLOCKS,
        "        if row.status not in ENDED and row.clock_cycle == row.cycle:\n",
        "        if row.clock_cycle == row.cycle:\n",
        (f"{_SWEEP}::test_a_running_clock_of_an_ended_ticket_is_put_aside_not_fired",),
    ),
    Defect(
        "the length of a pause is forgotten",
        "ticketing/sla/actions/clocks.py",
        "                pause.resumed_at = at\n",
        "                pause.resumed_at = pause.paused_at\n",
        (f"{_SWEEP}::test_nothing_fires_while_it_waits_and_what_is_left_is_left",),
    ),
    Defect(
        "a sweep that fires without an outbox row",
        "ticketing/escalation/actions/firing.py",
        '        many.add(Outbox, [{"event_id": row["id"]} for row in self.events])\n',
        "        assert Outbox\n",
        (f"{_SWEEP}::test_each_step_is_an_event_of_the_chain_with_an_outbox_row",),
    ),
    # --- deadline arithmetic
    Defect(
        "local times taken for UTC",
        "ticketing/sla/rules/calendars.py",
        "        return local.replace(tzinfo=self.zone).astimezone(UTC)\n",
        "        return local.replace(tzinfo=UTC)\n",
        (f"{_SLA}::test_deadline_is_as_worked_by_hand",),
    ),
    Defect(
        "the day ends at 23:59",
        "ticketing/sla/rules/calendars.py",
        "    return ONE_DAY if at in {time.min, time.max} else _since_midnight(at)\n",
        "    return timedelta(hours=23, minutes=59) if at in {time.min, time.max} else _since_midnight(at)\n",
        (
            f"{_SLA}::test_a_window_may_end_at_midnight",
            f"{_SLA}::test_the_24_hour_calendar_never_closes_and_is_never_provisional",
        ),
    ),
    Defect(
        "closing time belongs to the next opening",
        _DEADLINES,
        "            if room >= left:\n",
        "            if room > left:\n",
        (f"{_SLA}::test_deadline_is_as_worked_by_hand",),
    ),
    Defect(
        "the total of the pauses is added to the deadline",
        _DEADLINES,
        "    at = _spent_at(begin, measured(begin, base.at, limit, calendar), limit, calendar, pauses)\n",
        "    at = base.at + sum((resume - stop for stop, resume in pauses), _NOTHING)\n",
        (f"{_SLA}::test_pauses_move_the_deadline_by_what_they_took",),
    ),
    Defect(
        "time out of office hours counts while the clock runs",
        _DEADLINES,
        "        ran = None if stop is None else measured(at, stop, limit, calendar)\n",
        "        ran = None if stop is None else stop - at\n",
        (f"{_SLA}::test_pauses_move_the_deadline_by_what_they_took",),
    ),
    Defect(
        "the working day of receipt counts",
        _DEADLINES,
        "        return _closing_of_nth(received_on, limit.amount, calendar)\n",
        "        return _closing_of_nth(received_on - ONE_DAY, limit.amount, calendar)\n",
        (f"{_SLA}::test_deadline_is_as_worked_by_hand",),
    ),
    Defect(
        "a late resumption gives time away",
        "ticketing/tickets/actions/step.py",
        "        book.resume(step.resumed_at or step.now)\n",
        "        book.resume(step.now)\n",
        ("tests/escalation/test_causes.py",),
    ),
    Defect(
        "an import tells of new deadlines and keeps the old ones",
        "ticketing/sla/actions/clocks.py",
        "                moved.append(Moved(clock.metric, clock.due_at, deadline.at))\n"
        "                self._set_due(clock, deadline, stretches)\n",
        "                moved.append(Moved(clock.metric, clock.due_at, deadline.at))\n",
        ("tests/sla/test_calendar_import.py::test_every_open_promise_is_counted_anew_once_with_one_event",),
    ),
    # --- keys, outbox, log
    Defect(
        "a key stands for whatever body comes with it",
        "ticketing/core/idempotency.py",
        "    if row.request_hash != digest:\n",
        "    if not digest:\n",
        ("tests/api/test_api_idempotency.py::test_the_same_key_with_another_body_is_refused",),
    ),
    Defect(
        "the answer is stored in a transaction of its own",
        "ticketing/core/idempotency.py",
        "                answer = _answer(principal, key, digest, make, now)\n",
        "                answer = _stored(principal, key, digest) if key else None\n"
        "                answer, is_new = answer or make(), answer is None\n"
        "            with transaction():\n"
        "                was = answer\n"
        "                answer = _answer(principal, key, digest, lambda: was, now) if is_new else was\n",
        ("tests/tickets/test_one_transaction.py",),
    ),
    Defect(
        "the outbox is written after the commit",
        "ticketing/tickets/ledger.py",
        '    write(_OUT, {"event_id": event.id})\n',
        "    from sqlalchemy import event as hooks\n\n"
        "    def later(_session: Any, number: int = event.id) -> None:\n"
        "        with db.engine.begin() as line:\n"
        '            line.execute(_OUT, {"event_id": number})\n\n'
        '    hooks.listen(db.session(), "after_commit", later, once=True)\n',
        ("tests/tickets/test_one_transaction.py",),
    ),
    Defect(
        "the hash of an event knows nothing of the one before",
        "ticketing/tickets/ledger.py",
        '        "previous": previous,\n',
        '        "previous": "",\n',
        ("tests/tickets/test_ledger.py",),
    ),
    Defect(
        "the version somebody saw is not compared",
        "ticketing/tickets/actions/step.py",
        "        _check_version(ticket, wish, actor)  # whoever looked at an older state is told so first\n",
        "        assert _check_version\n",
        ("tests/api/test_api_refusals.py::test_a_stale_version_says_what_has_changed",),
    ),
    Defect(
        "SQLite syncs now and then",
        "ticketing/core/db.py",
        '"synchronous=FULL"',
        '"synchronous=NORMAL"',
        ("tests/core/test_sqlite.py",),
    ),
    # --- messages
    Defect(
        "a letter is marked before it is sent",
        "ticketing/notify/sender.py",
        "            self.wire(one, letter)\n",
        "            handing.sent(one, self.now())\n            self.wire(one, letter)\n",
        (f"{_LETTERS}::test_what_is_not_taken_goes_out_later_under_the_same_id",),
    ),
    Defect(
        "a new Message-ID with each try",
        "ticketing/notify/sender.py",
        "letters.as_mail(letter, smtp.sender, one.message_id, one.created_at)",
        'letters.as_mail(letter, smtp.sender, f"<{time.monotonic_ns()}@x>", one.created_at)',
        (f"{_LETTERS}::test_a_sender_that_died_is_taken_over_with_the_same_id",),
    ),
    Defect(
        "a lease without a fence",
        "ticketing/notify/actions/handing.py",
        "Delivery.id == one.id, Delivery.fence == one.fence, ",
        "Delivery.id == one.id, ",
        (f"{_LETTERS}::test_a_sender_whose_lease_was_lost_changes_nothing",),
    ),
    Defect(
        "a lease that never ends",
        "ticketing/notify/actions/handing.py",
        "            row.lease_until = now + timing.LEASE\n",
        "            row.lease_until = now + timing.LEASE * 100_000\n",
        (f"{_LETTERS}::test_a_sender_that_died_is_taken_over_with_the_same_id",),
    ),
    Defect(
        "trying again without chance",
        "ticketing/notify/rules/timing.py",
        " * (1 - luck / 2)\n",
        "\n",
        ("tests/notify/test_chance.py",),
    ),
    Defect(
        "a redirect is taken for an answer",
        "ticketing/notify/wires/https.py",
        '    if status in _MOVED:\n        raise NotTaken("redirect")\n',
        "    if status in _MOVED:\n        return Answer(status, {'errcode': 0, 'code': 0})\n",
        ("tests/notify/test_outward.py::test_what_a_robot_does_not_take_waits",),
    ),
    Defect(
        "an address inside the house is spoken to",
        "ticketing/notify/wires/https.py",
        "    if not all(net.may_reach(address) for address in found):\n",
        "    if not any(net.may_reach(address) for address in found) and not found:\n",
        ("tests/notify/test_outward.py::test_a_name_that_leads_into_the_house_is_not_spoken_to",),
    ),
    # --- the web
    Defect(
        "one route of the API without its guard",
        "ticketing/web/endpoints.py",
        "    bp.add_url_rule(rule, name, with_token(view), methods=[method])\n",
        '    guarded = with_token(view)\n    if name == "download_file":\n'
        '        view.__guard__ = "token"  # type: ignore[attr-defined]\n        guarded = view\n'
        "    bp.add_url_rule(rule, name, guarded, methods=[method])\n",
        ("tests/api/test_api_guards.py",),
    ),
    Defect(
        "other sessions outlive a new password",
        "ticketing/accounts/actions/signing.py",
        "        end_sessions(user.id, but=session_id, now=now)\n",
        "        assert end_sessions\n",
        ("tests/accounts/test_signing.py::test_changing_the_password_ends_all_other_sessions",),
    ),
    Defect(
        "a list sorted by whatever is asked",
        "ticketing/tickets/api/tickets.py",
        "    sort: Sort = Field(\n",
        "    sort: str = Field(\n",
        ("tests/api/test_api_tickets.py::test_a_list_refuses_what_it_does_not_know",),
    ),
    Defect(
        "unknown fields are taken along",
        "ticketing/tickets/wish_base.py",
        '    model_config = ConfigDict(extra="forbid", frozen=True)\n    action: ClassVar[Action]\n',
        '    model_config = ConfigDict(extra="allow", frozen=True)\n    action: ClassVar[Action]\n',
        ("tests/api/test_api_refusals.py::test_each_field_is_told_what_is_wrong",),
    ),
    Defect(
        "a company chooses its own channel",
        "ticketing/tickets/actions/filing.py",
        '            "channel": Channel.PLATFORM,\n',
        '            "channel": wish.channel or Channel.PLATFORM,\n',
        ("tests/tickets/test_filing.py::test_a_company_cannot_set_what_is_the_desk_s",),
    ),
    Defect(
        "line breaks go into the log as they are",
        "ticketing/core/audit.py",
        '{name}={value!r}"',
        '{name}={value}"',
        ("tests/core/test_audit.py",),
    ),
    Defect(
        "files are shown in the browser",
        "ticketing/web/uploads.py",
        "as_attachment=True",
        "as_attachment=False",
        ("tests/api/test_api_files.py::test_a_file_goes_in_and_comes_out",),
    ),
    Defect(
        "a file's address follows from its bytes",
        "ticketing/tickets/actions/attaching.py",
        "            token=secrets.token_urlsafe(TOKEN_BYTES),\n",
        "            token=hashlib.sha256(upload.content + secrets.token_bytes(0)).hexdigest()[:32],\n",
        ("tests/api/test_api_files.py",),
    ),
    Defect(
        "links follow the Host header",
        "ticketing/accounts/web/base.py",
        'current_app.config["BASE_URL"] + path',
        'url_for("accounts.invitation", token=token, _external=True) + path[:0]',
        ("tests/accounts/test_web.py::test_inviting_shows_the_link_once_and_the_link_lets_in",),
    ),
    Defect(
        "text from outside goes onto the page as it is",
        "templates/public/rate.html",
        "<h1>{{ ticket.title }}</h1>",
        "<h1>{{ ticket.title | safe }}</h1>",
        ("tests/test_house.py::test_no_template_does_what_the_security_policy_forbids",),
    ),
    Defect(
        "a row written in vain keeps its place in the session",
        "ticketing/core/db.py",
        "    on_rollback(partial(session.expunge, one))  # its id may be given to another\n",
        "    assert partial\n",
        ("tests/core/test_db.py",),
    ),
    Defect(
        "words nobody knows are looked for only when they are few",
        "ticketing/tickets/queries/ranking.py",
        "count > _COUNTED",
        "count > 10**9",
        ("tests/tickets/test_finds.py",),
        "postgresql",
    ),
)
