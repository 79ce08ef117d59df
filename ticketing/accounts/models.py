"""Tables of people and companies."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.actor import Role
from ticketing.core.db import Model, words


class Enterprise(Model):
    """A company; unverified until its unified social credit code is known and checked."""

    __tablename__ = "enterprises"
    __table_args__ = (Index("ix_enterprises_name", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    is_verified: Mapped[bool] = mapped_column(default=False)
    site_code: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime]


class User(Model):
    """A person with an account: of a company (``enterprise_id``) or of the district (memberships)."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(32), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str | None] = mapped_column(String(8))
    is_active: Mapped[bool] = mapped_column(default=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    is_enterprise_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Membership(Model):
    """One role held by one staff account in one unit."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "unit_id"),
        Index("ix_memberships_unit_id_role", "unit_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    role: Mapped[Role] = mapped_column(words(Role))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))


class StaffChange(Model):
    """Somebody who was disabled, lost a role or went away: the worker sees to what the person left open."""

    __tablename__ = "staff_changes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    changed_at: Mapped[datetime]


class UserSession(Model):
    """One sign-in on one device; ended by sign-out, by a password change elsewhere, or by age."""

    __tablename__ = "user_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiToken(Model):
    """A bearer token; only the hash of its secret is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Invitation(Model):
    """A single-use link: into a company (``enterprise_id``), or to a password for ``user_id``."""

    __tablename__ = "invitations"
    __table_args__ = (CheckConstraint("(enterprise_id IS NULL) <> (user_id IS NULL)", name="one_purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    invited_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInFailure(Model):
    """How often signing in failed lately for one account or one address (``subject``, hashed)."""

    __tablename__ = "sign_in_failures"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class KeptForm(Model):
    """A form posted after the session was lost, kept for the person who signed in again."""

    __tablename__ = "kept_forms"
    __table_args__ = (UniqueConstraint("user_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    path: Mapped[str] = mapped_column(String(300))
    fields: Mapped[str]
    kept_at: Mapped[datetime]
