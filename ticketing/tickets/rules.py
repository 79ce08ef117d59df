"""What the flow table cannot say alone: closing, redoing, returning, extending, numbering."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ticketing.core.actor import Actor
from ticketing.core.errors import DomainError, NotPermitted, TooMany, WrongState
from ticketing.core.text import N_
from ticketing.sla.words import Metric
from ticketing.tickets.flow import Party, Stake, offers
from ticketing.tickets.words import Action, Kind, Level, Solved, State

MAX_REDOS = 2
MAX_RETURNS = 2
REVISIT_TRIES = 3
REOPEN_DAYS = 30
BAD_RATING = 2
SECONDS_A_DAY = 86_400
# How many extensions a kind may have, and how many working days each may add at the most.
EXTENSIONS: dict[Kind, tuple[int, int]] = {
    Kind.CONSULT: (0, 0),
    Kind.HELP: (1, 5),
    Kind.SUGGESTION: (1, 5),
    Kind.COMPLAINT: (2, 5),
    Kind.VIOLATION_REPORT: (2, 5),
    Kind.PRAISE: (0, 0),
}
MAJOR_EXTENSION_DAYS = 30
URGENT_EXTENSION_HOURS = 24
# States in which the promises to the company stand still, because the district cannot go on.
PAUSED_IN = frozenset({State.NEED_INFO, State.SUSPENDED})
# Ends without a result: promises are void.
VOID_IN = frozenset({State.REJECTED, State.WITHDRAWN, State.MERGED})
# Numbers: QS26-482-109-375 = two digits of the year, eight random digits, one check digit.
NUMBER_DIGITS = 8
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts(Stake):
    """All that must be known of a ticket to say what may be done to it now."""

    kind: Kind = Kind.HELP
    level: Level = Level.NORMAL
    cycle: int = 1
    return_count: int = 0
    return_until: datetime | None = None
    extension_count: int = 0
    has_pending_extension: bool = False
    has_open_supervision: bool = False
    has_card: bool = False
    resolve_due_at: datetime | None = None
    closed_at: datetime | None = None
    urged_on: date | None = None
    handled_by: frozenset[int] = field(default=frozenset())


class ReturnsAreOver(WrongState):
    """The centre has ruled; its ruling is final."""

    sentence = N_("已退单两次，区中心的裁定为最终裁定，不能再退")


class ReturnTooLate(WrongState):
    """The window for returning has closed."""

    sentence = N_("已超过派单后 1 个工作日的退单期限")


class CentreMustRule(NotPermitted):
    """After two returns only the district centre decides."""

    sentence = N_("这件诉求已退单两次，只能由区中心裁定")


class NoExtension(WrongState):
    """More time cannot be had."""

    sentence = N_("这类诉求不能延期，或延期次数已用完")


class ExtensionTooLate(WrongState):
    """Extensions are asked for and decided before the deadline only."""

    sentence = N_("办理期限已过，只能在到期前申请和批准延期")


class ExtensionPending(WrongState):
    """One request for more time waits already."""

    sentence = N_("已有一份延期申请在等待审批")


class NothingPending(WrongState):
    """There is nothing to decide or answer."""

    sentence = N_("没有等待处理的申请")


class DistrictMustDecide(NotPermitted):
    """A second extension is the district's to grant."""

    sentence = N_("第二次延期须由区级督办员批准")


class OwnCase(NotPermitted):
    """Whoever handled a ticket does not call back about it."""

    sentence = N_("经办过这件诉求的人不能回访")


class ReopenTooLate(WrongState):
    """A closed ticket may be reopened for thirty days."""

    sentence = N_("办结已超过 30 天，请另行提交诉求")


class UrgedToday(TooMany):
    """One urge a day."""

    sentence = N_("今天已经催办过，请明天再催")


def obstacle(
    action: Action, facts: Facts, actor: Actor, held: frozenset[Party], *, now: datetime, today: date
) -> DomainError | None:
    """Return why ``action`` cannot be done now although the table allows it; None when it can.

    ``today`` is the district's date at ``now``.
    """
    check = _CHECKS.get(action)
    return check(facts, actor, held, now, today) if check else None


def available(
    facts: Facts, actor: Actor, held: frozenset[Party], *, now: datetime, today: date
) -> list[Action]:
    """Return the actions this person may do now, in the table's order."""
    return [
        action
        for action in offers(facts.status, held)
        if obstacle(action, facts, actor, held, now=now, today=today) is None
    ]


def _return_obstacle(
    facts: Facts, _a: Actor, _h: frozenset[Party], now: datetime, _t: date
) -> DomainError | None:
    if facts.return_count >= MAX_RETURNS:
        return ReturnsAreOver()
    if facts.return_until is not None and now > facts.return_until:
        return ReturnTooLate()
    return None


def _ruling_obstacle(
    facts: Facts, _a: Actor, held: frozenset[Party], _n: datetime, _t: date
) -> DomainError | None:
    if facts.return_count >= MAX_RETURNS and Party.DISPATCHER not in held:
        return CentreMustRule()
    return None


def _extension_obstacle(
    facts: Facts, _a: Actor, _h: frozenset[Party], now: datetime, _t: date
) -> DomainError | None:
    if facts.has_pending_extension:
        return ExtensionPending()
    if facts.resolve_due_at is None or now >= facts.resolve_due_at:
        return ExtensionTooLate()
    most, _days = extension_allowance(facts.kind, facts.level)
    return NoExtension() if facts.extension_count >= most else None


def _decision_obstacle(
    facts: Facts, _a: Actor, held: frozenset[Party], now: datetime, _t: date
) -> DomainError | None:
    if not facts.has_pending_extension:
        return NothingPending()
    if facts.resolve_due_at is None or now >= facts.resolve_due_at:
        return ExtensionTooLate()
    if facts.extension_count >= 1 and Party.SUPERVISOR not in held:
        return DistrictMustDecide()
    return None


def _answer_obstacle(
    facts: Facts, _a: Actor, _h: frozenset[Party], _n: datetime, _t: date
) -> DomainError | None:
    return None if facts.has_open_supervision else NothingPending()


def _card_obstacle(
    facts: Facts, _a: Actor, _h: frozenset[Party], _n: datetime, _t: date
) -> DomainError | None:
    return None if facts.has_card else NothingPending()


def _revisit_obstacle(
    facts: Facts, actor: Actor, _h: frozenset[Party], _n: datetime, _t: date
) -> DomainError | None:
    return OwnCase() if actor.user_id in facts.handled_by else None


def _reopen_obstacle(
    facts: Facts, _a: Actor, _h: frozenset[Party], now: datetime, _t: date
) -> DomainError | None:
    if facts.closed_at is None or now - facts.closed_at > timedelta(days=REOPEN_DAYS):
        return ReopenTooLate()
    return None


def _urge_obstacle(
    facts: Facts, _a: Actor, held: frozenset[Party], _n: datetime, today: date
) -> DomainError | None:
    if Party.REQUESTER in held and facts.urged_on == today:
        return UrgedToday(extra={"retry_after_seconds": SECONDS_A_DAY})
    return None


def _claim_obstacle(
    facts: Facts, actor: Actor, _h: frozenset[Party], _n: datetime, _t: date
) -> DomainError | None:
    return WrongState(N_("您已经是经办人")) if facts.handler_id == actor.user_id else None


def _part_obstacle(
    facts: Facts, _a: Actor, _h: frozenset[Party], _n: datetime, _t: date
) -> DomainError | None:
    return None if facts.co_paths else NothingPending()


_CHECKS = {
    Action.CANCEL_PART: _part_obstacle,
    Action.REQUEST_RETURN: _return_obstacle,
    Action.RULE_RETURN: _ruling_obstacle,
    Action.REQUEST_EXTENSION: _extension_obstacle,
    Action.DECIDE_EXTENSION: _decision_obstacle,
    Action.ANSWER_SUPERVISION: _answer_obstacle,
    Action.REVOKE_CARD: _card_obstacle,
    Action.REVISIT: _revisit_obstacle,
    Action.REOPEN: _reopen_obstacle,
    Action.URGE: _urge_obstacle,
    Action.CLAIM: _claim_obstacle,
}


def extension_allowance(kind: Kind, level: Level) -> tuple[int, int]:
    """Return how many extensions are allowed and how many working days each may add (hours when urgent)."""
    if level is Level.URGENT:
        return (1, URGENT_EXTENSION_HOURS)
    if level is Level.MAJOR:
        return (2, MAJOR_EXTENSION_DAYS)
    return EXTENSIONS[kind]


def is_redo(solved: Solved, satisfaction: int) -> bool:
    """Return whether the company's answers send the ticket round again: not solved, or a bad rating."""
    return solved is Solved.NO or satisfaction <= BAD_RATING


def promises(before: State | None, after: State) -> frozenset[Metric]:
    """Return the metrics that a step from ``before`` to ``after`` fulfils."""
    if after is State.REPLIED and before is not State.REPLIED:
        return frozenset({Metric.SIGN, Metric.RESPOND, Metric.RESOLVE})
    if after is State.PROCESSING and before is State.DISPATCHED:
        return frozenset({Metric.SIGN})
    if before is State.REPLIED and after is not State.REPLIED:
        return frozenset({Metric.REVISIT})
    return frozenset()


def check_digit(digits: str) -> str:
    """Return the Damm check digit: catches every single wrong digit and every swap of neighbours."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def make_number(year: int, random_digits: int) -> str:
    """Return a ticket number, easy to say in groups of three: ``QS26-482-109-375``."""
    body = f"{random_digits:0{NUMBER_DIGITS}d}"
    nine = body + check_digit(f"{year % 100:02d}{body}")
    return f"QS{year % 100:02d}-{nine[:3]}-{nine[3:6]}-{nine[6:]}"


def read_number(text: str) -> str | None:
    """Return the ticket number somebody typed or said, in its usual form; None when it cannot be one."""
    digits = "".join(char for char in text if char.isascii() and char.isdigit())
    if len(digits) != NUMBER_DIGITS + 3 or check_digit(digits) != "0":
        return None
    return f"QS{digits[:2]}-{digits[2:5]}-{digits[5:8]}-{digits[8:]}"
