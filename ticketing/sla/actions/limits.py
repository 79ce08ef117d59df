"""What administrators set: how long each step may take, from a coming day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from ticketing.core import audit
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotPermitted
from ticketing.core.text import N_
from ticketing.sla.models import LimitRule
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import Metric

FURTHEST_START = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class RuleWish:
    """A limit an administrator wants from a day on; ``limit`` None means no such clock. "*" is any."""

    metric: Metric
    kind: str
    level: str
    category_code: str
    unit_code: str
    limit: Limit | None
    starts_on: date


def set_limit(actor: Actor, wish: RuleWish, *, today: date) -> None:
    """Add a rule from a coming day on, or change one that has not begun; what is in force is never touched.

    Raises NotPermitted for anyone but the district's administrators, Invalid for a day that is not ahead.
    """
    if not any(grant.role is Role.ADMIN and "/" not in grant.path for grant in actor.grants):
        raise NotPermitted
    if not today < wish.starts_on <= today + FURTHEST_START:
        raise Invalid(fields={"starts_on": [N_("请选择明天或以后、两年以内的日期；已生效的规则不能改")]})
    key = {
        "metric": wish.metric,
        "kind": wish.kind,
        "level": wish.level,
        "category_code": wish.category_code,
        "unit_code": wish.unit_code,
        "starts_on": wish.starts_on,
    }
    with transaction():
        rule = db.session.scalar(select(LimitRule).filter_by(**key).with_for_update())
        if rule is None:
            rule = LimitRule(**key)
            db.session.add(rule)
        rule.limit = str(wish.limit) if wish.limit else None
        audit.note(actor, "set limit", wish.metric.value, **{**key, "limit": rule.limit})
