"""What a text for a company names that is somebody else's: asked only when it names anything."""

from __future__ import annotations

from sqlalchemy import or_, select

from ticketing.accounts.models import Enterprise, User
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.tickets import flow
from ticketing.tickets.leaving import Finding, Mentions, Sort, marks, mentions, possible_names
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import view
from ticketing.tickets.wishes import Wish
from ticketing.tickets.words import Action

# Fields of wishes that hold running text.
TEXTS = frozenset({"reply", "body", "message", "reason"})


def texts_for_the_company(wish: Wish, ticket: Ticket | None = None) -> list[str]:
    """Return what of a wish the company will read in the writer's own words, by the table of moves.

    A reply counts when it is handed in for approval, and again (``ticket``) when it is let go.
    """
    seen = set(flow.FLOW[wish.action].seen or ())
    if wish.action is Action.SUBMIT_REPLY:
        seen = {"reply"}
    said = [str(getattr(wish, name, None) or "") for name in sorted(seen & TEXTS)]
    if wish.action is Action.APPROVE_REPLY and ticket is not None:
        said.append(ticket.reply or "")
    return [text for text in said if text.strip()]


def findings(actor: Actor, number: str, wish: Wish) -> list[Finding]:
    """Return what looks internal in what the company will read; nothing for what a company writes itself.

    Costs no statement when the text neither has a mark nor names anything. Raises NotFound.
    """
    if actor.enterprise_id is not None:
        return []
    texts = texts_for_the_company(wish)
    is_empty = not any(marks(text) or mentions(text) for text in texts)
    if is_empty and wish.action is not Action.APPROVE_REPLY:
        return []
    ticket = view.ticket(actor, number)
    return looks_internal(ticket, texts_for_the_company(wish, ticket))


def looks_internal(ticket: Ticket, texts: list[str]) -> list[Finding]:
    """Return what looks internal in the ``texts`` that the company of ``ticket`` is going to read.

    What the company wrote of itself (another company, a number) may be written back to it.
    """
    text = "\n".join(texts)
    named = mentions(text)
    found = marks(text)
    if named:
        asked = f"{ticket.title}\n{ticket.description}\n{ticket.contact_phone}"
        found += [one for one in _foreign(ticket, named) if one.words not in asked]
    return found


def _foreign(ticket: Ticket, named: Mentions) -> list[Finding]:
    return [*_numbers(ticket, named), *_companies(ticket, named), *_mobiles(named)]


def _numbers(ticket: Ticket, named: Mentions) -> list[Finding]:
    if not named.numbers - {ticket.number}:
        return []
    theirs = select(Ticket.number).where(
        Ticket.number.in_(named.numbers), Ticket.enterprise_id != ticket.enterprise_id
    )
    return [Finding(Sort.NUMBER, number) for number in db.session.scalars(theirs.order_by(Ticket.number))]


def _companies(ticket: Ticket, named: Mentions) -> list[Finding]:
    """Of the known names that a place can end with, the longest is meant."""
    possible = {name for whole in named.names for name in possible_names(whole)}
    if not possible and not named.codes:
        return []
    wanted = select(Enterprise.id, Enterprise.name, Enterprise.uscc).where(
        or_(Enterprise.name.in_(possible), Enterprise.uscc.in_(named.codes))
    )
    known = db.session.execute(wanted).all()
    found = [
        Finding(Sort.CODE, code)
        for owner, _name, code in known
        if code in named.codes and owner != ticket.enterprise_id
    ]
    owners: dict[str, set[int]] = {}
    for owner, name, _code in known:
        owners.setdefault(name, set()).add(owner)
    for whole in named.names:
        meant = next((name for name in possible_names(whole) if name in owners), None)
        if meant is not None and ticket.enterprise_id not in owners[meant]:
            found.append(Finding(Sort.COMPANY, meant))
    return list(dict.fromkeys(found))


def _mobiles(named: Mentions) -> list[Finding]:
    if not named.mobiles:
        return []
    of_staff = select(User.phone).where(User.phone.in_(named.mobiles), User.enterprise_id.is_(None))
    return [Finding(Sort.MOBILE, phone) for phone in sorted(set(db.session.scalars(of_staff)))]
