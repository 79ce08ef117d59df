"""Whom the words of an escalation mean on one ticket, and who is told instead where nobody is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ticketing.core.actor import Actor, Role
from ticketing.sla.rules.steps import LADDER, Audience
from ticketing.tickets.flow import Party, Stake
from ticketing.tickets.words import State

P = Party
# Whose move it is: who is meant by the handler while a ticket stands where it stands.
_AT_WORK: dict[State, frozenset[Party]] = {
    State.SUBMITTED: frozenset({P.CLERK, P.STATION}),
    State.NEED_INFO: frozenset({P.CLERK, P.STATION}),
    State.ACCEPTED: frozenset({P.DISPATCHER, P.AREA}),
    State.RETURN_REVIEW: frozenset({P.DISPATCHER, P.AREA}),
    State.DISPATCHED: frozenset({P.LIAISON}),
    State.REPLY_REVIEW: frozenset({P.LEADER, P.HANDLER}),
    State.REPLIED: frozenset({P.CALLER}),
}
_HANDLER = frozenset({P.HANDLER})
_HEADS = (Role.DISPATCHER, Role.UNIT_LEADER, Role.STATION_HEAD, Role.LEADER)


def is_meant(word: Audience, actor: Actor, held: frozenset[Party], stake: Stake) -> bool:
    """Return whether ``word`` means this person, who is ``held`` to the ticket."""
    match word:
        case Audience.HANDLER:
            return not held.isdisjoint(_AT_WORK.get(stake.status, _HANDLER))
        case Audience.UNIT_LEADER:
            return Party.LEADER in held
        case Audience.PARENT:
            above = stake.unit_path.rpartition("/")[0]
            return bool(above) and actor.sits_in(above, *_HEADS)
        case Audience.SUPERVISION:
            return Party.SUPERVISOR in held
        case Audience.DISTRICT_LEADER:
            return any(grant.role is Role.LEADER and "/" not in grant.path for grant in actor.grants)


def rise(
    words: Iterable[Audience], meant: Callable[[Audience], list[int]]
) -> tuple[list[Audience], list[int]]:
    """Return the words that reach anybody and the people's ids, each once.

    ``meant`` says who a word means. Where all of ``words`` mean nobody, the next one up the ladder that means
    somebody takes their place, at the top the next one down: never is nobody told while there is anybody.
    """
    wanted = sorted(set(words), key=LADDER.index)
    found = {word: people for word in wanted if (people := meant(word))}
    if not found:
        top = LADDER.index(wanted[-1]) if wanted else 0
        others = (*LADDER[top + 1 :], *reversed(LADDER[:top]))
        for word in others:
            if people := meant(word):
                found = {word: people}
                break
    return list(found), sorted({user_id for people in found.values() for user_id in people})
