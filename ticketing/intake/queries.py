"""What the ways in must know: the promises in force, a company's place and phone, which one is meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from ticketing.accounts.models import Enterprise, User
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.network.models import Site
from ticketing.sla.models import LimitRule
from ticketing.sla.queries import ANY
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import PROMISED, Metric
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import Kind, Level

Promise = dict[Metric, Limit | None]


@dataclass(frozen=True, slots=True)
class Usual:
    """What a person's company usually answers to "where" and "whom do we call"."""

    name: str
    phone: str
    email: str
    site: str | None


def promises(today: date) -> dict[tuple[Kind, Level], Promise]:
    """Return how long first contact and solution may take, for each kind and level, in one statement.

    What a single category or unit promises beyond that is left out: it is not known before filing.
    """
    rules = db.session.scalars(
        select(LimitRule)
        .where(
            LimitRule.starts_on <= today,
            LimitRule.category_code == ANY,
            LimitRule.unit_code == ANY,
            LimitRule.metric.in_(PROMISED),
        )
        .order_by(LimitRule.starts_on)
    ).all()
    return {(kind, level): _promise(list(rules), kind, level) for kind in Kind for level in Level}


def _promise(rules: list[LimitRule], kind: Kind, level: Level) -> Promise:
    """The level outweighs the kind, as when a clock starts."""
    fitting = [rule for rule in rules if rule.kind in {ANY, kind} and rule.level in {ANY, level}]
    fitting.sort(key=lambda rule: (rule.level != ANY, rule.kind != ANY, rule.starts_on))
    return {rule.metric: Limit.parse(rule.limit) if rule.limit else None for rule in fitting}


def usual(actor: Actor) -> Usual:
    """Return the person's own name and phone, and the place of the company's last request, else its own."""
    last_site = (
        select(Site.code)
        .join(Ticket, Ticket.site_id == Site.id)
        .where(Ticket.enterprise_id == actor.enterprise_id)
        .order_by(Ticket.received_at.desc(), Ticket.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = db.session.execute(
        select(User.name, User.phone, User.email, last_site, Enterprise.site_code)
        .join(Enterprise, Enterprise.id == User.enterprise_id)
        .where(User.id == actor.user_id)
    ).one()
    return Usual(row[0], row[1], row[2], row[3] or row[4])


def company_id(uscc: str | None, name: str) -> int | None:
    """Return the company a desk entry names: by code, else the first of exactly that name; None when new."""
    is_it = Enterprise.uscc == uscc if uscc else Enterprise.name == name
    return db.session.scalar(select(Enterprise.id).where(is_it).order_by(Enterprise.id).limit(1))
