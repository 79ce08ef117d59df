"""Changes to the rules, by the district's administrators: a new rule, a new version, an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from ticketing.core import audit
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db, transaction
from ticketing.core.errors import ChangedMeanwhile, Invalid, NotFound, NotPermitted
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.network import queries as network
from ticketing.network.models import Unit
from ticketing.network.queries import Network
from ticketing.routing import queries
from ticketing.routing.models import RoutingRule
from ticketing.routing.rules import checking
from ticketing.routing.rules.book import RuleBook
from ticketing.routing.rules.deciding import Conditions, Rule
from ticketing.routing.words import Decides, Target

FURTHEST_START = timedelta(days=731)
NEW = "R?"


@dataclass(frozen=True, slots=True)
class RuleWish:
    """What an administrator wants a rule to be from ``starts_on`` on. ``unit`` is a code."""

    name: str
    name_en: str
    decides: Decides
    priority: int
    conditions: Conditions
    target: Target
    unit: str
    starts_on: date
    is_ended: bool = False

    def as_rule(self, code: str = NEW, version: int = 1) -> Rule:
        """Return the rule it would be."""
        unit = self.unit if self.target is Target.UNIT else ""
        return Rule(
            id=0,
            code=code,
            version=version,
            name=self.name,
            name_en=self.name_en,
            decides=self.decides,
            priority=self.priority,
            conditions=self.conditions,
            target=self.target,
            unit=unit,
            starts_on=self.starts_on,
            is_ended=self.is_ended,
        )


class RuleChanged(ChangedMeanwhile):
    """Somebody else made a version meanwhile."""

    sentence = N_("您填写期间，这条规则有了新的版本。请核对后再保存")


def keep(actor: Actor, wish: RuleWish, *, code: str | None, seen: int, now: datetime) -> Rule:
    """Make a rule (``code`` None), or the next version of one of which the person saw version ``seen``.

    Raises NotPermitted, NotFound, RuleChanged, and what ``check`` raises.
    """
    check_right(actor)
    with transaction():
        _lock()
        held = queries.book()
        rule = _numbered(wish, held, code, seen)
        check(rule, held, today=local_date(now))
        unit = db.session.scalar(select(Unit.id).where(Unit.code == rule.unit)) if rule.unit else None
        db.session.add(
            RoutingRule(
                code=rule.code,
                version=rule.version,
                name=rule.name,
                name_en=rule.name_en,
                decides=rule.decides,
                priority=rule.priority,
                conditions=rule.conditions.stored(),
                target=rule.target,
                unit_id=unit,
                starts_on=rule.starts_on,
                is_ended=rule.is_ended,
                made_at=now,
                made_by=actor.user_id,
            )
        )
        what = "ended rule" if rule.is_ended else "set rule"
        audit.note(actor, what, rule.code, version=rule.version, starts_on=rule.starts_on, target=rule.target)
    return rule


def check_right(actor: Actor) -> None:
    """Raise NotPermitted for anyone but the district's administrators."""
    if not any(grant.role is Role.ADMIN and "/" not in grant.path for grant in actor.grants):
        raise NotPermitted


def check(rule: Rule, book: RuleBook, *, today: date, net: Network | None = None) -> None:
    """Refuse a day that is past or too far, and a rule that cannot stand beside the others.

    Raises Invalid, MatchesNothing, PointsAtClosed, Conflict.
    """
    if not today <= rule.starts_on <= today + FURTHEST_START:
        raise Invalid(fields={"starts_on": [N_("请选择今天或以后、两年以内的日期")]})
    if rule.is_ended:
        return
    standing = book.standing(rule.decides, rule.starts_on)
    checking.check(rule, net or network.network(), queries.known(), standing)


def _numbered(wish: RuleWish, book: RuleBook, code: str | None, seen: int) -> Rule:
    if code is None:
        taken = [int(rule.code[1:]) for rule in book.versions if rule.code[1:].isdecimal()]
        return wish.as_rule(f"R{max(taken, default=0) + 1}")
    versions = book.of(code)
    if not versions:
        raise NotFound
    if versions[-1].version != seen:
        raise RuleChanged
    return wish.as_rule(code, versions[-1].version + 1)


def _lock() -> None:
    """Let one change happen at a time, and none beside a change of the network: no unit closes meanwhile."""
    root = select(Unit.id).where(Unit.parent_id.is_(None))
    db.session.execute(root.with_for_update(key_share=True)).all()
