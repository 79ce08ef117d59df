"""Keeping views of the queue: save, rename, reorder, delete."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ticketing.core.actor import Actor
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotFound, NotPermitted
from ticketing.core.text import N_, clean_line
from ticketing.tickets.models import SavedView
from ticketing.tickets.queries.saved import MOST_KEPT, may_change, reading_units, sharing_units

MAX_NAME_CHARS = 20
_KEY_BYTES = 4


@dataclass(frozen=True, slots=True)
class ViewWish:
    """A view to keep. ``filters`` are values that were read and understood; ``unit_id`` shares it."""

    name: str
    filters: Mapping[str, Sequence[str]]
    sort: str
    base: str = ""
    unit_id: int | None = None


def save(actor: Actor, wish: ViewWish, *, now: datetime) -> str:
    """Keep a view and return its key. Raises Invalid for a bad name or too many, NotPermitted to share it."""
    name = _name(wish.name)
    if wish.unit_id is not None and wish.unit_id not in sharing_units(actor):
        raise NotPermitted
    with transaction():
        others = _group(actor.user_id or 0, wish.unit_id)
        if len(others) >= MOST_KEPT:
            raise Invalid(N_("最多存 %(most)s 个视图。请先删掉不用的。"), most=MOST_KEPT)
        _check_free(name, others)
        made = SavedView(
            key=f"v{secrets.token_hex(_KEY_BYTES)}",
            owner_id=actor.user_id,
            unit_id=wish.unit_id,
            name=name,
            base=wish.base,
            filters={key: list(values) for key, values in wish.filters.items()},
            sort=wish.sort,
            position=others[-1].position + 1 if others else 1,
            created_at=now,
        )
        db.session.add(made)
        db.session.flush()
    return made.key


def rename(actor: Actor, key: str, name: str) -> None:
    """Give a view another name. Raises NotFound, NotPermitted, or Invalid for a bad name."""
    cleaned = _name(name)
    with transaction():
        view = _theirs(actor, key)
        others = _group(view.owner_id, view.unit_id)
        _check_free(cleaned, [one for one in others if one.key != key])
        view.name = cleaned


def move(actor: Actor, key: str, places: int) -> None:
    """Move a view forward (below zero) or back among its own kind. Raises NotFound or NotPermitted."""
    with transaction():
        view = _theirs(actor, key)
        held = _group(view.owner_id, view.unit_id)
        at = held.index(view)
        held.insert(max(0, at + places), held.pop(at))
        for position, one in enumerate(held, start=1):
            one.position = position


def remove(actor: Actor, key: str) -> None:
    """Delete a view; tickets are not touched. Raises NotFound or NotPermitted."""
    with transaction():
        db.session.delete(_theirs(actor, key))


def _name(text: str) -> str:
    name = clean_line(text)
    if not 0 < len(name) <= MAX_NAME_CHARS:
        sentence = N_("请写一个名字，最多 20 个字")
        raise Invalid(fields={"name": [sentence]})
    return name


def _check_free(name: str, others: Sequence[SavedView]) -> None:
    if any(one.name == name for one in others):
        raise Invalid(fields={"name": [N_("已经有叫这个名字的视图，请换一个名字")]})


def _group(owner_id: int, unit_id: int | None) -> list[SavedView]:
    """The views among which one has its place, locked: a person's own, or a unit's."""
    own = (SavedView.owner_id == owner_id) & SavedView.unit_id.is_(None)
    held = select(SavedView).where(own if unit_id is None else SavedView.unit_id == unit_id)
    found = db.session.scalars(held.order_by(SavedView.position, SavedView.id).with_for_update())
    return list(found)


def _theirs(actor: Actor, key: str) -> SavedView:
    view = db.session.scalar(select(SavedView).where(SavedView.key == key).with_for_update())
    if view is None or not (view.owner_id == actor.user_id or view.unit_id in reading_units(actor)):
        raise NotFound
    if not may_change(actor, view.owner_id, view.unit_id):
        raise NotPermitted
    return view
