"""Signing in and out, passwords, sessions, API tokens, and what is kept for a person."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from ticketing.accounts import passwords, rules
from ticketing.accounts.models import ApiToken, KeptForm, SignInFailure, User, UserSession
from ticketing.core.actor import Actor
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotFound, TooMany
from ticketing.core.text import N_, clean_line

TOKEN_BYTES = 32
API_TOKEN_MARK = "clt_"  # noqa: S105 - tells secret scanners what it is
_RACES = 3
_WRONG = N_("邮箱或密码不正确")
_TOO_OFTEN = N_("登录失败次数过多，请 %(minutes)s 分钟后再试")


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody typed to sign in, and from where; ``device`` is a short name of it."""

    email: str
    password: str
    address: str
    device: str = ""


def sign_in(wish: SignIn, *, now: datetime) -> str:
    """Check the password and return the token of a new session.

    Unknown, deactivated and mistyped all raise the same Invalid after the same work. Five failures within
    15 minutes lock an address, thirty a network address: TooMany, known account or not.
    """
    email = clean_line(wish.email).lower()[: rules.EMAIL_MAX_CHARS]
    counted = _counted(email, wish.address)
    _count(counted, now)
    user = db.session.scalar(select(User).where(User.email == email))
    fits = passwords.is_right(wish.password, user.password_hash if user else None)
    if user is None or not fits or not user.is_active:
        raise Invalid(_WRONG)
    fresh_hash = passwords.hash_of(wish.password) if passwords.is_outdated(user.password_hash) else None
    with transaction():
        _forgive(counted)
        if fresh_hash:
            known = User.password_hash == user.password_hash
            db.session.execute(update(User).where(User.id == user.id, known).values(password_hash=fresh_hash))
        return new_session(user.id, wish.device, now)


def new_session(user_id: int, device: str, now: datetime) -> str:
    """Start a session for a person whose identity was just shown; return its token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction():
        db.session.add(
            UserSession(
                user_id=user_id, token_hash=rules.hashed(token), device=clean_line(device)[:200],
                created_at=now, last_seen_at=now,
            )
        )  # fmt: skip
        db.session.flush()
    return token


Counted = list[tuple[str, rules.Limit]]


def count_guess(purpose: str, thing: str, address: str, *, now: datetime) -> Counted:
    """Count one guess at the secret of ``thing`` as signing in does; return what ``forgive_guess`` takes.

    Raises TooMany after five wrong guesses at the thing, or thirty from the address, within 15 minutes.
    """
    counted = [
        (rules.subject(f"{purpose}-address", rules.counted_address(address)), rules.ADDRESS_LIMIT),
        (rules.subject(purpose, thing), rules.ACCOUNT_LIMIT),
    ]
    _count(counted, now, N_("尝试次数过多，请 %(minutes)s 分钟后再试"))
    return counted


def forgive_guess(counted: Counted) -> None:
    """Take back a guess that was right."""
    with transaction():
        _forgive(counted)


def _counted(email: str, address: str) -> Counted:
    """Return what one try counts for, always in the same order."""
    return [
        (rules.subject("address", rules.counted_address(address)), rules.ADDRESS_LIMIT),
        (rules.subject("account", email), rules.ACCOUNT_LIMIT),
    ]


def _count(counted: Counted, now: datetime, sentence: str = _TOO_OFTEN) -> None:
    """Count one try for each subject, or raise TooMany; a twin that inserts first makes it start over."""
    for attempt in range(_RACES):
        try:
            with transaction():
                _count_once(counted, now, sentence)
        except IntegrityError:
            if attempt == _RACES - 1:
                raise
        else:
            return


def _count_once(counted: Counted, now: datetime, sentence: str) -> None:
    found = [(name, limit, _row(name)) for name, limit in counted]
    wait = max(rules.wait_seconds(_tries(row), now) for _name, _limit, row in found)
    if wait:
        minutes = -(-wait // 60)
        raise TooMany(sentence, extra={"retry_after_seconds": wait}, minutes=minutes)
    for name, limit, row in found:
        tries = rules.one_more(_tries(row), limit, now)
        if row is None:
            db.session.add(_filled(SignInFailure(subject=name), tries))
        else:
            _filled(row, tries)


def _row(name: str) -> SignInFailure | None:
    return db.session.get(SignInFailure, name, with_for_update=True, populate_existing=True)


def _tries(row: SignInFailure | None) -> rules.Tries | None:
    return None if row is None else rules.Tries(row.failures, row.first_at, row.locked_until)


def _filled(row: SignInFailure, tries: rules.Tries) -> SignInFailure:
    row.failures, row.first_at, row.locked_until = tries.failures, tries.first_at, tries.locked_until
    return row


def _forgive(counted: Counted) -> None:
    """Take back the try that succeeded; the account starts from nothing, the address from one less."""
    (address, limit), (account, _limit) = counted
    row = _row(address)
    before = _tries(row)
    if row is not None and before is not None:
        _filled(row, rules.one_less(before, limit))
    db.session.execute(delete(SignInFailure).where(SignInFailure.subject == account))


def sign_out(session_id: int, *, now: datetime) -> None:
    """End this session."""
    with transaction():
        running = UserSession.ended_at.is_(None)
        db.session.execute(
            update(UserSession).where(UserSession.id == session_id, running).values(ended_at=now)
        )


def end_session(actor: Actor, session_id: int, *, now: datetime) -> None:
    """End one of the person's own sessions; raises NotFound for anybody else's."""
    with transaction():
        mine = update(UserSession).where(UserSession.id == session_id, UserSession.user_id == actor.user_id)
        ended = db.session.scalar(
            mine.where(UserSession.ended_at.is_(None)).values(ended_at=now).returning(UserSession.id)
        )
        if ended is None:
            raise NotFound


def end_sessions(user_id: int, *, but: int | None = None, now: datetime) -> None:
    """End every running session of a person, except the one with the id ``but``."""
    with transaction():
        mine = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        if but is not None:
            mine = mine.where(UserSession.id != but)
        db.session.execute(mine.values(ended_at=now))


def touch_session(session_id: int, *, now: datetime) -> None:
    """Write down that a session is in use."""
    with transaction():
        db.session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now))


def touch_token(token_id: int, *, now: datetime) -> None:
    """Write down that an API token is in use."""
    with transaction():
        db.session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The old password and the one to take its place."""

    old: str
    password: str


def change_password(actor: Actor, wish: NewPassword, *, session_id: int | None, now: datetime) -> None:
    """Set another password and end all other sessions; raises Invalid, or TooMany.

    The old password may be mistyped five times, like at signing in.
    """
    user = db.session.get(User, actor.user_id)
    if user is None:
        raise NotFound
    counted: Counted = [(rules.subject("password", str(user.id)), rules.ACCOUNT_LIMIT)]
    _count(counted, now)
    if not passwords.is_right(wish.old, user.password_hash):
        raise Invalid(fields={"old": [N_("现在的密码不正确")]})
    rules.check_password(wish.password, email=user.email, name=user.name)
    fresh_hash = passwords.hash_of(wish.password)
    with transaction():
        db.session.execute(delete(SignInFailure).where(SignInFailure.subject == counted[0][0]))
        db.session.execute(update(User).where(User.id == user.id).values(password_hash=fresh_hash))
        end_sessions(user.id, but=session_id, now=now)


def create_token(user_id: int, name: str, *, now: datetime) -> str:
    """Make an API token for an account and return its secret, which is stored nowhere."""
    secret = API_TOKEN_MARK + secrets.token_urlsafe(TOKEN_BYTES)
    with transaction():
        db.session.add(
            ApiToken(
                user_id=user_id, name=clean_line(name)[:60], secret_hash=rules.hashed(secret), created_at=now
            )
        )
    return secret


def revoke_token(actor: Actor, token_id: int, *, now: datetime) -> None:
    """Revoke one of the person's own tokens; raises NotFound for anybody else's."""
    with transaction():
        mine = update(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == actor.user_id)
        revoked = db.session.scalar(
            mine.where(ApiToken.revoked_at.is_(None)).values(revoked_at=now).returning(ApiToken.id)
        )
        if revoked is None:
            raise NotFound


def set_locale(user_id: int, locale: str) -> None:
    """Remember in which language a person reads."""
    with transaction():
        db.session.execute(update(User).where(User.id == user_id).values(locale=locale))


def set_own_data(actor: Actor, name: str, phone: str) -> None:
    """Store a person's own name and phone number; raises Invalid."""
    values = {"name": rules.check_person_name(name), "phone": rules.normal_phone(phone)}
    with transaction():
        db.session.execute(update(User).where(User.id == actor.user_id).values(**values))


def keep_form(user_id: int, path: str, fields: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """Keep what a person typed at a path, in place of what was kept there; everybody's old ones go."""
    with transaction():
        replaced = (KeptForm.user_id == user_id) & (KeptForm.path == path)
        outdated = KeptForm.kept_at <= now - rules.KEPT_FORM_LIFE
        db.session.execute(delete(KeptForm).where(replaced | outdated))
        db.session.add(
            KeptForm(
                user_id=user_id, path=path, fields=json.dumps(list(fields), ensure_ascii=False), kept_at=now
            )
        )
