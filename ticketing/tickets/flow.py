"""The life cycle as one table: who may do what from where, who is told, what the company sees of it.

Buttons, checks, API, notifications and tests all read this table; nothing else decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ticketing.core.actor import WORKERS, Actor, Role, is_within
from ticketing.core.errors import NotPermitted, WrongState
from ticketing.network.words import UnitKind
from ticketing.tickets.words import ENDED, OPEN, Action, State


class Party(StrEnum):
    """What a person is to one ticket; the same words say who may act and who is told.

    Nobody is a convener by a role: whoever leads a joint meeting about a ticket acts as one, through the meeting.
    """

    REQUESTER = "requester"
    CLERK = "clerk"
    STATION = "station"
    AREA = "area"
    AREA_ITSELF = "area_itself"
    DISPATCHER = "dispatcher"
    LIAISON = "liaison"
    HANDLER = "handler"
    MEMBER = "member"
    LEADER = "leader"
    CO_UNIT = "co_unit"
    CO_LEADER = "co_leader"
    SUPERIOR = "superior"
    SUPERVISOR = "supervisor"
    CALLER = "caller"
    MANAGER = "manager"
    READER = "reader"
    CONVENER = "convener"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Stake:
    """What must be known of a ticket to say what a person is to it. Paths are unit paths."""

    status: State
    unit_path: str
    unit_kind: UnitKind
    enterprise_id: int
    handler_id: int | None = None
    # Units that owe a part, and those of them whose leader has a reply to sign off.
    co_paths: frozenset[str] = frozenset()
    signing_paths: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. ``seen``: what of the said the company reads; None hides the event from it."""

    action: Action
    sources: frozenset[State]
    targets: frozenset[State]
    who: frozenset[Party]
    told: frozenset[Party]
    seen: tuple[str, ...] | None


S, A, P = State, Action, Party
CENTRE_DESK = {P.CLERK, P.DISPATCHER}
UNIT = {P.LIAISON, P.HANDLER, P.LEADER}
STAFF = {
    P.CLERK, P.STATION, P.AREA, P.DISPATCHER, P.MEMBER, P.LEADER, P.CO_UNIT, P.SUPERVISOR, P.CALLER, P.MANAGER,
}  # fmt: skip
BEFORE_REPLY = OPEN - {S.REPLIED}
IN_HAND = {S.DISPATCHED, S.PROCESSING}
# Where units can have parts: somebody leads, and the reply is not written yet.
IN_PARTS = IN_HAND | {S.RETURN_REVIEW, S.SUSPENDED}


def _row(
    action: Action,
    sources: set[State] | frozenset[State],
    targets: set[State] | None,
    who: set[Party],
    told: set[Party],
    seen: tuple[str, ...] | None = (),
) -> Move:
    return Move(action, frozenset(sources), frozenset(targets or ()), frozenset(who), frozenset(told), seen)


# fmt: off
_ROWS = [
    # action               from                             to (none: it stays)            who may                          who is told                    the company sees
    _row(A.SUBMIT,             {S.DRAFT},                       {S.SUBMITTED},                 {P.REQUESTER},                   {P.CLERK, P.STATION},          ()),
    _row(A.ACCEPT,             {S.SUBMITTED},                   {S.ACCEPTED},                  {P.CLERK, P.STATION},            {P.REQUESTER, P.DISPATCHER, P.AREA}, ()),
    _row(A.REQUEST_INFO,       {S.SUBMITTED},                   {S.NEED_INFO},                 {P.CLERK},                       {P.REQUESTER},                 ("message",)),
    _row(A.SUPPLY_INFO,        {S.NEED_INFO},                   {S.SUBMITTED},                 {P.REQUESTER},                   {P.CLERK, P.STATION},          ("message",)),
    _row(A.REJECT,             {S.SUBMITTED},                   {S.REJECTED},                  {P.CLERK},                       {P.REQUESTER},                 ("reason_code", "message")),
    _row(A.ANSWER_NOW,         {S.SUBMITTED, S.ACCEPTED},       {S.REPLIED},                   {P.CLERK, P.STATION},            {P.REQUESTER, P.CALLER},       ("reply",)),
    _row(A.DISPATCH,           {S.ACCEPTED},                    {S.DISPATCHED},                {P.DISPATCHER, P.AREA},          {P.REQUESTER, P.LIAISON, P.CO_UNIT}, ("unit", "co_units")),
    _row(A.SIGN,               {S.DISPATCHED},                  {S.PROCESSING},                {P.LIAISON},                     {P.REQUESTER, P.HANDLER},      ("unit",)),
    _row(A.REQUEST_RETURN,     IN_HAND,                         {S.RETURN_REVIEW},             {P.LIAISON},                     {P.DISPATCHER, P.AREA},        None),
    _row(A.RULE_RETURN,        {S.RETURN_REVIEW},               {S.DISPATCHED},                {P.DISPATCHER, P.AREA},          {P.REQUESTER, P.LIAISON},      ("unit",)),
    _row(A.TRANSFER,           IN_HAND,                         {S.DISPATCHED},                {P.LEADER, P.DISPATCHER},        {P.REQUESTER, P.LIAISON},      ("unit",)),
    _row(A.UP_REPORT,          {S.ACCEPTED, S.PROCESSING},      {S.DISPATCHED},                {P.STATION, P.AREA_ITSELF},      {P.REQUESTER, P.LIAISON},      ("unit",)),
    _row(A.SEND_DOWN,          {S.ACCEPTED, S.PROCESSING},      {S.DISPATCHED},                {P.AREA, P.DISPATCHER},          {P.REQUESTER, P.LIAISON},      ("unit",)),
    _row(A.CONTACT,            {S.PROCESSING},                  None,                          {P.HANDLER},                     {P.REQUESTER},                 ("outcome",)),
    _row(A.SUBMIT_REPLY,       {S.PROCESSING},                  {S.REPLY_REVIEW},              {P.HANDLER},                     {P.LEADER, P.CO_UNIT},         None),
    _row(A.APPROVE_REPLY,      {S.REPLY_REVIEW},                {S.REPLIED},                   {P.LEADER},                      {P.REQUESTER, P.CALLER, P.HANDLER}, ("reply",)),
    _row(A.SEND_BACK,          {S.REPLY_REVIEW},                {S.PROCESSING},                {P.LEADER},                      {P.HANDLER, P.CO_UNIT},        None),
    _row(A.REVISIT,            {S.REPLIED},                     {S.CLOSED, S.DISPATCHED, S.REPLIED}, {P.CALLER},                {P.REQUESTER, P.LIAISON, P.LEADER}, ("reached", "solved", "satisfaction")),
    _row(A.RATE,               {S.REPLIED},                     {S.CLOSED, S.DISPATCHED},      {P.REQUESTER},                   {P.LIAISON, P.LEADER},         ("solved", "satisfaction", "comment")),
    _row(A.CLAIM,              IN_HAND,                         None,                          {P.MEMBER},                      {P.LIAISON},                   ()),
    _row(A.ASSIGN,             IN_HAND,                         None,                          {P.LEADER},                      {P.HANDLER},                   ()),
    _row(A.INVITE,             {S.PROCESSING},                  None,                          UNIT,                            {P.CO_UNIT},                   ("unit",)),
    _row(A.ASSIGN_PART,        IN_PARTS,                        None,                          {P.CONVENER},                    {P.CO_UNIT, P.LIAISON, P.HANDLER}, ("unit",)),
    _row(A.FINISH_PART,        IN_PARTS,                        None,                          {P.CO_UNIT},                     {P.LIAISON, P.HANDLER, P.CO_LEADER}, None),
    _row(A.APPROVE_PART,       IN_PARTS,                        None,                          {P.CO_LEADER},                   {P.LIAISON, P.HANDLER, P.CO_UNIT}, None),
    _row(A.SEND_BACK_PART,     IN_PARTS,                        None,                          {P.CO_LEADER},                   {P.CO_UNIT},                   None),
    _row(A.CANCEL_PART,        IN_PARTS,                        None,                          UNIT,                            {P.CO_UNIT},                   None),
    _row(A.REQUEST_EXTENSION,  {S.PROCESSING},                  None,                          {P.HANDLER},                     {P.LEADER, P.SUPERVISOR},      None),
    _row(A.DECIDE_EXTENSION,   {S.PROCESSING},                  None,                          {P.LEADER, P.SUPERVISOR},        {P.REQUESTER, P.HANDLER},      ("approve", "days", "hours", "message", "due_at")),
    _row(A.SUSPEND,            {S.PROCESSING},                  {S.SUSPENDED},                 {P.SUPERVISOR},                  {P.REQUESTER, P.HANDLER, P.LEADER}, ("reason_code", "resume_on", "message")),
    _row(A.RESUME,             {S.SUSPENDED},                   {S.PROCESSING},                {P.SUPERVISOR, P.SYSTEM},        {P.REQUESTER, P.HANDLER},      ()),
    _row(A.MESSAGE,            OPEN,                            {S.PROCESSING},                STAFF | {P.REQUESTER},           {P.REQUESTER, P.HANDLER, P.CLERK}, ("body",)),
    _row(A.NOTE,               OPEN,                            None,                          STAFF,                           {P.HANDLER},                   None),
    _row(A.URGE,               OPEN,                            None,                          {P.REQUESTER, P.SUPERIOR},       {P.LIAISON, P.HANDLER, P.LEADER, P.STATION}, ("message",)),
    _row(A.SUPERVISE,          OPEN,                            None,                          {P.SUPERVISOR, P.MANAGER},       {P.LIAISON, P.HANDLER, P.LEADER}, None),
    _row(A.ANSWER_SUPERVISION, OPEN,                            None,                          UNIT,                            {P.SUPERVISOR},                None),
    _row(A.REVOKE_CARD,        OPEN | {S.CLOSED},               None,                          {P.SUPERVISOR, P.MANAGER},       {P.LIAISON, P.HANDLER, P.LEADER}, None),
    _row(A.REOPEN,             {S.CLOSED},                      {S.DISPATCHED},                {P.REQUESTER, P.SUPERVISOR},     {P.REQUESTER, P.LIAISON, P.LEADER}, ("reason",)),
    _row(A.WITHDRAW,           BEFORE_REPLY | {S.DRAFT},        {S.WITHDRAWN},                 {P.REQUESTER},                   {P.CLERK, P.LIAISON, P.HANDLER, P.CO_UNIT}, ("reason",)),
    _row(A.MERGE,              BEFORE_REPLY,                    {S.MERGED},                    CENTRE_DESK,                     {P.REQUESTER},                 ("into",)),
    _row(A.UNMERGE,            {S.MERGED},                      set(BEFORE_REPLY),             CENTRE_DESK,                     {P.REQUESTER, P.LIAISON},      ()),
]
# fmt: on
FLOW: dict[Action, Move] = {move.action: move for move in _ROWS}
# The five moves, and nothing else changes who has a ticket. A ruling is how a return ends.
HANDS_OVER = frozenset({A.DISPATCH, A.UP_REPORT, A.SEND_DOWN, A.TRANSFER, A.RULE_RETURN})
# Filing gives a ticket its first owner. What comes back from its company or from another ticket goes to the
# unit it had; where the rules of the loop say so, or that unit is closed by now, to the one above.
BY_RULE = frozenset({A.SUBMIT, A.REVISIT, A.RATE, A.REOPEN, A.UNMERGE})
# What is recorded without anybody's doing it: nobody may, from nowhere; only who is told and what is seen.
_RECORDED = [
    _row(A.RECOUNT, set(), None, set(), {P.REQUESTER, P.HANDLER, P.LIAISON}, ("moved",)),
    _row(A.HAND_OVER, set(), None, set(), {P.HANDLER, P.LEADER}, None),
    _row(A.MEET, set(), None, set(), {P.HANDLER, P.LIAISON, P.LEADER, P.CO_UNIT}, None),
    _row(A.CONSULTED, set(), None, set(), {P.REQUESTER}, ("message", "held_on")),
]
TELLING: dict[Action, Move] = FLOW | {move.action: move for move in _RECORDED}
# What a helping unit does about its own part: what others did meanwhile does not matter to it.
ABOUT_A_PART = frozenset({A.FINISH_PART, A.APPROVE_PART, A.SEND_BACK_PART, A.CANCEL_PART})

LEADERS = (Role.UNIT_LEADER, Role.STATION_HEAD)
_SUPERIORS = (Role.DISPATCHER, Role.UNIT_LEADER, Role.LEADER, Role.SUPERVISOR)


def parties(actor: Actor, stake: Stake) -> frozenset[Party]:
    """Return everything ``actor`` is to this ticket; empty for a stranger."""
    if actor.is_system:
        return frozenset({P.SYSTEM})
    if actor.enterprise_id is not None and actor.enterprise_id == stake.enterprise_id:
        return frozenset({P.REQUESTER})
    found = _in_the_unit(actor, stake) | _above_the_unit(actor, stake)
    if _answers_from_above(actor, stake):
        found |= {P.MEMBER, P.LIAISON, P.HANDLER, P.LEADER}
    if any(actor.sits_in(path, *WORKERS) for path in stake.co_paths):
        found.add(P.CO_UNIT)
    if any(actor.sits_in(path, *LEADERS) for path in stake.signing_paths):
        found.add(P.CO_LEADER)
    return frozenset(found)


def _in_the_unit(actor: Actor, stake: Stake) -> set[Party]:
    """What a person is through a role held in exactly the unit that has the ticket."""
    path = stake.unit_path
    found: set[Party] = set()
    if actor.sits_in(path, *WORKERS):
        found.add(P.MEMBER)
    if actor.sits_in(path, Role.LIAISON, Role.STATION_HEAD):
        found.add(P.LIAISON)
    if actor.sits_in(path, *LEADERS):
        found.add(P.LEADER)
    if _is_handler(actor, stake):
        found.add(P.HANDLER)
    if stake.unit_kind is UnitKind.STATION and actor.sits_in(path, Role.STATION_HEAD):
        found.add(P.STATION)
    if stake.unit_kind is UnitKind.AREA and actor.sits_in(path, Role.DISPATCHER):
        found.add(P.AREA_ITSELF)
    return found


def _is_handler(actor: Actor, stake: Stake) -> bool:
    """The named handler; while nobody is named, anyone of the unit whose work it is."""
    if stake.handler_id is None:
        return actor.sits_in(stake.unit_path, Role.HANDLER, Role.STATION_HEAD)
    return actor.is_or_stands_in_for(stake.handler_id) and actor.sits_in(stake.unit_path, *WORKERS)


def _answers_from_above(actor: Actor, stake: Stake) -> bool:
    """Whether the named handler is of a unit above: whoever answers for a unit whose people cannot act."""
    if not actor.is_or_stands_in_for(stake.handler_id) or actor.sits_in(stake.unit_path, *WORKERS):
        return False
    return actor.covers(stake.unit_path, *WORKERS, Role.DISPATCHER)


def _above_the_unit(actor: Actor, stake: Stake) -> set[Party]:
    """What a person is through a role held in the unit that has the ticket or in one above it."""
    path = stake.unit_path
    found: set[Party] = set()
    for role, party in (
        (Role.INTAKE_CLERK, P.CLERK),
        (Role.SUPERVISOR, P.SUPERVISOR),
        (Role.CALLER, P.CALLER),
        (Role.LEADER, P.MANAGER),
    ):
        if actor.covers(path, role):
            found.add(party)
    for grant in actor.grants:
        if grant.role is Role.DISPATCHER and is_within(path, grant.path):
            found.add(P.AREA if "/" in grant.path else P.DISPATCHER)
        if grant.role in _SUPERIORS and path.startswith(grant.path + "/"):
            found.add(P.SUPERIOR)
    return found


def offers(status: State, held: frozenset[Party]) -> list[Action]:
    """Return the actions open to somebody who is ``held`` to a ticket in ``status``, in the table's order."""
    return [move.action for move in _ROWS if status in move.sources and not held.isdisjoint(move.who)]


def plan(action: Action, status: State, held: frozenset[Party]) -> Move:
    """Return the table's row for ``action``; raise NotPermitted or WrongState when it does not hold.

    Somebody who could never do it is told so, whatever the state.
    """
    move = FLOW.get(action)
    if move is None or held.isdisjoint(move.who):
        raise NotPermitted
    if status not in move.sources:
        raise WrongState
    return move


def is_ended(status: State) -> bool:
    """Return whether nothing more is expected to happen to a ticket in ``status``."""
    return status in ENDED
