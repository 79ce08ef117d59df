"""Synthetic tickets: whole logs, consistent clocks, the same as the service layer would have left them."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import func, inspect, select, text

from tests.demo.conftest import NOW, district_on
from ticketing.accounts import passwords
from ticketing.accounts.models import Enterprise, User
from ticketing.accounts.queries import identity
from ticketing.accounts.rules import DEMO_PASSWORD
from ticketing.core import canonical
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db, transaction
from ticketing.demo import bulk, maker, stories, synthetic
from ticketing.demo.district import District
from ticketing.demo.plan import Arrivals
from ticketing.network.models import Category, Site
from ticketing.sla.models import Clock
from ticketing.sla.words import ClockState, Metric
from ticketing.tickets import ledger, rules
from ticketing.tickets.actions import filing
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.models import Event, Extension, Part, Supervision, Ticket, TicketUnit
from ticketing.tickets.wishes import WISHES, Filing
from ticketing.tickets.words import ENDED, Action, Channel, Kind

NEVER_TOLD = {
    *(Action.UNMERGE, Action.ATTACH, Action.REVEAL, Action.RECOUNT, Action.ESCALATE, Action.REVOKE_CARD),
    *(Action.SEND_BACK_PART, Action.CANCEL_PART, Action.HAND_OVER),
    *(Action.MEET, Action.CONSULTED, Action.ASSIGN_PART),
}


def make(count: int, seed: int = 3, days: int = 60) -> None:
    synthetic.make(count, seed=seed, days=days, now=NOW)


def all_of(model) -> list:
    return list(db.session.scalars(select(model)))


def numbers() -> list[str]:
    return list(db.session.scalars(select(Ticket.number).order_by(Ticket.id)))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_about_as_many_are_open_as_were_asked_for(app):
    synthetic.make(400, seed=3, days=365, now=NOW, open_tickets=40)

    assert 20 < sum(ticket.status not in ENDED for ticket in all_of(Ticket)) < 60


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_figures_are_those_of_a_district_that_works_well(app):
    make(700)
    by_metric: dict[str, list[bool]] = {}
    for clock in all_of(Clock):
        if clock.state in {ClockState.MET, ClockState.BREACHED} and clock.metric is not Metric.PART:
            by_metric.setdefault(clock.metric, []).append(clock.state is ClockState.MET)
    verdicts = [
        event.data["said"]["satisfaction"]
        for event in all_of(Event)
        if event.data.get("said", {}).get("satisfaction")
    ]

    for metric, met in by_metric.items():
        assert 0.91 < sum(met) / len(met) < 0.995, metric
    assert 0.88 < sum(mark > rules.BAD_RATING for mark in verdicts) / len(verdicts) < 0.97


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(sites, database, app):
    make(60, seed=5)
    first = numbers()
    db.session.remove()
    district_on(sites, database)
    make(60, seed=5)

    assert numbers() == first
    assert len(set(first)) == len(first)
    assert all(rules.read_number(number) == number for number in first)
    make(60, seed=6)
    assert len(set(numbers())) == len(numbers())


def test_loading_again_adds_tickets_with_numbers_of_their_own(app):
    make(60, seed=5)
    before = len(numbers())
    make(60, seed=5)

    assert len(set(numbers())) == len(numbers()) >= before + 60
    assert list(ledger.verify()) == []


def test_new_tickets_can_still_be_filed_after_a_load(app):
    make(40)
    owner = identity.person_by_email("enterprise@demo.example").actor
    wish = Filing.model_validate(
        {"title": "车间停电", "description": "请尽快恢复。", "category": "PWR", "site": "PK01"}
    )

    ticket = filing.file(owner, wish, now=NOW)

    assert ticket.id > 40
    assert ticket.number not in numbers()[:-1]


def test_more_companies_come_in_with_an_administrator_each(app):
    with transaction():
        synthetic.add_companies(80, NOW)
        synthetic.add_companies(70, NOW)

    assert db.session.scalar(select(func.count()).select_from(Enterprise)) == 80
    newest = db.session.scalars(select(Enterprise).order_by(Enterprise.id.desc()).limit(1)).one()
    admin = db.session.scalars(select(User).where(User.enterprise_id == newest.id)).one()
    assert admin.is_enterprise_admin
    assert admin.is_active
    assert passwords.is_right(DEMO_PASSWORD, admin.password_hash)


def test_tickets_lie_in_the_order_in_which_they_came_and_the_open_ones_last(app):
    make(400, days=365)

    tickets = db.session.execute(select(Ticket.status, Ticket.received_at).order_by(Ticket.id)).all()

    days = [[(NOW - ticket.received_at).days for ticket in tickets[at : at + 80]] for at in range(0, 400, 80)]
    assert sorted(days, key=sum, reverse=True) == days
    assert {ticket.status for ticket in tickets[:200]} <= ENDED


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_several_processes_plan_what_one_would(app, monkeypatch):
    monkeypatch.setattr(maker, "CHUNK", 100)
    plans = maker.Maker(
        District(filing.FILING_ROLES), Arrivals(210, 30), seed=4, now=NOW, days=30, taken={12345678}
    )
    wanted = list(maker.chunks(2 * maker.CHUNK + 10, 1, 1))
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    together = list(maker.planned(plans, wanted))

    assert together == [plans.plan(chunk) for chunk in wanted]


def test_chunks_keep_to_ids_of_their_own():
    found = list(maker.chunks(2 * maker.CHUNK + 10, 7, 9))

    assert [chunk.count for chunk in found] == [maker.CHUNK, maker.CHUNK, 10]
    assert found[0].first_ticket_id == 7
    assert found[0].first_clock_id == 9
    for before, after in pairwise(found):
        assert after.first_ticket_id == before.end_ticket_id >= before.first_ticket_id + before.count
        assert after.first_clock_id == before.end_clock_id


def test_numbers_never_come_twice():
    numbers = maker.Numbers(random.Random(1))

    assert len({numbers.nth(place) for place in range(200_000)}) == 200_000
    assert all(0 <= numbers.nth(place) < 10**8 for place in range(0, 10**8, 99_991))


def test_foreign_keys_are_back_after_a_load(app):
    def keys() -> set[tuple[str, tuple[str, ...], str]]:
        found = set()
        for name, listed in inspect(db.engine).get_multi_foreign_keys().items():
            found |= {(name[1], tuple(key["constrained_columns"]), key["referred_table"]) for key in listed}
        return found

    before = keys()
    make(20)

    assert keys() == before
    assert len(before) > 20


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_indexes_are_back_after_a_load(app):
    def indexes() -> set[str]:
        return set(db.session.scalars(text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")))

    before = indexes()
    make(20)

    assert indexes() == before
    assert any("ticket_texts USING gin" in found for found in before)


def test_values_are_written_as_the_log_encodes_them():
    odd = ['a"b\\c\n中', 7, True, None, NOW, NOW.date(), Kind.HELP, [1, "二"], {"b": 1, "a": None}, [],
           {'"': [], "n": {"z": [True, {"y": 1.5}], "a\\": Kind.HELP}}]  # fmt: skip

    for held in odd:
        plain = canonical.plain(held)
        expected = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert canonical.value(held) == expected
    assert canonical.members([("b", 1), ("a", "x")]) == '{"a":"x","b":1}'


def test_text_is_copied_as_it_is():
    odd = 'a\\b\tc\nd"e\u3000\x0bf'

    packed = bulk.Rows(Ticket)
    packed.add(Ticket, {"id": 1, "title": odd, "site_id": None, "is_confidential": True})
    found = packed.packed(is_postgresql=True)[0]

    assert isinstance(found.values, bytes)
    row = found.values.decode().rstrip("\n").split("\t")
    assert row[:4] == ["1", 'a\\\\b\\tc\\nd"e\u3000\x0bf', "True", "\\N"]


def test_every_category_has_ten_stories(app):
    told = stories.stories()

    assert set(told) == set(db.session.scalars(select(Category.code)))
    assert {code: sum(map(len, kinds.values())) for code, kinds in told.items()} == dict.fromkeys(told, 10)
    assert {kind for kinds in told.values() for kind in kinds} == set(Kind)


class Replay:
    """Performs the histories of synthetic tickets once more, through the service layer."""

    def __init__(self) -> None:
        self.tickets = {ticket.id: ticket for ticket in all_of(Ticket)}
        self.sites = {site.id: site.code for site in all_of(Site)}
        self.companies = {company.id: company for company in all_of(Enterprise)}
        self.emails = {user.id: user.email for user in all_of(User)}
        self.events = list(db.session.scalars(select(Event).order_by(Event.at, Event.id)))
        self.twins: dict[int, int] = {}
        self.names: dict[str, str] = {}

    def run(self) -> None:
        for event in self.events:
            said = event.data.get("said", {})
            if event.action is Action.MERGE and "from" in said:
                continue  # written by the merge of the other ticket
            actor = SYSTEM if event.actor_id is None else identity.person(event.actor_id).actor
            if event.action is Action.SUBMIT:
                twin = filing.file(actor, self.wish_to_file(event), now=event.at)
                self.twins[event.ticket_id] = twin.id
                self.names[self.tickets[event.ticket_id].number] = twin.number
            else:
                number = self.names[self.tickets[event.ticket_id].number]
                perform(actor, number, self.wish(event, said), now=event.at)

    def wish_to_file(self, event: Event) -> Filing:
        ticket, first = self.tickets[event.ticket_id], event.data["set"]
        wish = {
            "title": ticket.title,
            "description": ticket.description,
            "kind": first["kind"],
            "level": first["level"],
            "category": first["category"],
            "contact": {
                "name": ticket.contact_name,
                "phone": ticket.contact_phone,
                "email": ticket.contact_email,
            },
            "confidential": ticket.is_confidential,
            "site": self.sites.get(ticket.site_id),
        }
        if ticket.channel is not Channel.PLATFORM:
            company = self.companies[ticket.enterprise_id]
            wish |= {
                "enterprise": {"uscc": company.uscc, "name": company.name},
                "channel": ticket.channel,
                "received_at": ticket.received_at,
            }
        return Filing.model_validate(wish)

    def wish(self, event: Event, said: dict):
        kind = WISHES[event.action]
        fields = {name: value for name, value in said.items() if name in kind.model_fields}
        if event.action is Action.ASSIGN:
            fields["user"] = self.emails[said["handler_id"]]
        if event.action is Action.ACCEPT:
            fields |= {k: v for k, v in event.data["set"].items() if k in ("kind", "level", "category")}
        if event.action is Action.MERGE:
            fields["into"] = self.names[said["into"]]
        return kind.model_validate(fields)

    def told(self, ticket_id: int, *, is_twin: bool) -> list:
        """Return a ticket's log in terms of the first tickets."""
        ids = {twin: first for first, twin in self.twins.items()}
        numbers = {twin: first for first, twin in self.names.items()}
        rows = []
        for event in db.session.scalars(
            select(Event).where(Event.ticket_id == ticket_id).order_by(Event.seq)
        ):
            data = {part: dict(values) for part, values in event.data.items()}
            if is_twin and data["set"].get("merged_into_id"):
                data["set"]["merged_into_id"] = ids[data["set"]["merged_into_id"]]
            for name in ("into", "from"):
                if is_twin and name in data.get("said", {}):
                    data["said"][name] = numbers[data["said"][name]]
            rows.append((event.seq, event.at, event.action, event.actor_id, event.unit_id, data))
        return rows


def columns_of(model, ticket_id: int, *left_out: str) -> list[dict]:
    names = [c.name for c in model.__table__.columns if c.name not in {"id", "ticket_id", *left_out}]
    rows = db.session.scalars(select(model).where(model.ticket_id == ticket_id))
    return sorted(({name: getattr(row, name) for name in names} for row in rows), key=repr)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_service_layer_would_have_written_the_same(app):
    make(55, seed=319)  # a seed in whose stories everything happens that can
    make(6, seed=381)  # and one in which a reply is sent back that had not waited for a co-unit
    replay = Replay()
    assert any(event.data.get("said", {}).get("parts_again") for event in replay.events)

    replay.run()

    assert set(Action) - {event.action for event in replay.events} == NEVER_TOLD
    for first, twin in replay.twins.items():
        assert replay.told(twin, is_twin=True) == replay.told(first, is_twin=False)
        for model in (Clock, Part, Extension, Supervision, TicketUnit):
            # The steps of a loaded ticket stand where the clock does; acting, each waits for its first.
            unlike = ("next_step", "next_step_at") if model is Clock else ()
            assert columns_of(model, twin, *unlike) == columns_of(model, first, *unlike), model
        same = {"id", "number", "event_hash", "merged_into_id", "look_at"}
        rows = [db.session.get_one(Ticket, ticket_id) for ticket_id in (first, twin)]
        names = [column.name for column in Ticket.__table__.columns if column.name not in same]
        assert [getattr(rows[1], name) for name in names] == [getattr(rows[0], name) for name in names]


def test_a_receipt_written_in_local_time_leaves_a_whole_log(app):
    clerk = identity.person_by_email("clerk@demo.example").actor
    wish = {
        "title": "车间停电",
        "description": "请尽快恢复。",
        "category": "PWR",
        "contact": {"name": "林知夏", "phone": "19205120001"},
        "enterprise": {"name": "苏州澄砚光电科技有限公司"},
        "received_at": "2026-11-20T10:00:00+08:00",
    }

    ticket = filing.file(clerk, Filing.model_validate(wish), now=NOW)

    assert ticket.received_at == datetime(2026, 11, 20, 2, tzinfo=UTC)
    assert list(ledger.verify()) == []
