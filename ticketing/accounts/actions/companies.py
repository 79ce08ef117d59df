"""Companies: the one a filing names, found or written down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ticketing.accounts import rules
from ticketing.accounts.models import Enterprise
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid
from ticketing.core.text import N_, clean_line

NAME_MAX_CHARS = 120


def known_enterprise(uscc: str | None, name: str, *, now: datetime) -> Enterprise:
    """Return the company a filing names: by code, else by exact name, else written down as unverified.

    A known code keeps its stored name. A code that follows later is added to the one company of that name
    that has none. Joins the caller's transaction; raises Invalid.
    """
    code = rules.check_uscc(uscc) if uscc and uscc.strip() else None
    plain = clean_line(name)
    with transaction():
        found = _by_code(code) if code else _by_name(plain)
        if found is not None:
            return found
        if not 1 <= len(plain) <= NAME_MAX_CHARS:
            sentence = N_("企业名称为 1 到 120 个字")
            raise Invalid(sentence, fields={"name": [sentence]})
        nameless = _waiting_for_code(plain) if code else None
        if nameless is not None:
            nameless.uscc = code
            return nameless
        return _written_down(code, plain, now)


def _by_code(code: str) -> Enterprise | None:
    return db.session.scalar(select(Enterprise).where(Enterprise.uscc == code))


def _by_name(name: str) -> Enterprise | None:
    return db.session.scalar(
        select(Enterprise).where(Enterprise.name == name).order_by(Enterprise.id).limit(1)
    )


def _waiting_for_code(name: str) -> Enterprise | None:
    """Return the only company of that name without a code; two of them cannot be told apart."""
    rows = db.session.scalars(
        select(Enterprise).where(Enterprise.name == name, Enterprise.uscc.is_(None)).limit(2)
    ).all()
    return rows[0] if len(rows) == 1 else None


def _written_down(code: str | None, name: str, now: datetime) -> Enterprise:
    made = Enterprise(uscc=code, name=name, is_verified=False, created_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        # A twin wrote the same code first; ours is undone, theirs is there.
        found = _by_code(code) if code else None
        if found is None:
            raise
        return found
    return made
