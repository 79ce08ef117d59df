"""The caller as the API says it."""

from __future__ import annotations

from pydantic import Field

from ticketing.accounts.queries import identity
from ticketing.core.actor import Role
from ticketing.core.text import N_
from ticketing.web.endpoints import Tag, get
from ticketing.web.guards import current_actor
from ticketing.web.shapes import Answer


class HeldRole(Answer):
    """One role held in one unit."""

    role: Role
    unit: str = Field(description=N_("单位代码"))


class OwnCompany(Answer):
    """The company the caller belongs to."""

    uscc: str | None
    name: str
    is_admin: bool


class Me(Answer):
    """The caller and its roles."""

    email: str
    name: str
    locale: str | None
    roles: list[Role]
    memberships: list[HeldRole]
    enterprise: OwnCompany | None


@get("/me", answer=Me, tag=Tag.ME, summary=N_("调用者及其岗位"))
def me() -> Me:
    return Me.model_validate(identity.me(current_actor()))
