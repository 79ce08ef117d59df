"""Every route x person x ticket, from the route table: nobody reads or changes what is not theirs."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.kit.site import Site
from tests.world import World
from ticketing.accounts.actions import signing
from ticketing.accounts.models import User
from ticketing.core import clock
from ticketing.core.db import db
from ticketing.core.files import Shelf, Upload
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.attaching import attach
from ticketing.tickets.words import Action, State
from ticketing.web.guards import guard_of

STAFF = (
    "clerk", "dispatcher", "station", "station2", "area", "dept", "deptlead", "dept2", "supervisor", "caller",
    "manager", "policy", "project", "admin", "auditor",
)  # fmt: skip
PEOPLE = ("enterprise", "enterprise2", *STAFF)
DISTRICT = {"clerk", "dispatcher", "supervisor", "caller", "manager", "auditor"}
NOBODY = "nobody"
# Where a person who has no business there is sent or refused.
CLOSED_DOORS = {302, 303, 400, 401, 403, 404, 405, 409, 413, 415, 422}


@dataclass(frozen=True)
class Case:
    """One ticket with words that occur nowhere else, and who may read them."""

    name: str
    number: str
    title: str
    phone: str
    readers: frozenset[str]
    phone_readers: frozenset[str]


@pytest.fixture
def cases(world: World) -> list[Case]:
    """Tickets of both companies in different hands: at a station, dispatched, with a co-unit, merged, ..."""
    here = {"enterprise", "station", "area", "project"} | DISTRICT
    dept = {"dept", "deptlead"}
    made = [
        _case(world, "plain", "enterprise", here | dept, here | dept, unit="D-PWR"),
        _case(
            world, "secret", "enterprise", here | dept, {"enterprise", "clerk", "supervisor"}, unit="D-PWR",
            kind="violation_report",
        ),
        _case(
            world, "other", "enterprise2", {"enterprise2", "dept2", "station2"} | DISTRICT,
            {"enterprise2", "dept2", "station2"} | DISTRICT, unit="D-HRS", site=world.site_of("S201"),
        ),
        _case(world, "draft", "enterprise", {"enterprise"}, {"enterprise"}, state=State.DRAFT),
        _case(world, "below", "enterprise", here, here, state=State.SUBMITTED),
        _case(world, "helped", "enterprise", here | dept | {"dept2"}, here | dept, co_units=["D-HRS"]),
        _case(world, "merged", "enterprise", here | dept, here | dept),
    ]  # fmt: skip
    world.do("dispatcher", made[0].number, w.Note(body="CANARY-note-internal"))
    world.do("clerk", made[-1].number, w.Merge(into=made[0].number))
    return made


def _case(
    world: World,
    name: str,
    who: str,
    readers: set[str],
    phone_readers: set[str],
    *,
    state: State = State.DISPATCHED,
    unit: str = "D-PWR",
    co_units: list[str] | None = None,
    **fields: object,
) -> Case:
    phone = f"139{zlib.crc32(name.encode()) % 10**8:08d}"
    contact = w.Contact(name=f"CANARY{name}", phone=phone)
    title = f"CANARY-title-{name}"
    number = world.file(who, title=title, contact=contact, draft=state is State.DRAFT, **fields)
    if state is State.DISPATCHED:
        world.do("clerk", number, w.Accept())
        world.do("dispatcher", number, w.Dispatch(unit=unit, co_units=co_units or []))
    return Case(name, number, title, phone, frozenset(readers), frozenset(phone_readers))


def _visitors(app: Flask) -> Iterator[tuple[str, FlaskClient, dict[str, str]]]:
    """Yield each person with a signed-in browser and the headers of an API token; nobody last."""
    for who in PEOPLE:
        email = f"{who}@demo.example"
        user_id = db.session.scalars(select(User.id).where(User.email == email)).one()
        client = app.test_client()
        token = signing.new_session(user_id, "test", clock.now())
        with client.session_transaction() as session:
            session["_user_id"] = token
        secret = signing.create_token(user_id, "test", now=clock.now())
        yield who, client, {"Authorization": f"Bearer {secret}"}
    yield NOBODY, app.test_client(), {}


# The pages of the actions are one route, and alike for whoever may read the ticket; most is on these.
FULL_PAGES = (Action.DISPATCH, Action.MERGE)


def _addresses(rule: Rule, case: Case, *, is_stranger: bool) -> list[str]:
    """The addresses of a route for one ticket; other parts get plausible values.

    A stranger tries every action on the first ticket.
    """
    path = rule.rule.replace("<number>", quote(case.number))
    if "<action>" in path:
        actions = Action if is_stranger and case.name == "plain" else FULL_PAGES
        return [path.replace("<action>", action.value) for action in actions]
    return [re.sub(r"<[^>]+>", "1", path)]


def _is_of_a_ticket(rule: Rule) -> bool:
    """Whether the number in the address is a ticket's; meetings have numbers of their own."""
    return "<number>" in rule.rule and not rule.endpoint.startswith("meetings.")


def _tried(world: World, who: str, rule: Rule, cases: list[Case]) -> list[Case]:
    """The tickets with which a person tries a route: one, where the guard turns them away from all alike."""
    guard = guard_of(world.app, rule.endpoint)
    is_let_in = guard == "public" or who != NOBODY
    if isinstance(guard, tuple):
        is_let_in = who != NOBODY and world.actor(who).holds(*guard)
    return cases if is_let_in and _is_of_a_ticket(rule) else cases[:1]


def _rules(app: Flask, method: str) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or set()) and rule.endpoint != "static"
    ]


def test_every_route_has_a_guard_and_only_these_are_public(app: Flask) -> None:
    public = {rule.endpoint for rule in app.url_map.iter_rules() if guard_of(app, rule.endpoint) == "public"}

    assert public == {
        "static", "web.language", "accounts.sign_in", "accounts.sign_out", "accounts.invitation",
        "public.start", "public.track", "public.rate",
        "health.healthz", "health.readyz", "health.metrics", "api.openapi", "api.docs",
    }  # fmt: skip


@pytest.mark.slow
def test_reading_shows_nobody_what_is_not_theirs_and_changes_no_row(
    app: Flask, world: World, cases: list[Case], database: str
) -> None:
    visitors = list(_visitors(app))
    for _who, client, headers in visitors:
        client.get("/api/v1/me", headers=headers)  # marks the token as used, once
    before = world.fingerprint()

    leaks = []
    for who, client, headers in visitors:
        for rule in _readable(app, database):
            is_api = rule.rule.startswith("/api/")
            for case in _tried(world, who, rule, cases):
                for path in _addresses(rule, case, is_stranger=who not in case.readers):
                    answer = client.get(path, headers=headers if is_api else {})
                    told = f"{who} GET {path}: {answer.status_code}"
                    leaks += _leaks(who, answer.get_data(as_text=True), cases, told)
                    if answer.status_code >= 500 and rule.endpoint != "health.readyz":
                        leaks.append(told)
                    is_hidden = _is_of_a_ticket(rule) and who not in case.readers
                    if is_hidden and answer.status_code not in CLOSED_DOORS:
                        leaks.append(f"{told}, not theirs")

    assert leaks == []
    assert world.fingerprint() == before


def _readable(app: Flask, database: str) -> list[Rule]:
    """Every route one can GET; on PostgreSQL those that show tickets, for the guards are the same."""
    rules = _rules(app, "GET")
    if database == "sqlite":
        return rules
    return [rule for rule in rules if rule.endpoint.startswith(("api.", "tickets."))]


def _leaks(who: str, body: str, cases: list[Case], told: str) -> list[str]:
    """What a page shows of tickets that are not this person's."""
    found = [f"{told} shows {case.title}" for case in cases if case.title in body and who not in case.readers]
    found += [
        f"{told} shows the phone of {case.name}"
        for case in cases
        if case.phone in body and who not in case.phone_readers
    ]
    if "CANARY-note-internal" in body and who in {"enterprise", "enterprise2", NOBODY}:
        found.append(f"{told} shows an internal note")
    return found


def test_files_are_read_by_those_who_read_their_ticket(
    app: Flask, site: Site, world: World, cases: list[Case]
) -> None:
    shelf = Shelf(site.config.var_dir / "attachments", 1 << 20)
    filers = {"secret": "clerk", "other": "dept2", "draft": "enterprise", "below": "station"}
    kept = [
        (case, is_internal, _attached(world, filers.get(case.name, "dept"), case, shelf, is_internal))
        for case in cases
        for is_internal in (False, True)
        if case.name != "merged" and not (case.name == "draft" and is_internal)
    ]

    wrong = []
    for who, client, headers in _visitors(app):
        for case, is_internal, token in kept:
            # The files of a confidential request are as closed as its contact.
            readers = case.phone_readers if case.name == "secret" else case.readers
            is_theirs = who in readers and not (is_internal and who.startswith("enterprise"))
            for path in (f"/attachments/{token}", f"/api/v1/attachments/{token}"):
                with client.get(path, headers=headers if path.startswith("/api/") else {}) as answer:
                    if (answer.status_code == 200) != is_theirs:
                        wrong.append(f"{who} {path}: {answer.status_code} of {case.name}, {is_internal=}")

    assert wrong == []


def _attached(world: World, who: str, case: Case, shelf: Shelf, is_internal: bool) -> str:
    file = Upload("CANARY.txt", b"what is in the file")
    return attach(
        world.actor(who), case.number, file, shelf=shelf, now=world.later(minutes=1), is_internal=is_internal
    ).token


def test_search_finds_only_what_one_may_read(app: Flask, world: World, cases: list[Case]) -> None:
    wrong = []
    for who, client, headers in _visitors(app):
        for path in ("/tickets?q=CANARY", "/api/v1/tickets?q=CANARY", "/tickets/queue"):
            answer = client.get(path, headers=headers if path.startswith("/api/") else {})
            body = answer.get_data(as_text=True)
            for case in cases:
                is_open_to = who in case.readers and answer.status_code == 200
                if (case.title in body) and not is_open_to:
                    wrong.append(f"{who} {path} shows {case.name}")
                is_sought = path.startswith("/api/") and case.name != "draft"  # drafts are not in the index
                if is_sought and is_open_to and case.title not in body:
                    wrong.append(f"{who} {path} lacks {case.name}")

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("api", [True, False], ids=["api", "pages"])
def test_a_stranger_changes_nothing_by_any_route(
    app: Flask, world: World, cases: list[Case], api: bool
) -> None:
    visitors = list(_visitors(app))
    for _who, client, headers in visitors:
        client.get("/api/v1/me", headers=headers)
    before = world.fingerprint()

    wrong = []
    for who, client, headers in visitors:
        for path in _foreign_posts(world, who, cases, api=api):
            answer = client.post(path, headers=headers, json={}) if api else client.post(path, data={})
            if answer.status_code not in CLOSED_DOORS:
                wrong.append(f"{who} POST {path}: {answer.status_code}")

    assert wrong == []
    assert world.fingerprint() == before


def _foreign_posts(world: World, who: str, cases: list[Case], *, api: bool) -> Iterator[str]:
    """Every address that would change a ticket this person may not even read."""
    for rule in _rules(world.app, "POST"):
        if _is_of_a_ticket(rule) and rule.rule.startswith("/api/") is api:
            for case in _tried(world, who, rule, cases):
                if who not in case.readers:
                    yield from _addresses(rule, case, is_stranger=True)
