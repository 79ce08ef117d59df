"""Supervision cases with a yellow or red card, and taking a card back."""

from __future__ import annotations

from ticketing.core.db import db
from ticketing.core.errors import NotPermitted
from ticketing.escalation import queries
from ticketing.network.queries import network
from ticketing.tickets import ledger
from ticketing.tickets.models import Supervision
from ticketing.tickets.rules import NothingPending
from ticketing.tickets.words import Card, State


def held(world) -> tuple[int, int]:
    counts = queries.case_counts(queries.watch(world.actor("supervisor"), network()), world.now)
    return counts[2:]


def test_a_card_is_given_with_a_demand_and_taken_back_with_a_reason(world):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "supervise", demand="请说明进展", due_limit="1wd", card="yellow")
    assert held(world) == (1, 0)
    world.act("manager", number, "supervise", demand="立即整改", due_limit="4wh", card="red")
    assert held(world) == (1, 1)

    world.act("manager", number, "revoke_card", reason="已整改到位")

    db.session.rollback()
    cases = db.session.query(Supervision).order_by(Supervision.id).all()
    assert [(case.card, case.revoked_because) for case in cases] == [
        (Card.YELLOW, None),
        (Card.RED, "已整改到位"),
    ]
    assert cases[1].revoked_by == world.actor("manager").user_id
    assert held(world) == (1, 0)
    said = world.events(number)[-1].data["said"]
    assert said == {"card": "red", "reason": "已整改到位"}
    assert list(ledger.verify()) == []


def test_where_there_is_no_card_there_is_none_to_take_back(world):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "supervise", demand="请说明进展", due_limit="1wd")

    assert "revoke_card" not in world.may("supervisor", number)
    world.refused(NothingPending, "supervisor", number, "revoke_card", reason="不需要")


def test_the_unit_itself_neither_gives_nor_takes_back_cards(world):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "supervise", demand="请说明进展", due_limit="1wd", card="red")

    for who in ("dept", "deptlead", "dispatcher"):
        assert not world.may(who, number) & {"supervise", "revoke_card"}
        world.refused(NotPermitted, who, number, "revoke_card", reason="不服")


def test_a_card_may_be_taken_back_after_closing(world):
    number = world.ticket(State.REPLIED)
    world.act("supervisor", number, "supervise", demand="请说明进展", due_limit="1wd", card="yellow")
    world.act("caller", number, "revisit", reached=True, solved="yes", satisfaction=5)

    world.act("supervisor", number, "revoke_card", reason="办理结果满意")

    assert world.row(number).status is State.CLOSED
    assert held(world) == (0, 0)
