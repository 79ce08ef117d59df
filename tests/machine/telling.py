"""Whether everybody hears of what concerns them, once: worked out at the event, compared after the relay."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from sqlalchemy import select

from tests.tickets.holding import was_sent
from tests.tickets.walk import PEOPLE
from tests.world import World
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db
from ticketing.core.outbox import Outbox
from ticketing.escalation.models import Escalation
from ticketing.network.queries import network
from ticketing.notify.models import Delivery, DeliveryEvent, InboxEntry
from ticketing.sla import queries as sla
from ticketing.tickets.facts import standing
from ticketing.tickets.flow import TELLING, parties
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.scope import visible
from ticketing.tickets.words import Action

COMPANY = ("enterprise",)


class Told:
    """Who is to hear of which event, and which events have been relayed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.relayed: set[int] = set()
        self._expected: dict[int, set[int]] = {}

    def note(self, number: str) -> None:
        """Work out who is to hear of the ticket's last event, by what each person is to it now."""
        ticket = self.world.row(number)
        events = self.world.events(number)
        if not events:
            return
        last, net = events[-1], network()
        place = standing(SYSTEM, ticket, net, sla.clocks_of(ticket.id))
        # Of whose part the event itself made an end, still had it.
        ended = [
            part
            for part in place.hanging.parts
            if part.cycle == ticket.cycle and last.at in {part.finished_at, part.cancelled_at}
        ]
        facts = replace(
            place.facts,
            co_paths=place.facts.co_paths | {net.by_id[part.unit_id].path for part in ended},
            signing_paths=place.facts.signing_paths
            | {net.by_id[part.unit_id].path for part in ended if part.handed_in_at},
        )
        # Nobody of the district hears of a draft that was never sent.
        people = PEOPLE if was_sent(ticket) else COMPANY
        actors = [self.world.actor(who) for who in people]
        self._expected[last.id] = {
            actor.user_id
            for actor in actors
            if actor.user_id is not None
            and actor.user_id != last.actor_id
            and not parties(actor, facts).isdisjoint(TELLING[last.action].told)
        }

    def problems(self) -> list[str]:
        """What is wrong with the inboxes and messages after a relay that left nothing."""
        db.session.rollback()
        waiting = set(db.session.scalars(select(Outbox.event_id)))
        new = set(db.session.scalars(select(Event.id))) - waiting - self.relayed
        self.relayed |= new
        sight = {
            actor.user_id: set(db.session.scalars(visible(actor).with_only_columns(Ticket.id)))
            for actor in map(self.world.actor, PEOPLE)
        }
        found = ["I15 events are left in the outbox"] if waiting else []
        for event in db.session.scalars(select(Event).where(Event.id.in_(new))).all():
            entered = Counter(
                db.session.scalars(select(InboxEntry.user_id).where(InboxEntry.event_id == event.id))
            )
            if any(times > 1 for times in entered.values()):
                found.append(f"I15 somebody was told twice of {event.action}")
            wanted = self._wanted(event)
            if wanted is not None:
                readers = {one for one in wanted if event.ticket_id in sight.get(one, {event.ticket_id})}
                got = set(entered) if event.action is Action.ESCALATE else set(entered) & sight.keys()
                if got != readers:
                    found.append(f"I15 {event.action}: {got} were told, not {readers}")
        return found + self._strays()

    def _wanted(self, event: Event) -> set[int] | None:
        if event.action is Action.ESCALATE:
            row = db.session.scalars(select(Escalation).where(Escalation.event_id == event.id)).one()
            return set(row.notified)
        return self._expected.get(event.id)

    def _strays(self) -> list[str]:
        """Letters about events that are not in their reader's inbox."""
        told = select(DeliveryEvent.event_id, Delivery.user_id).join(
            Delivery, Delivery.id == DeliveryEvent.delivery_id
        )
        entries = {tuple(row) for row in db.session.execute(select(InboxEntry.event_id, InboxEntry.user_id))}
        return [
            f"I15 a letter to {user_id} about event {event_id} that is not in the inbox"
            for event_id, user_id in db.session.execute(told)
            if (event_id, user_id) not in entries
        ]
