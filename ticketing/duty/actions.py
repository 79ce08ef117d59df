"""Changes to duty: absences entered and called off, the way a unit's tickets find a handler."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from ticketing.accounts.actions.people import note_change
from ticketing.accounts.models import User
from ticketing.core import audit
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotFound, NotPermitted
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.duty import queries, rules
from ticketing.duty.models import Absence, UnitDesk
from ticketing.duty.rules import Away
from ticketing.duty.words import Way
from ticketing.network.queries import Network, UnitInfo, network


@dataclass(frozen=True, slots=True)
class AbsenceWish:
    """Who is away, from when to when, and who stands in (None: the duty officer)."""

    user_id: int
    starts_on: date
    ends_on: date
    deputy_id: int | None = None


def enter_absence(actor: Actor, wish: AbsenceWish, *, now: datetime) -> int:
    """Write down that somebody is away, and return the absence's id.

    For oneself, or by the head or the administrator of one's unit. Raises NotPermitted, or Invalid for days
    that cannot be or a deputy who is away, disabled, or of another unit.
    """
    today = local_date(now)
    wanted = Away(wish.user_id, wish.starts_on, wish.ends_on, wish.deputy_id)
    with transaction():
        _lock(wish)
        units = _may_arrange(actor, wish.user_id, network())
        rules.check_period(wanted, today)
        rules.check_deputy(wanted, [one.id for one in queries.colleagues(units)])
        people = [one for one in (wish.user_id, wish.deputy_id) if one is not None]
        rules.check_others(wanted, queries.known_absences(people, min(today, wish.starts_on)))
        absence = Absence(
            user_id=wish.user_id,
            deputy_id=wish.deputy_id,
            starts_on=wish.starts_on,
            ends_on=wish.ends_on,
            entered_by=actor.user_id,
            entered_at=now,
        )
        db.session.add(absence)
        note_change(wish.user_id, now)
        db.session.flush()
        audit.note(
            actor, "entered absence", str(wish.user_id), starts=wish.starts_on.isoformat(),
            ends=wish.ends_on.isoformat(), deputy=wish.deputy_id,
        )  # fmt: skip
    return absence.id


def cancel_absence(actor: Actor, absence_id: int, *, now: datetime) -> None:
    """Call an absence off: the person is there again. Raises NotFound, also for whom it is no business of."""
    with transaction():
        found = db.session.get(Absence, absence_id, with_for_update=True)
        if found is None or found.cancelled_at is not None:
            raise NotFound
        try:
            _may_arrange(actor, found.user_id, network())
        except NotPermitted:
            raise NotFound from None
        found.cancelled_at = now
        audit.note(actor, "called absence off", str(found.user_id), absence=absence_id)


def set_way(actor: Actor, code: str, way: Way) -> None:
    """Choose how a unit's new tickets find a handler. Raises NotFound for a unit one does not lead."""
    with transaction():
        unit = _led(actor, code)
        desk = db.session.get(UnitDesk, unit.id, with_for_update=True)
        if desk is None:
            desk = UnitDesk(unit_id=unit.id, way=way)
            db.session.add(desk)
        desk.way = way
        db.session.flush()
        audit.note(actor, "set way of assigning", code, way=way.value)


def _led(actor: Actor, code: str) -> UnitInfo:
    found = next((unit for unit in queries.led_units(actor, network()) if unit.code == code), None)
    if found is None:
        raise NotFound
    return found


def _lock(wish: AbsenceWish) -> None:
    """Lock both people, always in one order: no two absences can be entered that refuse each other."""
    people = [one for one in (wish.user_id, wish.deputy_id) if one is not None]
    wanted = select(User.id).where(User.id.in_(people)).order_by(User.id)
    db.session.execute(wanted.with_for_update(key_share=True)).all()


def _may_arrange(actor: Actor, user_id: int, net: Network) -> list[int]:
    """Return the units in which the person works; raise NotPermitted unless the actor may say who is away."""
    units = queries.units_of(user_id)
    if not units:
        raise Invalid(fields={"user_id": [N_("只有办理诉求的人员需要登记离岗")]})
    heads = (Role.UNIT_LEADER, Role.STATION_HEAD)
    is_theirs = user_id == actor.user_id or any(
        actor.sits_in(net.by_id[unit].path, *heads) or actor.covers(net.by_id[unit].path, Role.ADMIN)
        for unit in units
    )
    if not is_theirs:
        raise NotPermitted
    return units
