"""Who is acting: roles, the units they are held in, and the person's company."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Role(StrEnum):
    """The district's roles; a staff account holds any number of them, each in one unit."""

    ENTERPRISE = "enterprise"
    INTAKE_CLERK = "intake_clerk"
    DISPATCHER = "dispatcher"
    STATION_HEAD = "station_head"
    LIAISON = "liaison"
    HANDLER = "handler"
    UNIT_LEADER = "unit_leader"
    SUPERVISOR = "supervisor"
    CALLER = "caller"
    CHIEF_OFFICER = "chief_officer"
    APPROVAL_EXPERT = "approval_expert"
    AGENT = "agent"
    POLICY_OFFICER = "policy_officer"
    EVENT_OFFICER = "event_officer"
    LEADER = "leader"
    ADMIN = "admin"
    AUDITOR = "auditor"


# Roles whose work is with tickets: they read those of their own unit and the units below it.
TICKET_READERS = frozenset(
    {
        Role.INTAKE_CLERK,
        Role.DISPATCHER,
        Role.STATION_HEAD,
        Role.LIAISON,
        Role.HANDLER,
        Role.UNIT_LEADER,
        Role.SUPERVISOR,
        Role.CALLER,
        Role.CHIEF_OFFICER,
        Role.LEADER,
        Role.AUDITOR,
    }
)


# Whoever may work in the unit that has a ticket. A station is small: its head does all of it.
WORKERS = (Role.LIAISON, Role.HANDLER, Role.UNIT_LEADER, Role.STATION_HEAD)
# Who calls a joint meeting and writes it up: in the unit that hosts it, or in one above.
CONVENERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.UNIT_LEADER)
# What a deputy does for somebody who is away, in the unit they share; never administering or overseeing.
LENT = frozenset({*WORKERS, Role.INTAKE_CLERK, Role.DISPATCHER, Role.CALLER})


def is_within(path: str, ancestor: str) -> bool:
    """Return whether the unit at ``path`` is the one at ``ancestor`` or stands below it."""
    return path == ancestor or path.startswith(ancestor + "/")


@dataclass(frozen=True, slots=True)
class Grant:
    """One role held in one unit. ``path`` is the unit's place in the tree, like ``C0/A1/S101``."""

    role: Role
    unit_id: int
    path: str

    @property
    def unit_code(self) -> str:
        """The unit's own code, the last step of its path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the system, as the deciding code sees it; carries no row."""

    user_id: int | None
    name: str
    grants: tuple[Grant, ...] = ()
    enterprise_id: int | None = None
    is_enterprise_admin: bool = False
    locale: str | None = None
    is_system: bool = False
    stands_in_for: frozenset[int] = frozenset()
    roles: frozenset[Role] = field(init=False)

    def __post_init__(self) -> None:
        held = {grant.role for grant in self.grants}
        if self.enterprise_id is not None:
            held.add(Role.ENTERPRISE)
        object.__setattr__(self, "roles", frozenset(held))

    @property
    def is_staff(self) -> bool:
        """Whether the person works for the district rather than for a company."""
        return bool(self.grants)

    def holds(self, *roles: Role) -> bool:
        """Return whether the person holds any of ``roles`` anywhere."""
        return not self.roles.isdisjoint(roles)

    def is_or_stands_in_for(self, user_id: int | None) -> bool:
        """Return whether the person is this one, or is today's deputy of that one."""
        return user_id is not None and (user_id == self.user_id or user_id in self.stands_in_for)

    def covers(self, path: str, *roles: Role) -> bool:
        """Return whether one of ``roles`` is held in the unit at ``path`` or in one above it."""
        return any(grant.role in roles and is_within(path, grant.path) for grant in self.grants)

    def sits_in(self, path: str, *roles: Role) -> bool:
        """Return whether one of ``roles`` is held in exactly the unit at ``path``."""
        return any(grant.role in roles and grant.path == path for grant in self.grants)

    @property
    def reading_paths(self) -> tuple[str, ...]:
        """Paths of the units whose tickets, and those below, this person reads; widest only."""
        paths = sorted({grant.path for grant in self.grants if grant.role in TICKET_READERS}, key=len)
        widest: list[str] = []
        for path in paths:
            if not any(is_within(path, kept) for kept in widest):
                widest.append(path)
        return tuple(widest)


def standing_in(deputy: Actor, away: Actor) -> Actor:
    """Return the deputy with what the absent person does in the units they share."""
    shared = {grant.unit_id for grant in deputy.grants if grant.role in TICKET_READERS}
    lent = tuple(
        grant
        for grant in away.grants
        if grant.role in LENT and grant.unit_id in shared and grant not in deputy.grants
    )
    absent = frozenset() if away.user_id is None else frozenset({away.user_id})
    return replace(deputy, grants=(*deputy.grants, *lent), stands_in_for=deputy.stands_in_for | absent)


SYSTEM = Actor(user_id=None, name="system", is_system=True)
