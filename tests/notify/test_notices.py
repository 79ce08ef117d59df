"""Notices: whoever is invited to a meeting is told of it once, ticket or none, in the inbox and by letter."""

from __future__ import annotations

from tests.meetings import kit
from tests.tickets.desk import send, visits
from ticketing.meetings.actions import calling
from ticketing.notify.actions import carrying
from ticketing.notify.actions.planning import Outlets
from ticketing.notify.queries import inbox, notices
from ticketing.notify.words import Channel
from ticketing.tickets.words import State

OUTLETS = Outlets("mail.example", "loop.example")


def carried(post) -> int:
    return carrying.carry(post.now(), outlets=OUTLETS)


def test_an_invitation_reaches_the_invited_units_once_by_inbox_and_letter(world, post):
    number = kit.called(world, world.ticket(State.PROCESSING), theme="增容协调")

    assert carried(post) > 0
    assert carried(post) == 0
    post.send()

    (told,) = notices.latest(world.actor("dept2"))
    assert (told.about, told.title, told.path) == (number, "增容协调", f"/meetings/{number}")
    (letter,) = [text for text in post.mails_to("dept2") if number in text or "增容协调" in text]
    assert "请参加联席会商：11月23日" in letter
    assert f"/meetings/{number}" in letter
    for who in ("dispatcher", "enterprise", "station2"):  # who called it; the company; a stranger
        assert notices.latest(world.actor(who)) == []
        assert post.to(who, Channel.EMAIL) == [] or number not in "".join(post.mails_to(who))


def test_a_meeting_of_no_ticket_tells_them_too_and_those_who_are_new(world, post):
    number = kit.called(world, None, units=("D-PWR",))
    assert notices.latest(world.actor("dept2")) == []

    calling.edit(
        world.actor("dispatcher"), number, kit.wish(world, units=("D-PWR", "D-HRS")), now=world.now,
        seen_version=None,
    )  # fmt: skip
    calling.cancel(world.actor("dispatcher"), number, "改期", now=world.now, seen_version=None)

    assert [one.sentence for one in notices.latest(world.actor("deptlead"))] == [
        "联席会商取消：%(because)s", "请参加联席会商：%(when)s，%(place)s",
    ]  # fmt: skip
    assert len(notices.latest(world.actor("dept2"))) == 2


def test_opening_a_notice_marks_it_read_and_nobody_opens_anothers(app, world):
    number = kit.called(world, None)
    visit = visits(app)
    (told,) = notices.latest(world.actor("dept2"))
    assert inbox.unread(world.actor("dept2")) == 1
    assert number in visit("dept2").get("/inbox").text

    assert send(visit("station2"), f"/inbox/notices/{told.id}").status_code == 404
    opened = send(visit("dept2"), f"/inbox/notices/{told.id}")

    assert opened.location == f"/meetings/{number}"
    assert inbox.unread(world.actor("dept2")) == 0
