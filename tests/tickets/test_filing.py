"""Filing: drafts, the desk, who may file for whom, and input that nobody should have typed."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from ticketing.accounts.models import Enterprise
from ticketing.core.db import db
from ticketing.core.errors import ChangedMeanwhile, DomainError, Invalid, NotFound, NotPermitted, WrongState
from ticketing.network.queries import UnknownCategory, UnknownSite, network
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.filing import edit_draft, file
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.queries import view
from ticketing.tickets.rules import check_digit, make_number, read_number
from ticketing.tickets.scope import visible
from ticketing.tickets.words import State

TEXT = {"title": "车间用电增容", "description": "需要增容 500 kVA", "category": "PWR"}
CONTACT = {"name": "林知夏", "phone": "0512-68250000"}
COMPANY = {"name": "苏州澄砚光电科技有限公司"}


def filing(**fields):
    return w.Filing.model_validate(TEXT | fields)


def refused(world, kind, who, **fields):
    before = world.fingerprint()
    with pytest.raises(DomainError) as caught:
        file(world.actor(who), filing(**fields), now=world.now)
    assert isinstance(caught.value, kind), repr(caught.value)
    assert world.fingerprint() == before
    return caught.value


def test_a_request_goes_to_the_station_of_its_place(world):
    ticket = world.row(world.file())

    net = network()
    assert net.by_id[ticket.unit_id].code == net.by_id[ticket.origin_unit_id].code == "S101"
    assert (ticket.status, ticket.channel, ticket.version) == ("submitted", "platform", 1)
    assert ticket.received_at == world.now
    assert ticket.filed_by == world.actor("enterprise").user_id
    assert (ticket.due_at, ticket.due_metric) == (world.clocks(ticket.number)["respond"].due_at, "respond")


def test_a_request_without_a_place_goes_to_the_centre(world):
    assert network().by_id[world.row(world.file(site=None)).unit_id].code == "C0"


def test_the_contact_is_the_person_s_own_unless_another_is_named(world):
    own, other = world.row(world.file()).contact_name, world.row(world.file(contact=CONTACT)).contact_phone

    assert own == "林知夏"
    assert other == "0512-68250000"


@pytest.mark.parametrize(
    ("who", "channel"), [("clerk", "phone"), ("station", "station"), ("dept", "dept_report")]
)
def test_staff_file_for_a_company_that_called(world, who, channel):
    number = world.file(who, enterprise=COMPANY, contact=CONTACT, site=None)

    ticket = world.row(number)
    assert ticket.enterprise_id == world.actor("enterprise").enterprise_id
    assert ticket.channel == channel
    assert ticket.filed_by == world.actor(who).user_id
    assert view.ticket(world.actor(who), number).id == ticket.id  # whoever filed it can open it


def test_a_station_files_into_its_own_queue(world):
    number = world.file("station2", enterprise=COMPANY, contact=CONTACT, site=None)

    assert network().by_id[world.row(number).unit_id].code == "S201"


def test_a_company_nobody_knows_is_made_and_marked_unverified(world):
    number = world.file("clerk", enterprise={"name": "苏州新来科技有限公司"}, contact=CONTACT)

    company = db.session.get_one(Enterprise, world.row(number).enterprise_id)
    assert (company.name, company.is_verified, company.uscc) == ("苏州新来科技有限公司", False, None)
    before = db.session.scalar(select(func.count(Enterprise.id)))
    world.file("clerk", enterprise={"name": "苏州新来科技有限公司"}, contact=CONTACT)
    assert db.session.scalar(select(func.count(Enterprise.id))) == before


@pytest.mark.parametrize(
    "who", ["caller", "manager", "policy", "admin", "auditor", "supervisor", "deptlead", "project"]
)
def test_who_does_not_take_requests_in_files_none(world, who):
    refused(world, NotPermitted, who, enterprise=COMPANY, contact=CONTACT)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"contact": CONTACT}, "enterprise"),
        ({"enterprise": {"name": ""}, "contact": CONTACT}, "enterprise"),
        ({"enterprise": COMPANY}, "contact"),
        ({"enterprise": {"uscc": "91320505MA1ABCDE0X"}, "contact": CONTACT}, "uscc"),
    ],
)
def test_what_the_desk_must_give_is_named(world, fields, named):
    assert set(refused(world, Invalid, "clerk", **fields).fields) == {named}


def test_a_receipt_lies_in_the_last_year(world):
    desk = {"enterprise": COMPANY, "contact": CONTACT}
    for at in (world.now + timedelta(seconds=1), world.now - timedelta(days=367)):
        assert set(refused(world, Invalid, "clerk", received_at=at, **desk).fields) == {"received_at"}
    assert world.file("clerk", received_at=world.now - timedelta(days=365), **desk)


def test_a_company_cannot_set_what_is_the_desk_s(world):
    """Channel, time of receipt and company come from who files, whatever is sent."""
    other = db.session.get_one(Enterprise, world.actor("enterprise2").enterprise_id).name

    ticket = world.row(
        world.file(enterprise={"name": other}, channel="phone", received_at=world.now - timedelta(days=9))
    )

    assert ticket.enterprise_id == world.actor("enterprise").enterprise_id
    assert (ticket.channel, ticket.received_at) == ("platform", world.now)


@pytest.mark.parametrize(("field", "kind"), [("category", UnknownCategory), ("site", UnknownSite)])
@pytest.mark.parametrize("value", ["NIL", "pwr", "' OR 1=1 --", "<b>PWR</b>", "电"])
def test_an_unknown_place_or_category_is_named(world, field, kind, value):
    assert set(refused(world, kind, "enterprise", **{field: value}).fields) == {field}


BAD = [
    ("title", ""), ("title", " "), ("title", "一"), ("title", "\u200f\u200b"), ("title", "题" * 201),
    ("title", "\x00\x01"), ("description", ""), ("description", "\n \t"), ("description", "x" * 1_000_000),
    ("category", ""), ("category", "x" * 1_000_000), ("kind", "wish"), ("kind", ""), ("level", "highest"),
    ("channel", "pigeon"), ("received_at", "yesterday"), ("received_at", "2026-11-23T10:00:00"),
    ("contact", {"name": "", "phone": "123"}), ("contact", {"name": "甲", "phone": "call me"}),
    ("contact", {"name": "甲", "phone": "1" * 33}),
    ("contact", {"name": "甲", "phone": "123", "email": "no"}),
    ("contact", {"name": "甲", "phone": "<script>"}), ("confidential", "maybe"), ("status", "closed"),
    ("enterprise_id", 1), ("number", "QS26-000-000-000"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"), BAD, ids=[f"{field}-{str(value)[:12]!a}" for field, value in BAD]
)
def test_bad_input_is_refused_with_its_field(field, value):
    with pytest.raises(ValidationError) as caught:
        filing(**{field: value})

    assert {error["loc"][0] for error in caught.value.errors()} == {field}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  停电  了 \n三天 ", "停电 了 三天"),
        ("厂房<script>alert(1)</script>停电", "厂房<script>alert(1)</script>停电"),
        ("停电😡请尽快", "停电😡请尽快"),
        ("停\x00电\x08了", "停 电 了"),
        ("'; DROP TABLE tickets; --", "'; DROP TABLE tickets; --"),
        ("{{ 7*7 }} ${x} %(a)s", "{{ 7*7 }} ${x} %(a)s"),
    ],
)
def test_odd_text_is_kept_as_text(world, given, kept):
    number = world.file(title=given, description=given)

    assert world.row(number).title == kept
    assert "".join(world.row(number).description.split()) == "".join(kept.split())


def test_marks_that_turn_the_line_round_do_not_get_into_a_title(world):
    title = world.row(world.file(title="发票\u202egnp.exe\u202c 附件")).title

    assert not set(title) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


# --- drafts ---


def test_a_draft_is_the_company_s_alone_until_it_is_sent(world):
    number = world.file(draft=True)
    draft = world.row(number)
    assert (draft.status, draft.due_at, draft.event_seq) == ("draft", None, 0)
    assert world.clocks(number) == {}
    for who in ("clerk", "dispatcher", "station", "manager", "auditor", "enterprise2"):
        world.refused(NotFound, who, number, "submit")
    assert world.may("enterprise", number) == {"submit", "withdraw"}
    world.later(days=3)

    world.act("enterprise", number, "submit")

    ticket = world.row(number)
    assert (ticket.status, ticket.received_at) == ("submitted", world.now)
    assert {clock.started_at for clock in world.clocks(number).values()} == {world.now}
    assert set(world.due(number)) == {"respond", "resolve"}
    assert "accept" in world.may("station", number)
    world.refused(WrongState, "enterprise", number, "submit")


def test_a_draft_taken_back_unsent_stays_the_companys_alone(world):
    number = world.file(draft=True)
    world.act("enterprise", number, "withdraw", reason="不提了")
    sent = world.ticket(State.WITHDRAWN)

    seen = {
        who: set(db.session.scalars(visible(world.actor(who)).with_only_columns(Ticket.number)))
        for who in ("enterprise", "clerk", "station", "area", "manager", "auditor", "enterprise2")
    }

    assert seen.pop("enterprise") == {number, sent}
    assert seen.pop("enterprise2") == set()
    assert set(map(frozenset, seen.values())) == {frozenset({sent})}


def test_a_draft_is_written_anew_until_it_is_sent(world):
    number = world.file(draft=True)
    actor = world.actor("enterprise")
    seen = world.row(number).version

    edit_draft(
        actor,
        number,
        filing(title="改过的标题", site="PK04", level="urgent", draft=True, version=seen),
        now=world.now,
    )

    draft = world.row(number)
    assert (draft.title, draft.level, draft.version) == ("改过的标题", "urgent", seen + 1)
    with pytest.raises(ChangedMeanwhile):
        edit_draft(actor, number, filing(version=seen, draft=True), now=world.now)
    with pytest.raises(NotFound):
        edit_draft(world.actor("enterprise2"), number, filing(draft=True), now=world.now)
    world.act("enterprise", number, "submit")
    with pytest.raises(WrongState):
        edit_draft(actor, number, filing(draft=True), now=world.now)
    assert network().by_id[world.row(number).unit_id].code == "S201"


def test_staff_keep_no_drafts(world):
    refused(world, NotPermitted, "clerk", draft=True, enterprise=COMPANY, contact=CONTACT)


# --- numbers ---


def test_a_number_says_its_year_and_survives_being_said(world):
    number = world.file()

    assert number.startswith("QS26-")
    for said in (
        number,
        number.lower(),
        number.replace("-", ""),
        f" {number[2:]} ",
        number.replace("-", " "),
    ):
        assert read_number(said) == number


def test_a_slip_of_the_tongue_is_no_number():
    number = make_number(2026, 48210937)
    digits = [place for place, char in enumerate(number) if char.isdigit()]
    for place in digits:
        for digit in "0123456789":
            wrong = number[:place] + digit + number[place + 1 :]
            assert (read_number(wrong) == number) is (digit == number[place])
    for one, two in pairwise(digits):
        swapped = list(number)
        swapped[one], swapped[two] = swapped[two], swapped[one]
        assert read_number("".join(swapped)) in {None, number if number[one] == number[two] else None}
    assert check_digit("2648210937") == number[-1]


def test_filing_leaves_one_event_that_says_everything(world):
    number = world.file()

    (event,) = db.session.scalars(select(Event).join(Ticket, Ticket.id == Event.ticket_id))
    assert (event.action, event.from_status, event.to_status, event.actor_id) == (
        "submit", None, State.SUBMITTED, world.actor("enterprise").user_id,
    )  # fmt: skip
    assert event.data["set"]["status"] == "submitted"
    assert set(event.data["clocks"]) == {"1", "2"}
    stored = str(event.data)
    assert world.row(number).title not in stored
    assert world.row(number).contact_phone not in stored
