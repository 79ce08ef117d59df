"""Reply templates: texts of a unit or of the whole district, filled in for the ticket they are chosen for.

Table, reads and writes in one place, like core/idempotency: nothing else knows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core import audit
from ticketing.core.actor import Actor, Role
from ticketing.core.db import Model, db, transaction, words
from ticketing.core.errors import ChangedMeanwhile, NotFound, NotPermitted
from ticketing.core.text import N_
from ticketing.tickets import blanks
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import Kind

EDITORS = (Role.ADMIN, Role.UNIT_LEADER, Role.STATION_HEAD, Role.DISPATCHER)
MAX_NAME, MAX_BODY = 60, 2000
MOST_OFFERED = 50
_CHANGED = N_("在您填写期间，这个模板已被他人修改；您写的还在下面，再保存一次就以您的为准")


class ReplyText(Model):
    """One template; without ``unit_id`` it is the whole district's. ``category`` and ``kind`` narrow it."""

    __tablename__ = "reply_texts"
    __table_args__ = (CheckConstraint("version >= 1", name="counts_from_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    body: Mapped[str] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(ForeignKey("categories.code"))
    kind: Mapped[Kind | None] = mapped_column(words(Kind))
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class TextWish:
    """What a template is to be. ``unit_id`` None: the whole district's."""

    unit_id: int | None
    name: str
    body: str
    category: str | None
    kind: Kind | None


def editable_units(actor: Actor) -> frozenset[int] | None:
    """Return the units whose templates this person writes; None: all, and the district's too."""
    if actor.holds(Role.ADMIN):
        return None
    return frozenset(grant.unit_id for grant in actor.grants if grant.role in EDITORS)


def _editable(actor: Actor) -> ColumnElement[bool]:
    units = editable_units(actor)
    return ReplyText.id.is_not(None) if units is None else ReplyText.unit_id.in_(units)


def editable(actor: Actor) -> list[ReplyText]:
    """Return the templates this person may change, the district's first, then by unit and name."""
    order = (ReplyText.unit_id.is_not(None), ReplyText.unit_id, ReplyText.name, ReplyText.id)
    return list(db.session.scalars(select(ReplyText).where(_editable(actor)).order_by(*order)))


def text(actor: Actor, text_id: int) -> ReplyText:
    """Return a template this person may change; raise NotFound."""
    found = db.session.scalar(select(ReplyText).where(ReplyText.id == text_id, _editable(actor)))
    if found is None:
        raise NotFound
    return found


def offered(actor: Actor, ticket: Ticket) -> list[ReplyText]:
    """Return the templates to choose from for a ticket: those of the person's units and of the district.

    The nearest first: made for the category or kind, then one's own unit's, then by name.
    """
    mine = {grant.unit_id for grant in actor.grants}
    wanted = (
        select(ReplyText)
        .where(
            or_(ReplyText.unit_id.is_(None), ReplyText.unit_id.in_(mine)),
            or_(ReplyText.category.is_(None), ReplyText.category == ticket.category),
            or_(ReplyText.kind.is_(None), ReplyText.kind == ticket.kind),
        )
        .order_by(
            ReplyText.category.is_(None),
            ReplyText.kind.is_(None),
            ReplyText.unit_id.is_(None),
            ReplyText.name,
            ReplyText.id,
        )
        .limit(MOST_OFFERED)
    )
    return list(db.session.scalars(wanted))


def create(actor: Actor, wish: TextWish, *, now: datetime) -> int:
    """Write a new template and return its id. Raises NotPermitted, Invalid."""
    with transaction():
        _check(actor, wish)
        made = ReplyText(changed_by=actor.user_id, changed_at=now, **_columns(wish))
        db.session.add(made)
        db.session.flush()
        audit.note(actor, "created reply text", str(made.id), unit=wish.unit_id)
        return made.id


def change(actor: Actor, text_id: int, wish: TextWish, *, seen_version: int, now: datetime) -> None:
    """Change a template. Raises NotFound, NotPermitted, Invalid, ChangedMeanwhile."""
    with transaction():
        found = _locked(actor, text_id)
        if found.version != seen_version:
            raise ChangedMeanwhile(_CHANGED)
        _check(actor, wish)
        for name, value in _columns(wish).items():
            setattr(found, name, value)
        found.version += 1
        found.changed_by, found.changed_at = actor.user_id or 0, now
        audit.note(actor, "changed reply text", str(text_id), unit=wish.unit_id)


def remove(actor: Actor, text_id: int) -> str:
    """Remove a template and return its name; what was written with it stays. Raises NotFound."""
    with transaction():
        found = _locked(actor, text_id)
        name = found.name
        db.session.delete(found)
        audit.note(actor, "removed reply text", str(text_id))
    return name


def _locked(actor: Actor, text_id: int) -> ReplyText:
    wanted = select(ReplyText).where(ReplyText.id == text_id, _editable(actor)).with_for_update()
    found = db.session.scalar(wanted, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound
    return found


def _check(actor: Actor, wish: TextWish) -> None:
    units = editable_units(actor)
    if units is not None and wish.unit_id not in units:
        raise NotPermitted
    blanks.check(wish.body)


def _columns(wish: TextWish) -> dict[str, object]:
    return {
        "unit_id": wish.unit_id, "name": wish.name, "body": wish.body, "category": wish.category,
        "kind": wish.kind,
    }  # fmt: skip
