"""Who is written to, when, and how many events make one message."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from ticketing.core.actor import Role
from ticketing.core.db import db, transaction
from ticketing.core.outbox import Outbox
from ticketing.notify.actions import settings
from ticketing.notify.models import DeliveryEvent
from ticketing.notify.rules import duties, timing
from ticketing.notify.words import Channel, DeliveryState, Reach
from ticketing.tickets.flow import TELLING
from ticketing.tickets.models import Event
from ticketing.tickets.words import Action, State

NIGHT = (time(22), time(7, 30))
AT_23 = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 23:00 in the district
AT_0730 = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


def happens(post, number: str, action: Action, said: dict | None = None) -> int:
    """Let an event happen to a ticket without going through its rules; return the event's id."""
    ticket = post.world.row(number)
    with transaction():
        last = db.session.scalar(select(func.max(Event.seq)).where(Event.ticket_id == ticket.id)) or 0
        made = Event(
            ticket_id=ticket.id, seq=last + 1, at=post.now(), action=action, from_status=ticket.status,
            to_status=ticket.status, data={"said": said or {}}, hash="",
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        db.session.add(Outbox(event_id=made.id))
    return made.id


def test_a_duty_is_always_one_of_those_who_are_told():
    assert all(parties <= TELLING[action].told for action, parties in duties.DUTIES.items() if parties)


def test_several_events_of_one_pass_are_one_letter(post, mail):
    numbers = [post.world.file() for _ in range(3)]

    post.deliver()

    assert [post.events_of(row) for row in post.to("clerk")] == [3]
    text = post.mails_to("clerk")[0]
    assert all(number in text for number in numbers)
    assert mail.mails[mail.to.index("clerk@demo.example")]["Subject"] == "【企诉闭环】3 条新消息"


def test_a_letter_that_still_waits_takes_the_next_event_in(post, mail):
    post.world.file()
    post.relay()
    post.world.file()
    post.relay()

    post.send()

    assert [post.events_of(row) for row in post.to("clerk")] == [2]
    assert len(mail.raw) == 3


def test_no_event_reaches_an_address_twice(post, mail):
    number = post.world.file()
    post.deliver()
    with transaction():
        db.session.add(Outbox(event_id=post.world.events(number)[-1].id))

    post.deliver()

    assert len(mail.raw) == 3
    assert db.session.scalar(select(func.count()).select_from(DeliveryEvent)) == 3


def test_what_is_told_for_information_goes_only_to_those_who_want_it(post, mail):
    number = post.world.ticket(State.PROCESSING)
    post.deliver()
    mail.forget()

    post.world.act("dept", number, "contact", outcome="reached", note="已联系")
    post.deliver()
    assert set(mail.to) == {
        "enterprise@demo.example", "enterprise-staff@demo.example", "enterprise-finance@demo.example"
    }  # fmt: skip

    settings.switch_channel(post.world.actor("enterprise"), Channel.EMAIL, is_on=False)
    mail.forget()
    post.world.act("dept", number, "contact", outcome="reached", note="又联系")
    post.deliver()
    assert "enterprise@demo.example" not in mail.to
    assert "enterprise-staff@demo.example" in mail.to


def test_a_duty_cannot_be_switched_off(post, mail):
    settings.switch_channel(post.world.actor("enterprise"), Channel.EMAIL, is_on=False)
    number = post.world.file()
    post.world.act("clerk", number, "request_info", message="请补充变压器容量")

    post.deliver()

    assert "enterprise@demo.example" in mail.to


def test_a_handler_who_wants_all_gets_all(post, mail):
    number = post.world.ticket(State.PROCESSING)
    post.deliver()
    settings.switch_channel(post.world.actor("dept"), Channel.EMAIL, is_on=True)
    mail.forget()

    post.world.act("supervisor", number, "note", body="请留意")
    post.deliver()

    assert "dept@demo.example" in mail.to


def test_in_quiet_hours_everything_waits_and_becomes_one_letter(post, mail):
    post.rule(Role.INTAKE_CLERK, Channel.EMAIL, Reach.DUTIES, NIGHT)
    post.world.now = AT_23
    for _ in range(2):
        post.world.file()
        post.relay()
        assert [row.send_at for row in post.to("clerk")] == [AT_0730]
        post.send()
        post.world.later(hours=1)
    assert "clerk@demo.example" not in mail.to
    assert [row.send_at for row in post.to("clerk")] == [AT_0730]

    post.world.now = AT_0730 - timedelta(seconds=1)
    post.send()
    assert "clerk@demo.example" not in mail.to
    post.world.now = AT_0730
    post.send()

    assert mail.to.count("clerk@demo.example") == 1
    assert [post.events_of(row) for row in post.to("clerk")] == [2]


def test_a_try_that_comes_into_quiet_hours_waits_for_their_end(post, mail):
    post.rule(Role.INTAKE_CLERK, Channel.EMAIL, Reach.DUTIES, NIGHT)
    post.world.now = AT_23 - timedelta(hours=1, seconds=5)
    post.world.file()
    mail.always = "451 later"
    post.deliver()
    mail.always = "250 taken"
    post.world.now = AT_23

    post.send()

    row = post.to("clerk")[0]
    assert (row.state, row.send_at, row.attempts) == (DeliveryState.WAITING, AT_0730, 1)


def test_what_presses_goes_out_at_night(post, mail):
    post.rule(Role.INTAKE_CLERK, Channel.EMAIL, Reach.DUTIES, NIGHT)
    post.world.now = AT_23
    post.world.file(level="urgent")

    post.deliver()

    assert "clerk@demo.example" in mail.to


@pytest.mark.parametrize(("step", "goes"), [("80", False), ("100", True), ("100+24h", True)])
def test_an_escalation_presses_from_the_due_moment_on(post, mail, step, goes):
    post.rule(Role.UNIT_LEADER, Channel.EMAIL, Reach.DUTIES, NIGHT)
    number = post.world.ticket(State.PROCESSING)
    post.deliver()
    post.world.now = AT_23
    happens(post, number, Action.URGE, {"step": step})

    post.deliver()

    assert ("deptlead@demo.example" in mail.to) is goes


def test_what_was_found_out_late_is_one_letter_however_many_passes_it_takes(post, mail):
    numbers = [post.world.ticket(State.PROCESSING) for _ in range(3)]
    post.deliver()
    mail.forget()
    for number in numbers:
        happens(post, number, Action.URGE, {"step": "100+24h", "late": True})
        post.deliver()
        post.world.later(seconds=15)
    assert "deptlead@demo.example" not in mail.to

    post.world.later(seconds=20)
    post.send()

    assert mail.to.count("deptlead@demo.example") == 1
    assert all(number in post.mails_to("deptlead")[-1] for number in numbers)


def test_news_does_not_wait_for_what_was_found_out_late(post, mail):
    numbers = [post.world.ticket(State.PROCESSING) for _ in range(2)]
    post.deliver()
    mail.forget()
    happens(post, numbers[0], Action.URGE, {"step": "100+24h", "late": True})
    post.relay()
    happens(post, numbers[1], Action.URGE, {"step": "100"})
    post.deliver()

    assert [numbers[0] in text for text in post.mails_to("deptlead")] == [False]
    post.world.later(minutes=1)
    post.send()
    assert [numbers[0] in text for text in post.mails_to("deptlead")] == [False, True]


def test_a_role_that_is_to_get_nothing_gets_nothing(post, mail):
    post.rule(Role.INTAKE_CLERK, Channel.EMAIL, Reach.NONE)
    post.world.file()

    post.deliver()

    assert mail.to == ["station@demo.example"]


def test_quiet_hours_over_midnight_and_within_a_day():
    night, noon = timing.Quiet(*NIGHT), timing.Quiet(time(12), time(13))

    assert night.until(AT_23) == AT_0730
    assert night.until(AT_0730) is None
    assert night.until(AT_0730 - timedelta(minutes=1)) == AT_0730
    assert night.until(AT_23 - timedelta(hours=1)) == AT_0730
    assert night.until(AT_23 - timedelta(hours=1, seconds=1)) is None
    assert noon.until(datetime(2026, 11, 23, 4, 30, tzinfo=UTC)) == datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert timing.quiet_until([night, None], AT_23) is None
    assert timing.quiet_until([], AT_23) is None


def test_waiting_grows_and_stays_within_bounds():
    waits = [timing.next_wait(attempts, 0.0) for attempts in range(1, timing.MAX_ATTEMPTS + 1)]

    assert waits[0] == timedelta(seconds=15)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=2)
    assert timing.next_wait(1, 0.99) > timedelta(seconds=7)
    shortest = [timing.next_wait(attempts, 0.999) for attempts in range(1, timing.MAX_ATTEMPTS)]
    assert sum(shortest, timedelta()) > timing.GIVE_UP  # with the best of luck, too, 72 h are over first
