"""Tables of the 1+3+X service network: units, their territory and their scope."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import Model, words
from ticketing.network.words import ScopePart, SiteKind, UnitKind


class Unit(Model):
    """One unit of the network. ``path`` is the chain of codes from the centre: ``C0/A1/S101``."""

    __tablename__ = "units"
    __table_args__ = (
        CheckConstraint("(kind = 'centre') = (parent_id IS NULL)", name="only_the_centre_is_root"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    kind: Mapped[UnitKind] = mapped_column(words(UnitKind))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    path: Mapped[str] = mapped_column(String(120), unique=True)
    calendar_name: Mapped[str] = mapped_column(String(32), default="cn")
    duty_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    phone: Mapped[str] = mapped_column(String(32), default="")
    is_active: Mapped[bool] = mapped_column(default=True)


class Site(Model):
    """A park or an office building: the territory of one station or area."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    kind: Mapped[SiteKind] = mapped_column(words(SiteKind))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)


class Category(Model):
    """What a request is about, and which department usually leads."""

    __tablename__ = "categories"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    examples: Mapped[str] = mapped_column(String(200), default="")
    examples_en: Mapped[str] = mapped_column(String(300), default="")
    position: Mapped[int] = mapped_column(default=0)


class UnitScope(Model):
    """Which categories a unit leads or helps with."""

    __tablename__ = "unit_scopes"
    __table_args__ = (Index("ix_unit_scopes_category_part", "category_code", "part"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"), primary_key=True)
    part: Mapped[ScopePart] = mapped_column(words(ScopePart))
