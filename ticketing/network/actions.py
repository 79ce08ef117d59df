"""Changes to the network, by administrators: units, their scope, and the places in their territory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, select

from ticketing.accounts.models import Membership, User
from ticketing.core import audit
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotFound, NotPermitted, WrongState
from ticketing.core.text import N_
from ticketing.network import queries, rules
from ticketing.network.models import Category, Site, Unit, UnitScope
from ticketing.network.words import ScopePart, SiteKind, UnitKind

_FRESH = {"populate_existing": True}
_TAKEN = N_("这个编码已经在用")


class StillHolding(WrongState):
    """The unit has work, units below or rules that name it; ``extra`` has how much of which."""

    sentence = N_("单位还有在办的诉求、协办、启用的下级或指向它的分派规则，不能停用")


@dataclass(frozen=True, slots=True)
class UnitWish:
    """What an administrator wants a unit to be. ``parent`` is a code, empty for the centre."""

    name: str
    name_en: str
    kind: UnitKind
    parent: str
    calendar_name: str
    phone: str
    duty_user_id: int | None
    leads: frozenset[str]
    helps: frozenset[str]
    is_active: bool


@dataclass(frozen=True, slots=True)
class SiteWish:
    """What an administrator wants a place to be; ``unit`` is the code of the unit whose territory it is."""

    name: str
    name_en: str
    kind: SiteKind
    unit: str


def create_unit(actor: Actor, code: str, wish: UnitWish) -> str:
    """Make a unit and return its code. Raises NotPermitted, Invalid."""
    with transaction():
        _lock()
        plain = rules.check_code(code)
        parent = _parent(actor, wish)
        if parent is None:
            raise Invalid(fields={"parent": [N_("请选择上级单位")]})
        rules.check_place(wish.kind, None, (parent.kind, parent.path))
        if db.session.scalar(select(Unit.id).where(Unit.code == plain)) is not None:
            raise Invalid(fields={"code": [_TAKEN]})
        path = rules.moved(plain, "", f"{parent.path}/")
        unit = Unit(code=plain, kind=wish.kind, parent_id=parent.id, path=path, is_active=wish.is_active)
        _fill(unit, wish)
        db.session.add(unit)
        db.session.flush()
        _set_scope(unit, wish)
        audit.note(actor, "created unit", plain, **_told(wish))
    return plain


def edit_unit(actor: Actor, code: str, wish: UnitWish) -> None:
    """Change a unit; moving it moves all below it. Its code stays.

    Raises NotFound, NotPermitted, Invalid, or StillHolding when it cannot be closed yet.
    """
    with transaction():
        _lock()
        unit = _own(actor, code)
        parent = _parent(actor, wish)
        if (unit.kind is UnitKind.CENTRE) != (parent is None):
            raise Invalid(fields={"parent": [N_("只有区中心没有上级")]})
        if UnitKind.CENTRE in {unit.kind, wish.kind} and unit.kind is not wish.kind:
            raise Invalid(fields={"kind": [N_("区中心只有一个，不能改变")]})
        rules.check_place(wish.kind, unit.path, (parent.kind, parent.path) if parent else None)
        _check_below(unit, wish.kind)
        if unit.is_active and not wish.is_active:
            _wait_for_arrivals(unit)
            _check_empty(unit)
        if parent is not None and parent.id != unit.parent_id:
            _move(unit, parent)
        unit.kind, unit.is_active = wish.kind, wish.is_active
        _fill(unit, wish)
        _set_scope(unit, wish)
        audit.note(actor, "changed unit", code, **_told(wish))


def create_site(actor: Actor, code: str, wish: SiteWish) -> str:
    """Make a place and return its code. Raises NotPermitted, Invalid."""
    with transaction():
        _lock()
        plain = rules.check_code(code)
        unit = _territory(actor, wish.unit)
        if db.session.scalar(select(Site.id).where(Site.code == plain)) is not None:
            raise Invalid(fields={"code": [_TAKEN]})
        db.session.add(
            Site(code=plain, name=wish.name, name_en=wish.name_en, kind=wish.kind, unit_id=unit.id)
        )
        audit.note(actor, "created site", plain, unit=wish.unit, kind=wish.kind.value)
    return plain


def edit_site(actor: Actor, code: str, wish: SiteWish) -> None:
    """Change a place or give it to another unit; requests already filed stay where they are.

    Raises NotFound, NotPermitted, Invalid.
    """
    with transaction():
        wanted = select(Site).where(Site.code == code).with_for_update(key_share=True)
        site = db.session.scalar(wanted, execution_options=_FRESH)
        if site is None:
            raise NotFound
        _check_right(actor, db.session.get_one(Unit, site.unit_id))
        unit = _territory(actor, wish.unit)
        site.name, site.name_en, site.kind, site.unit_id = wish.name, wish.name_en, wish.kind, unit.id
        audit.note(actor, "changed site", code, unit=wish.unit, kind=wish.kind.value)


def _check_right(actor: Actor, unit: Unit) -> None:
    if not actor.covers(unit.path, Role.ADMIN):
        raise NotPermitted


def _lock() -> None:
    """Let only one change of the network happen at a time; filing and dispatching go on meanwhile."""
    root = select(Unit.id).where(Unit.parent_id.is_(None))
    db.session.execute(root.with_for_update(key_share=True)).all()


def _own(actor: Actor, code: str) -> Unit:
    if not actor.holds(Role.ADMIN):
        raise NotPermitted
    unit = db.session.scalar(select(Unit).where(Unit.code == code), execution_options=_FRESH)
    if unit is None:
        raise NotFound
    _check_right(actor, unit)
    return unit


def _parent(actor: Actor, wish: UnitWish) -> Unit | None:
    """The unit above, which must be active and the administrator's to build under."""
    if not actor.holds(Role.ADMIN):
        raise NotPermitted
    if not wish.parent:
        return None
    parent = db.session.scalar(select(Unit).where(Unit.code == wish.parent), execution_options=_FRESH)
    if parent is None or not parent.is_active:
        raise Invalid(fields={"parent": [N_("没有这个上级单位，或者它已停用")]})
    _check_right(actor, parent)
    return parent


def _territory(actor: Actor, code: str) -> Unit:
    if not actor.holds(Role.ADMIN):
        raise NotPermitted
    unit = db.session.scalar(select(Unit).where(Unit.code == code))
    if unit is None or not unit.is_active or unit.kind not in rules.TERRITORIAL:
        raise Invalid(fields={"unit": [N_("请选择启用中的服务站、片区中心或区中心")]})
    _check_right(actor, unit)
    return unit


def _check_below(unit: Unit, kind: UnitKind) -> None:
    """Refuse a kind below which the present units below could not stand."""
    below = db.session.scalars(select(Unit.kind).where(Unit.parent_id == unit.id)).all()
    if any(kind not in rules.ABOVE[one] for one in below):
        raise Invalid(fields={"kind": [N_("它的下级单位不能设在这一级之下")]})


def _wait_for_arrivals(unit: Unit) -> None:
    """Let no ticket or part arrive from now on, and wait for those on their way to be seen."""
    db.session.execute(select(Unit.id).where(Unit.id == unit.id).with_for_update()).all()


def _check_empty(unit: Unit) -> None:
    held = queries.holdings(unit.id)
    if any((held.tickets, held.parts, held.units, held.rules)):
        raise StillHolding(extra=asdict(held))


def _move(unit: Unit, parent: Unit) -> None:
    """Put the unit below ``parent``, and everything below it along with it."""
    old, new = unit.path, f"{parent.path}/{unit.code}"
    below = db.session.scalars(select(Unit).where(Unit.path.startswith(old + "/", autoescape=True)))
    for one in below.all():
        one.path = rules.moved(one.path, old, new)
    unit.path = rules.moved(old, old, new)
    unit.parent_id = parent.id


def _fill(unit: Unit, wish: UnitWish) -> None:
    if wish.calendar_name not in queries.calendar_names():
        raise Invalid(fields={"calendar_name": [N_("没有这个工作日历")]})
    unit.name, unit.name_en, unit.phone = wish.name, wish.name_en, wish.phone
    unit.calendar_name = wish.calendar_name
    unit.duty_user_id = _duty(unit, wish.duty_user_id)


def _duty(unit: Unit, user_id: int | None) -> int | None:
    """The person on duty: an active member of the unit, or nobody."""
    if user_id is None:
        return None
    member = (
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(User.id == user_id, User.is_active, Membership.unit_id == unit.id)
    )
    if db.session.scalar(member.limit(1)) is None:
        raise Invalid(fields={"duty_user_id": [N_("值班人应是本单位在职人员")]})
    return user_id


def _set_scope(unit: Unit, wish: UnitWish) -> None:
    if wish.leads & wish.helps:
        raise Invalid(fields={"helps": [N_("同一类别不能既主办又协办")]})
    known = set(db.session.scalars(select(Category.code)))
    if not wish.leads | wish.helps <= known:
        raise queries.UnknownCategory(fields={"leads": [queries.UnknownCategory.sentence]})
    db.session.execute(delete(UnitScope).where(UnitScope.unit_id == unit.id))
    for codes, part in ((wish.leads, ScopePart.LEAD), (wish.helps, ScopePart.HELP)):
        db.session.add_all(
            UnitScope(unit_id=unit.id, category_code=code, part=part) for code in sorted(codes)
        )
    db.session.flush()


def _told(wish: UnitWish) -> dict[str, Any]:
    """What the audit log says of a unit; phone numbers stay out."""
    return {
        "name": wish.name,
        "kind": wish.kind.value,
        "parent": wish.parent,
        "calendar": wish.calendar_name,
        "duty": wish.duty_user_id,
        "leads": ",".join(sorted(wish.leads)),
        "helps": ",".join(sorted(wish.helps)),
        "active": wish.is_active,
    }
