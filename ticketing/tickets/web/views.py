"""The queue's views: what each role has to do first, and the ways to narrow or widen it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ticketing.core.actor import Actor, Grant, Role
from ticketing.core.text import N_
from ticketing.network.queries import Network
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.queries.saved import Saved
from ticketing.tickets.words import OPEN, State

TODO, UNIT, MINE, ALL = "todo", "unit", "mine", "all"
# What a role looks after: in which states, and whether in its own unit only or in those below as well.
_AT_HAND = OPEN - {State.SUBMITTED, State.NEED_INFO, State.ACCEPTED, State.RETURN_REVIEW}
_DUTIES: dict[Role, tuple[frozenset[State], bool]] = {
    Role.INTAKE_CLERK: (frozenset({State.SUBMITTED, State.NEED_INFO}), True),
    Role.DISPATCHER: (frozenset({State.ACCEPTED, State.RETURN_REVIEW}), True),
    Role.CALLER: (frozenset({State.REPLIED}), True),
    Role.STATION_HEAD: (OPEN, False),
    Role.LIAISON: (_AT_HAND, False),
    Role.HANDLER: (_AT_HAND, False),
    Role.UNIT_LEADER: (_AT_HAND, False),
    Role.CHIEF_OFFICER: (OPEN, True),
    Role.SUPERVISOR: (OPEN, True),
    Role.LEADER: (OPEN, True),
}
# One state each, for those whose work it is.
_STEPS: tuple[tuple[str, str, frozenset[State], frozenset[Role]], ...] = (
    ("intake", N_("待受理"), frozenset({State.SUBMITTED}), frozenset({Role.INTAKE_CLERK, Role.STATION_HEAD})),
    ("need_info", N_("待补充"), frozenset({State.NEED_INFO}), frozenset({Role.INTAKE_CLERK})),
    ("dispatch", N_("待派单"), frozenset({State.ACCEPTED}), frozenset({Role.DISPATCHER})),
    ("returns", N_("退单待裁定"), frozenset({State.RETURN_REVIEW}), frozenset({Role.DISPATCHER})),
    ("sign", N_("待签收"), frozenset({State.DISPATCHED}), frozenset({Role.LIAISON, Role.STATION_HEAD})),
    (
        "review",
        N_("答复待审"),
        frozenset({State.REPLY_REVIEW}),
        frozenset({Role.UNIT_LEADER, Role.STATION_HEAD}),
    ),
    ("revisit", N_("待回访"), frozenset({State.REPLIED}), frozenset({Role.CALLER})),
)
# What each view is called, for those kept ones that stand on it.
NAMES = {
    TODO: N_("待我处理"),
    ALL: N_("全部在办"),
    MINE: N_("我经办的"),
    UNIT: N_("本单位及下级"),
    **{key: label for key, label, _states, _roles in _STEPS},
}
_WORKERS = (Role.HANDLER, Role.STATION_HEAD, Role.LIAISON)


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at the open tickets. ``label`` is a message id, of a kept view (``saved``) its name;
    what is too wide is not counted. ``told`` are sentences about what the view names and there is no more;
    ``elsewhere`` is the address of one that is no queue but a list.
    """

    key: str
    label: str
    wanted: Filters
    is_counted: bool = True
    saved: Saved | None = None
    told: tuple[str, ...] = ()
    elsewhere: str = ""


def views(actor: Actor, net: Network) -> list[View]:
    """Return the views this person can choose from; the first is what the queue opens with."""
    todo, everything = _todo(actor, net), View(ALL, NAMES[ALL], Filters(), is_counted=False)
    is_all_theirs = todo == everything.wanted
    found = [everything if is_all_theirs else View(TODO, NAMES[TODO], todo)]
    for key, label, states, roles in _STEPS:
        if actor.holds(*roles):
            own = Filters(statuses=states, unit_ids=_units(actor.grants, roles, net), is_own=True)
            found.append(View(key, label, own))
    if actor.holds(*_WORKERS):
        own_units = frozenset(grant.unit_id for grant in actor.grants if grant.role in _WORKERS)
        found.append(View(MINE, NAMES[MINE], Filters(is_mine=True, unit_ids=own_units, is_own=True)))
    paths = actor.reading_paths
    is_everywhere = any("/" not in path for path in paths)
    if not is_everywhere:
        found.append(View(UNIT, NAMES[UNIT], Filters(unit_ids=net.within(paths), is_own=True)))
    return found if is_all_theirs else [*found, everything]


def _todo(actor: Actor, net: Network) -> Filters:
    """Everything that is this person's to do, through any role: one plain filter where that is enough."""
    parts = {_scope(grant, net) for grant in actor.grants if grant.role in _DUTIES}
    if not parts:
        return Filters(unit_ids=net.within(actor.reading_paths), is_own=True)
    if len(parts) == 1:
        states, units = next(iter(parts))
        return Filters(statuses=states if states != OPEN else frozenset(), unit_ids=units, is_own=True)
    return Filters(any_of=tuple(sorted(parts, key=repr)), is_own=True)


def _scope(grant: Grant, net: Network) -> tuple[frozenset[State], frozenset[int] | None]:
    states, is_below_too = _DUTIES[grant.role]
    if is_below_too:
        return states, None if "/" not in grant.path else net.within((grant.path,))
    return states, frozenset({grant.unit_id})


def _units(grants: Iterable[Grant], roles: frozenset[Role], net: Network) -> frozenset[int] | None:
    """The units in which a step is this person's; None for the whole district."""
    held = [grant for grant in grants if grant.role in roles]
    scopes = [_scope(grant, net)[1] for grant in held]
    if any(scope is None for scope in scopes):
        return None
    return frozenset(unit for scope in scopes for unit in scope or ())
