"""Filing: a company's request becomes a ticket, with a number, a responsible unit and two promises."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, String, bindparam, select

from ticketing.accounts.actions import companies
from ticketing.accounts.models import Enterprise, User
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db, read, transaction
from ticketing.core.errors import ChangedMeanwhile, Invalid, NotPermitted, WrongState
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.network import queries as network
from ticketing.network.models import Category, Site
from ticketing.network.queries import Network, SiteInfo
from ticketing.routing import queries as routing
from ticketing.routing.rules.deciding import Asked, Decision
from ticketing.sla.actions.clocks import ClockBook, terms_for
from ticketing.sla.queries import LimitFor
from ticketing.sla.words import PROMISED
from ticketing.tickets import ledger, rules
from ticketing.tickets.actions import indexing
from ticketing.tickets.actions.step import apply_summary, locked, publish, record
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries.card import Company, Filed
from ticketing.tickets.wishes import Contact, Filing
from ticketing.tickets.words import Action, Channel, Kind, State

FILING_ROLES = (Role.INTAKE_CLERK, Role.STATION_HEAD, Role.DISPATCHER, Role.LIAISON)
OLDEST_RECEIPT = timedelta(days=366)


def file(actor: Actor, wish: Filing, *, now: datetime) -> Ticket:
    """File a request: a company for itself, or staff for a company that called or came by.

    Raises NotPermitted, Invalid with the fields to mend.
    """
    return filed(actor, wish, now=now).ticket


def filed(actor: Actor, wish: Filing, *, now: datetime) -> Filed:
    """File a request as ``file`` does; return it with what was read for it."""
    with transaction(), db.session.no_autoflush:
        if wish.draft and actor.enterprise_id is None:
            raise NotPermitted
        net = network.network()
        ground = _ground(actor, wish)
        place = ground.place
        company, given = _company(actor, wish, ground, now)
        asked = _asked(actor, wish, place, net, given["channel"])
        routed = routing.intake(asked, net, local_date(now), ground.newest)
        unit = net.by_id[routed.units[0]]
        ticket = Ticket(
            number=rules.make_number(local_date(now).year, secrets.randbelow(10**rules.NUMBER_DIGITS)),
            status=State.DRAFT if wish.draft else State.SUBMITTED,
            cycle=1,
            version=1,
            kind=wish.kind,
            level=wish.level,
            category=wish.category,
            title=wish.title,
            description=wish.description,
            is_confidential=_is_confidential(wish),
            site_id=place.id if place else None,
            origin_unit_id=unit.id,
            unit_id=unit.id,
            filed_by=actor.user_id,
            last_action=Action.SUBMIT,
            last_at=now,
            **given,
            **_counts(),
        )
        book = ClockBook([], ticket.cycle)
        if wish.draft:
            ticket.queue_at = now
            db.session.add(ticket)
            db.session.flush()
        else:
            _send(ticket, book, actor, routed, net, now)
            indexing.index(ticket, company.name)
    return Filed(ticket, company, place.code if place else None, net, book.clocks, routed.said())


def edit_draft(actor: Actor, number: str, wish: Filing, *, now: datetime) -> Ticket:
    """Write a company's draft anew; it is sent with Action.SUBMIT.

    Raises NotFound, WrongState when it was sent already, ChangedMeanwhile, Invalid.
    """
    with transaction():
        ticket = locked(actor, number)
        if ticket.status is not State.DRAFT or actor.enterprise_id is None:
            raise WrongState(N_("这份草稿已经提交，不能再修改"))
        if wish.version not in {None, ticket.version}:
            raise ChangedMeanwhile
        ground = _ground(actor, wish)
        place, net = ground.place, network.network()
        asked = _asked(actor, wish, place, net, ticket.channel)
        unit_id = routing.intake(asked, net, local_date(now), ground.newest).units[0]
        ticket.kind, ticket.level = wish.kind, wish.level
        ticket.category = wish.category
        ticket.title, ticket.description = wish.title, wish.description
        ticket.is_confidential = _is_confidential(wish)
        ticket.site_id = place.id if place else None
        ticket.origin_unit_id = ticket.unit_id = unit_id
        contact = wish.contact or _own_contact(ground)
        ticket.contact_name, ticket.contact_phone = contact.name, contact.phone
        ticket.contact_email = contact.email
        ticket.received_at = ticket.queue_at = ticket.last_at = now
        ticket.version += 1
        db.session.flush()
    return ticket


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to file: the place and the newest routing rule; of a company itself and who asks."""

    place: SiteInfo | None
    newest: int
    person: Contact | None = None
    company: Company | None = None


_SITE = (Site.id, Site.code, Site.name, Site.name_en, Site.kind, Site.unit_id)
_PERSON = (User.name, User.phone, User.email)
_COMPANY = (Enterprise.name, Enterprise.uscc, Enterprise.is_verified)


@cache
def _ground_of(*, is_company: bool) -> Select[Any]:
    """The statement for the ground, none when there is no such category."""
    is_there = Site.code == bindparam("site", type_=String())
    wanted: Any = select(routing.NEWEST, *_SITE).select_from(Category).outerjoin(Site, is_there)
    if is_company:
        wanted = (
            wanted.add_columns(*_PERSON, *_COMPANY)
            .join(User, User.id == bindparam("user", type_=Integer()))
            .join(Enterprise, Enterprise.id == User.enterprise_id)
        )
    found: Select[Any] = wanted.where(Category.code == bindparam("category"))
    return found


def _ground(actor: Actor, wish: Filing) -> Ground:
    """Return the ground, in one statement; raise UnknownSite, UnknownCategory."""
    is_company = actor.enterprise_id is not None
    given = {"site": wish.site, "category": wish.category, "user": actor.user_id}
    row = read(_ground_of(is_company=is_company), given).first()
    newest, site = (row[0] or 0, row[1:7]) if row else (0, (None,))
    if wish.site and site[0] is None:
        network.site(wish.site)
    if row is None:
        network.category(wish.category)
        raise AssertionError("neither the place nor the category is unknown")
    place = SiteInfo(*site) if wish.site else None
    if not is_company:
        return Ground(place, newest)
    name, phone, email = row[7:10]
    person = Contact.model_construct(name=name, phone=phone, email=email) if phone else None
    return Ground(place, newest, person, Company(*row[10:]))


def _asked(actor: Actor, wish: Filing, place: SiteInfo | None, net: Network, channel: object) -> Asked:
    return Asked(
        category=wish.category,
        kind=wish.kind,
        level=wish.level,
        channel=str(channel),
        site=place.code if place else "",
        path=net.by_id[place.unit_id].path if place else "",
        text=f"{wish.title}\n{wish.description}",
        own=next((grant.unit_id for grant in actor.grants if grant.role in routing.TAKING_IN), None),
    )


def _counts() -> dict[str, object]:
    names = ("return_count", "extension_count", "urge_count", "revisit_tries", "event_seq")
    return {**dict.fromkeys(names, 0), "event_hash": ""}


def _send(
    ticket: Ticket, book: ClockBook, actor: Actor, routed: Decision, net: Network, now: datetime
) -> None:
    """Start the promises, write the ticket, its clocks, its first event and who may see it."""
    unit = net.by_id[routed.units[0]]
    wanted = LimitFor(ticket.kind, ticket.level, ticket.category, unit.code)
    terms = terms_for(wanted, unit.calendar_name, PROMISED, local_date(now))
    book.start(terms, unit.id, ticket.received_at)
    apply_summary(ticket, book)
    ticket.look_at = now
    data = {
        "set": ledger.snapshot(ticket),
        "said": {"unit": unit.code, "rule": routed.said()},
        "clocks": book.changes(),
    }
    event = record(ticket, actor, Action.SUBMIT, None, data, now)
    book.save(ticket.id)
    publish(event, {unit.id} | {grant.unit_id for grant in actor.grants if grant.role in FILING_ROLES})


def _company(actor: Actor, wish: Filing, ground: Ground, now: datetime) -> tuple[Company, dict[str, object]]:
    """Return the company, and the columns: whose request it is, whom to call, how it came in."""
    if ground.company is not None:
        company, contact = ground.company, wish.contact or _own_contact(ground)
        found: dict[str, object] = {
            "enterprise_id": actor.enterprise_id,
            "channel": Channel.PLATFORM,
            "received_at": now,
        }
    else:
        if not actor.holds(*FILING_ROLES):
            raise NotPermitted
        if wish.enterprise is None or not (wish.enterprise.uscc or wish.enterprise.name):
            raise Invalid(fields={"enterprise": [N_("请填写企业名称或统一社会信用代码")]})
        if wish.contact is None:
            raise Invalid(fields={"contact": [N_("请填写联系人和电话")]})
        contact = wish.contact
        known = companies.known_enterprise(wish.enterprise.uscc, wish.enterprise.name, now=now)
        company = Company(known.name, known.uscc, known.is_verified)
        found = {
            "enterprise_id": known.id,
            "channel": wish.channel or _usual_channel(actor),
            "received_at": _received(wish, now),
        }
    return company, found | {
        "contact_name": contact.name,
        "contact_phone": contact.phone,
        "contact_email": contact.email,
    }


def _own_contact(ground: Ground) -> Contact:
    """Whom to call at a company that does not say so: the person who asks, if there is a phone."""
    if ground.person is None:
        raise Invalid(fields={"contact": [N_("请填写联系人和电话")]})
    return ground.person


def _received(wish: Filing, now: datetime) -> datetime:
    at = (wish.received_at or now).astimezone(UTC)  # as stored, or the log could not be replayed
    if at > now:
        raise Invalid(fields={"received_at": [N_("接到时间不能晚于现在")]})
    if at < now - OLDEST_RECEIPT:
        raise Invalid(fields={"received_at": [N_("接到时间不能早于一年前")]})
    return at


def _usual_channel(actor: Actor) -> Channel:
    if actor.holds(Role.STATION_HEAD):
        return Channel.STATION
    return Channel.DEPT_REPORT if actor.holds(Role.LIAISON) else Channel.PHONE


def _is_confidential(wish: Filing) -> bool:
    """Reports of violations are confidential unless the reporter says otherwise."""
    return wish.kind is Kind.VIOLATION_REPORT if wish.confidential is None else wish.confidential
