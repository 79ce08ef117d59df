"""Letters reach those who are told, once, whatever the mail server does; nothing is lost."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, update

from tests.notify.sinks import CUT, HANG
from ticketing.accounts.models import User
from ticketing.core.db import db, transaction
from ticketing.notify.actions import handing
from ticketing.notify.models import Delivery, Destination
from ticketing.notify.rules import timing
from ticketing.notify.words import Channel, DeliveryState, Reason
from ticketing.tickets.models import TicketUnit
from ticketing.tickets.words import State


def breaker() -> Destination | None:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Destination, "mail.example")


def letters_apart(post, tickets: int) -> int:
    """File requests whose letters do not wait for each other; return how many letters."""
    for _ in range(tickets):
        post.world.file()
        post.relay()
        with transaction():  # what was tried takes nothing more in
            db.session.execute(update(Delivery).values(attempts=1))
    return len(post.rows())


def test_who_is_told_gets_one_letter_with_number_title_and_link(post, mail):
    number = post.world.file(title="车间用电增容")

    post.deliver()

    assert sorted(mail.to) == ["c0-clerk2@demo.example", "clerk@demo.example", "station@demo.example"]
    letter = mail.mails[mail.to.index("clerk@demo.example")]
    assert letter["Subject"] == f"【企诉闭环】{number} 诉求已提交"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["From"] == "noreply@loop.example"
    text = letter.get_content()
    assert "车间用电增容" in text
    assert f"/tickets/{number}" in text
    assert "需要增容 500 kVA" not in text
    assert post.states() == {DeliveryState.SENT: 3}
    assert len(set(mail.ids)) == 3


def test_sending_again_sends_nothing(post, mail):
    post.world.file()
    post.deliver()

    post.deliver()
    post.world.later(hours=1)
    post.deliver()

    assert len(mail.raw) == 3


@pytest.mark.parametrize("answer", ["451 later", "421 busy", CUT], ids=["451", "421", "cut"])
def test_what_is_not_taken_goes_out_later_under_the_same_id(post, mail, answer):
    post.world.file()
    mail.answers.extend([answer])

    post.deliver()
    assert post.states() == {DeliveryState.SENT: 2, DeliveryState.WAITING: 1}
    post.world.later(seconds=16)
    post.send()

    assert post.states() == {DeliveryState.SENT: 3}
    assert len(set(mail.ids)) == 3
    assert len(mail.raw) == (4 if answer == CUT else 3)
    if answer == CUT:
        again = [raw for raw, name in zip(mail.raw, mail.ids, strict=True) if mail.ids.count(name) == 2]
        assert again[0] == again[1], "the second copy is not the first, byte for byte"


def test_a_server_that_hangs_holds_a_letter_for_seconds_only(post, mail):
    post.world.file()
    mail.answers.extend([HANG])
    post.seconds = 0.5

    post.deliver()

    assert post.states() == {DeliveryState.SENT: 2, DeliveryState.WAITING: 1}
    assert [row.last_error for row in post.rows(state=DeliveryState.WAITING)] == ["timeout"]


def test_a_letter_refused_for_good_is_dead_and_the_others_arrive(post, mail):
    post.world.file()
    mail.recipients["clerk@demo.example"] = "550 no such user"

    post.deliver()

    assert sorted(mail.to) == ["c0-clerk2@demo.example", "station@demo.example"]
    dead = post.to("clerk")[0]
    assert (dead.state, dead.reason, dead.last_error) == (DeliveryState.DEAD, Reason.REFUSED, "smtp 550")
    assert breaker() is None


def test_a_server_that_is_away_is_left_alone_after_five_failures_then_tried_once(post, mail):
    waiting = letters_apart(post, 4)
    port = mail.port
    mail.stop()

    post.send()

    failed = breaker()
    assert failed is not None
    assert failed.failures >= timing.BREAKER_OPENS_AT
    tried = sum(row.attempts for row in post.rows())
    post.world.later(seconds=30)
    assert post.send() == 0
    post.world.later(seconds=40)
    assert post.send() == 1, "one letter finds out whether the server is back"
    assert sum(row.attempts for row in post.rows()) == tried + 1
    mail.port = port
    restarted = type(mail)(raw=mail.raw, to=mail.to)
    restarted.start()
    post.mail = restarted
    try:
        post.world.later(hours=1)
        while post.send():
            post.world.later(minutes=1)
    finally:
        restarted.stop()
    assert post.states() == {DeliveryState.SENT: waiting}
    healed = breaker()
    assert healed is not None
    assert healed.failures == 0


def one_letter(post) -> Delivery:
    """File a request of which one letter alone is left to be sent."""
    post.world.file()
    post.relay()
    first: Delivery
    first, *others = post.rows()
    with transaction():
        away = update(Delivery).where(Delivery.id.in_([row.id for row in others]))
        db.session.execute(away.values(state=DeliveryState.SENT, ended_at=post.now()))
    return first


def test_after_72_hours_a_letter_is_dead_and_is_kept_however_quickly_it_was_tried_again(
    post, mail, monkeypatch
):
    monkeypatch.setattr(handing, "_ODDS", SimpleNamespace(random=lambda: 0.999))  # the shortest waits
    mail.always = "451 never today"
    begun, letter = post.now(), one_letter(post)

    tries, often = 0, timedelta(minutes=75)
    while letter.state is DeliveryState.WAITING:
        tries += post.send()
        post.world.now += often
        (letter,) = post.rows(id=letter.id)

    assert (letter.state, letter.reason) == (DeliveryState.DEAD, Reason.EXHAUSTED)
    assert letter.ended_at is not None
    assert timing.GIVE_UP <= letter.ended_at - begun < timing.GIVE_UP + often
    # Tried each time, each try counted; and the limit of tries is not what ended it.
    assert letter.attempts == tries == timing.GIVE_UP // often + 2


def test_tries_have_a_limit_of_their_own(post, mail):
    mail.always = "451 never today"
    letter = one_letter(post)
    with transaction():
        db.session.execute(update(Delivery).values(attempts=timing.MAX_ATTEMPTS - 2))

    post.send()
    (letter,) = post.rows(id=letter.id)
    assert (letter.state, letter.attempts) == (DeliveryState.WAITING, timing.MAX_ATTEMPTS - 1)
    post.world.later(hours=2)
    post.send()
    (letter,) = post.rows(id=letter.id)

    assert (letter.state, letter.attempts) == (DeliveryState.DEAD, timing.MAX_ATTEMPTS)
    assert letter.reason is Reason.EXHAUSTED


def test_a_sender_that_died_is_taken_over_with_the_same_id(post, mail):
    post.world.file()
    post.relay()
    lost = handing.claim(Channel.EMAIL, post.now())
    assert len(lost) == 3
    post.world.later(seconds=20)
    assert post.send() == 0, "the lease still holds"

    post.world.later(seconds=11)
    post.send()

    assert post.states() == {DeliveryState.SENT: 3}
    assert sorted(mail.ids) == sorted(one.message_id for one in lost)


def test_a_sender_whose_lease_was_lost_changes_nothing(post, mail):
    post.world.file()
    post.relay()
    old = handing.claim(Channel.EMAIL, post.now())[0]
    post.world.later(seconds=31)
    new = {one.id: one for one in handing.claim(Channel.EMAIL, post.now())}[old.id]

    assert new.fence > old.fence
    assert not handing.sent(old, post.now())
    assert not handing.failed(old, "late", post.now())
    assert post.rows(id=old.id)[0].state is DeliveryState.LEASED
    assert handing.sent(new, post.now())
    assert post.rows(id=old.id)[0].state is DeliveryState.SENT


def test_two_senders_at_once_send_each_letter_once(post, mail, app):
    letters_apart(post, 6)
    db.session.remove()
    together = threading.Barrier(4)

    def one() -> None:
        together.wait()
        with app.app_context():
            post.send()
            db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert post.states() == {DeliveryState.SENT: 18}
    assert len(mail.ids) == len(set(mail.ids)) == 18


def test_whoever_lost_the_right_gets_nothing(post, mail):
    number = post.world.ticket(State.DISPATCHED)
    post.relay()
    with transaction():
        lead = post.world.row(number).unit_id
        db.session.execute(delete(TicketUnit).where(TicketUnit.unit_id == lead))

    post.send()

    assert "dept@demo.example" not in mail.to
    assert "enterprise@demo.example" in mail.to
    assert {row.reason for row in post.to("dept")} == {Reason.NO_RIGHT}
    assert {row.state for row in post.to("dept")} == {DeliveryState.CANCELLED}


def test_whoever_left_gets_nothing(post, mail):
    post.world.file()
    post.relay()
    with transaction():
        db.session.get_one(User, post.world.actor("clerk").user_id).is_active = False

    post.send()

    assert "clerk@demo.example" not in mail.to
    assert [row.reason for row in post.to("clerk")] == [Reason.GONE]


def test_a_letter_that_cannot_be_written_stops_no_other(post, mail, monkeypatch):
    from ticketing.notify import letters

    post.world.file()
    post.relay()
    poison = post.to("clerk")[0].id
    write = letters.Desk.write

    def written(desk, one, now):
        if one.id == poison:
            raise ValueError("13800001234")
        return write(desk, one, now)

    monkeypatch.setattr(letters.Desk, "write", written)
    for _ in range(5):
        post.send()
        post.world.later(minutes=5)

    assert sorted(mail.to) == ["c0-clerk2@demo.example", "station@demo.example"]
    dead = post.rows(id=poison)[0]
    assert (dead.state, dead.reason, dead.last_error) == (DeliveryState.DEAD, Reason.BROKEN, "ValueError")
    assert dead.attempts == timing.BROKEN_AFTER


def test_a_sender_asked_to_stop_gives_back_what_it_did_not_come_to(post, mail):
    post.world.file()
    post.relay()
    sender = replace(post.sender(), is_stopping=lambda: len(mail.raw) >= 1)

    sender.send_due(Channel.EMAIL)

    assert len(mail.raw) == 1
    back = post.rows(state=DeliveryState.WAITING)
    assert len(back) == 2
    assert [row.attempts for row in back] == [0, 0]
    assert post.send() == 2


def test_without_a_mail_server_no_letter_is_made(post, world):
    from ticketing.notify.actions import relay

    world.file()
    while relay.relay(world.now):
        pass

    assert post.rows() == []


def test_idle_senders_write_nothing(post, statements):
    with statements() as seen:
        assert post.send() == 0

    assert len(seen) <= 4
    assert not [sql for sql in seen if "UPDATE" in sql or "IMMEDIATE" in sql]
