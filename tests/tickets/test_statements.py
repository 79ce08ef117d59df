"""How many statements the database gets: a fixed number for each action, page and list."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from tests.tickets.test_matrix import SCENES, wish
from ticketing.core.db import db
from ticketing.core.local_day import local_date
from ticketing.tickets.actions.filing import file
from ticketing.tickets.models import IS_OPEN, Ticket
from ticketing.tickets.queries import conditions, listing, view
from ticketing.tickets.wishes import Filing
from ticketing.tickets.words import Action, State

# SQLite writes each of the two clocks, and an event and its outbox row, with statements of their own.
MOST_TO_FILE = {"postgresql": 7, "sqlite": 9}
MOST_TO_ACT = {"postgresql": 12, "sqlite": 13}
MOST_TO_SHOW = 12
ENDS = ("BEGIN", "COMMIT", "ROLLBACK")
log = logging.getLogger(__name__)
# Where each action starts, and who does it.
ACTS: list[tuple[State, str, Action]] = [
    (State.DRAFT, "enterprise", Action.SUBMIT),
    (State.SUBMITTED, "clerk", Action.ACCEPT),
    (State.SUBMITTED, "clerk", Action.REQUEST_INFO),
    (State.NEED_INFO, "enterprise", Action.SUPPLY_INFO),
    (State.SUBMITTED, "clerk", Action.REJECT),
    (State.SUBMITTED, "clerk", Action.ANSWER_NOW),
    (State.ACCEPTED, "dispatcher", Action.DISPATCH),
    (State.DISPATCHED, "dept", Action.SIGN),
    (State.DISPATCHED, "dept", Action.REQUEST_RETURN),
    (State.RETURN_REVIEW, "dispatcher", Action.RULE_RETURN),
    (State.PROCESSING, "deptlead", Action.TRANSFER),
    (State.ACCEPTED, "station", Action.UP_REPORT),
    (State.ACCEPTED, "dispatcher", Action.SEND_DOWN),
    (State.PROCESSING, "dept", Action.CONTACT),
    (State.PROCESSING, "dept", Action.SUBMIT_REPLY),
    (State.REPLY_REVIEW, "deptlead", Action.APPROVE_REPLY),
    (State.REPLY_REVIEW, "deptlead", Action.SEND_BACK),
    (State.REPLIED, "caller", Action.REVISIT),
    (State.REPLIED, "enterprise", Action.RATE),
    (State.PROCESSING, "dept", Action.CLAIM),
    (State.PROCESSING, "deptlead", Action.ASSIGN),
    (State.PROCESSING, "dept", Action.INVITE),
    (State.PROCESSING, "dept", Action.REQUEST_EXTENSION),
    (State.PROCESSING, "supervisor", Action.SUSPEND),
    (State.SUSPENDED, "supervisor", Action.RESUME),
    (State.PROCESSING, "dept", Action.MESSAGE),
    (State.PROCESSING, "dept", Action.NOTE),
    (State.PROCESSING, "enterprise", Action.URGE),
    (State.PROCESSING, "supervisor", Action.SUPERVISE),
    (State.CLOSED, "enterprise", Action.REOPEN),
    (State.PROCESSING, "enterprise", Action.WITHDRAW),
    (State.SUBMITTED, "clerk", Action.MERGE),
    (State.MERGED, "clerk", Action.UNMERGE),
]
# After another action: finishing a part, deciding an extension, answering a supervision case.
SECOND: list[tuple[Action, str, Action, str]] = [
    (Action.INVITE, "dept", Action.FINISH_PART, "dept2"),
    (Action.INVITE, "dept", Action.CANCEL_PART, "dept"),
    (Action.REQUEST_EXTENSION, "dept", Action.DECIDE_EXTENSION, "deptlead"),
    (Action.SUPERVISE, "supervisor", Action.ANSWER_SUPERVISION, "dept"),
    (Action.SUPERVISE, "supervisor", Action.REVOKE_CARD, "manager"),
]
# Recorded only, or done through a meeting.
NOT_ACTED = {Action.ATTACH, Action.REVEAL, Action.RECOUNT, Action.ESCALATE, Action.MEET, Action.CONSULTED} | {
    Action.ASSIGN_PART,
    Action.HAND_OVER,
}
# Joining and parting write two tickets, each with its clocks, event and outbox row; sending a draft asks the
# rules for whom it is.
MORE = {Action.MERGE: 26, Action.UNMERGE: 26, Action.SUBMIT: 14}


def real(seen: list[str]) -> list[str]:
    """The statements that are neither begin nor end of a transaction."""
    return [statement for statement in seen if not statement.startswith(ENDS)]


def test_filing_takes_few_statements_and_one_commit(world, statements, commits, database):
    contact = {"name": "林知夏", "phone": "19205120000"}
    actor = world.actor("enterprise")
    fields = {"title": "用电增容", "description": "500 kVA", "category": "PWR", "site": world.site}
    asked = Filing.model_validate(fields | {"contact": contact})
    file(actor, asked, now=world.now)  # what is read once in a process has been read
    db.session.expunge_all()
    commits.clear()

    with statements() as seen:
        file(actor, asked, now=world.now)

    log.info("filing: %d statements", len(real(seen)))
    assert len(real(seen)) <= MOST_TO_FILE[database], "\n".join(seen)
    assert len(commits) == 1


def test_every_action_takes_few_statements_and_one_commit(world, statements, commits, database):
    counted: dict[Action, int] = {}
    world.actor("dept2")
    for state, who, action in ACTS:
        number, target = world.ticket(state), world.file()
        counted[action] = count(world, statements, commits, who, number, wish(action, SCENES[0], target))
    for before, first, action, second in SECOND:
        number = world.ticket(State.PROCESSING)
        asked = wish(before, SCENES[0], "")
        world.do(
            first, number, asked.model_copy(update={"unit": "D-HRS"}) if before is Action.INVITE else asked
        )
        counted[action] = count(world, statements, commits, second, number, wish(action, SCENES[0], ""))

    for action, leader in ((Action.APPROVE_PART, "d-tax-lead"), (Action.SEND_BACK_PART, "d-tax-lead")):
        number = world.ticket(State.PROCESSING)
        world.act("dept", number, "invite", unit="D-TAX", due_limit="2wd", message="请核实")
        world.act("d-tax-handler", number, "finish_part", reply="已核实")
        counted[action] = count(world, statements, commits, leader, number, wish(action, SCENES[0], ""))

    log.info("statements: %s", {str(action): number for action, number in counted.items()})
    assert set(counted) == set(Action) - NOT_ACTED
    most = MOST_TO_ACT[database]
    assert {action: n for action, n in counted.items() if n > MORE.get(action, most)} == {}


def count(world, statements, commits, who, number, asked) -> int:
    """Do one action; return how many statements it took."""
    world.actor(who)
    db.session.rollback()
    db.session.expunge_all()
    commits.clear()
    with statements() as seen:
        world.do(who, number, asked)
    assert len(commits) == 1
    return len(real(seen))


@pytest.fixture
def commits(app) -> list[int]:
    """The commits of changes since the list was last cleared."""
    found: list[int] = []

    def note(connection) -> None:
        if connection.get_execution_options().get("is_writer"):
            found.append(1)

    event.listen(db.engine, "commit", note)
    return found


def test_pages_and_lists_cost_the_same_for_few_and_for_many(world, statements):
    number = world.ticket(State.PROCESSING)
    people = [world.actor(who) for who in ("enterprise", "manager", "area", "dept")]

    few = [reading(world, statements, actor, number) for actor in people]
    for _ in range(20):
        world.ticket(State.PROCESSING)
    for unit in ("S101", "S102", "S103", "S201", "S202", "S301"):
        world.act("dept", number, "invite", unit=unit, due_limit="2wd", message="请协助")
        world.act("supervisor", number, "supervise", demand="请说明", due_limit="1wd")
        world.act("clerk", world.file(), "merge", into=number)
    many = [reading(world, statements, actor, number) for actor in people]

    log.info("reading (view, history, list, counts): %s", many)
    assert many == few
    assert all(sum(costs[:2]) <= MOST_TO_SHOW and costs[2:] == (1, 1) for costs in many)


def reading(world, statements, actor, number) -> tuple[int, ...]:
    """How many statements a person's look at the ticket, its history, a list and its counts take."""
    now = world.now
    named = {section.value: conditions.Filters(section=section) for section in conditions.Section}
    db.session.rollback()
    db.session.expunge_all()
    found = view.view(actor, number, now=now, today=local_date(now))  # fills what is read once
    costs = []
    for read in (
        lambda: view.view(actor, number, now=now, today=local_date(now)),
        lambda: view.history(found),
        lambda: listing.listing(actor, conditions.Filters(), sort=listing.Sort.DUE, limit=10, now=now),
        lambda: listing.counts(actor, named, now=now + timedelta(days=1)),
    ):
        with statements() as seen:
            assert read()
        costs.append(len(real(seen)))
    return tuple(costs)


def test_being_open_is_said_as_the_partial_indexes_say_it(app):
    asked = select(Ticket.id).where(conditions.is_open())

    assert str(asked.compile(db.engine)).endswith(f"WHERE tickets.{IS_OPEN}")
