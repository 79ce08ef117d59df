"""Reads of the ways out: robots, the SMS gateway, rules by role, people's own switches, wordings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import time

from sqlalchemy import select

from ticketing.accounts.models import Membership, User
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db
from ticketing.network.models import Unit
from ticketing.notify.models import MessageRule, MessageSwitch, MessageText, Robot, SmsGateway
from ticketing.notify.rules import duties
from ticketing.notify.rules.places import RobotPlace
from ticketing.notify.rules.timing import Quiet
from ticketing.notify.words import Channel, Reach, RobotKind, Wording


def quiet(start: time | None, end: time | None) -> Quiet | None:
    """Return stored quiet hours; None when there are none."""
    return Quiet(start, end) if start is not None and end is not None else None


@dataclass(frozen=True, slots=True)
class RobotInfo:
    """A robot with the unit whose group it speaks to."""

    id: int
    name: str
    kind: RobotKind
    token: str
    secret: str
    quiet: Quiet | None
    is_active: bool
    unit_id: int
    unit_code: str
    unit_path: str
    unit_name: str
    unit_name_en: str

    @property
    def place(self) -> RobotPlace:
        """Where its messages go."""
        return RobotPlace(self.kind, self.token)

    @property
    def address(self) -> str:
        """The name of this recipient among all."""
        return f"{Channel.ROBOT}:{self.id}"


def robots(*, active_only: bool = False) -> list[RobotInfo]:
    """Return the robots in the order of their units."""
    wanted = select(Robot, Unit.code, Unit.path, Unit.name, Unit.name_en).join(Unit, Unit.id == Robot.unit_id)
    if active_only:
        wanted = wanted.where(Robot.is_active, Unit.is_active)
    return [
        RobotInfo(
            row.id, row.name, row.kind, row.token, row.secret, quiet(row.quiet_from, row.quiet_to),
            row.is_active, row.unit_id, code, path, name, name_en,
        )
        for row, code, path, name, name_en in db.session.execute(wanted.order_by(Unit.path, Robot.id))
    ]  # fmt: skip


def robot(robot_id: int) -> RobotInfo | None:
    """Return one robot, whether active or not."""
    return next((one for one in robots() if one.id == robot_id), None)


@dataclass(frozen=True, slots=True)
class Gateway:
    """The SMS gateway."""

    url: str
    secret: str
    is_active: bool


def gateway() -> Gateway | None:
    """Return the SMS gateway, active or not; None when none was set up."""
    row = db.session.execute(select(SmsGateway.url, SmsGateway.secret, SmsGateway.is_active)).first()
    return None if row is None else Gateway(*row)


@dataclass(frozen=True, slots=True)
class RoleRule:
    """What one role gets over one channel, and when it is left in peace."""

    reach: Reach
    quiet: Quiet | None


Rules = dict[tuple[Role, Channel], RoleRule]


def rules() -> Rules:
    """Return the rules of all roles and channels."""
    return {
        (row.role, row.channel): RoleRule(row.reach, quiet(row.quiet_from, row.quiet_to))
        for row in db.session.scalars(select(MessageRule))
    }


def quiet_hours(roles: Collection[Role], channel: Channel, known: Rules) -> list[Quiet | None]:
    """Return the quiet hours of each of some roles that gets anything over ``channel``."""
    return [rule.quiet for rule in _of(roles, channel, known) if rule.reach is not Reach.NONE]


def _of(roles: Collection[Role], channel: Channel, known: Rules) -> list[RoleRule]:
    return [known[role, channel] for role in sorted(roles) if (role, channel) in known]


@dataclass(frozen=True, slots=True)
class Listener:
    """A person as messages know them: the roles, the ways to reach them, their own switches."""

    user_id: int
    phone: str
    roles: frozenset[Role]
    switches: dict[Channel, bool]

    def reach(self, channel: Channel, known: Rules) -> Reach:
        """Return what the person gets over ``channel``."""
        reach = duties.widest(rule.reach for rule in _of(self.roles, channel, known))
        wants = self.switches.get(channel) if duties.may_be_switched(channel) else None
        return duties.own_reach(reach, wants=wants)


def listeners(user_ids: Collection[int]) -> dict[int, Listener]:
    """Return the active people among ``user_ids``, in two statements."""
    found: dict[int, tuple[str, set[Role]]] = {}
    for user_id, phone, enterprise_id, role in db.session.execute(
        select(User.id, User.phone, User.enterprise_id, Membership.role)
        .outerjoin(Membership, Membership.user_id == User.id)
        .where(User.is_active, User.id.in_(sorted(user_ids)))
    ):
        roles = found.setdefault(user_id, (phone, set()))[1]
        roles |= {one for one in (role, Role.ENTERPRISE if enterprise_id is not None else None) if one}
    switches: dict[int, dict[Channel, bool]] = {}
    wanted = select(MessageSwitch.user_id, MessageSwitch.channel, MessageSwitch.is_on)
    for user_id, channel, is_on in db.session.execute(wanted.where(MessageSwitch.user_id.in_(sorted(found)))):
        switches.setdefault(user_id, {})[channel] = is_on
    return {
        user_id: Listener(user_id, phone, frozenset(roles), switches.get(user_id, {}))
        for user_id, (phone, roles) in found.items()
    }


def listener(actor: Actor) -> Listener | None:
    """Return the person acting, as messages know them."""
    return listeners([actor.user_id]).get(actor.user_id) if actor.user_id is not None else None


def wordings() -> dict[tuple[Wording, str], str]:
    """Return the texts that were worded anew, by name and language."""
    return {(row.name, row.language): row.body for row in db.session.scalars(select(MessageText))}
