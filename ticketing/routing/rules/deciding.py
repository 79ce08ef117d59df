"""Who gets a request, and by which rule. Pure: rules, the request and the network in; a decision out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

from ticketing.network.words import UnitKind
from ticketing.routing.words import Decides, Miss, Target, Why


class Unit(Protocol):
    """What must be known of a unit."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> UnitKind: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def is_active(self) -> bool: ...  # noqa: D102


class Net(Protocol):
    """What must be known of the network."""

    @property
    def by_id(self) -> Mapping[int, Unit]: ...  # noqa: D102
    @property
    def by_code(self) -> Mapping[str, Unit]: ...  # noqa: D102
    @property
    def centre(self) -> Unit: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a rule applies: every list that is not empty must hold one that fits. All are codes or words.

    ``areas`` are units in whose territory, or below it, the place lies; ``words`` stand in title or text.
    """

    categories: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @classmethod
    def read(cls, stored: Mapping[str, Iterable[str]]) -> Conditions:
        """Return conditions as they are stored; names not known are left out."""
        return cls(**{name: tuple(stored.get(name, ())) for name in cls.__dataclass_fields__})

    def stored(self) -> dict[str, list[str]]:
        """Return the conditions as they are stored, empty ones left out."""
        return {name: list(held) for name, held in asdict(self).items() if held}


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule. ``unit`` is a code, empty unless the target is a unit by name."""

    id: int
    code: str
    version: int
    name: str
    name_en: str
    decides: Decides
    priority: int
    conditions: Conditions
    target: Target
    unit: str
    starts_on: date
    is_ended: bool = False

    def label(self, locale: str) -> str:
        """Return the rule's name in the reader's language."""
        return (self.name_en or self.name) if locale == "en" else self.name


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as rules see it. ``path`` is that of the unit whose territory the place is, "" without one.

    ``own`` is the unit of the staff member who files it, if it may take requests in.
    """

    category: str
    kind: str
    level: str
    channel: str
    site: str = ""
    path: str = ""
    text: str = ""
    own: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Which units get the request or are proposed (ids), by which rule, and which rules did not fit."""

    units: tuple[int, ...]
    rule: Rule | None
    why: Why
    passed: tuple[tuple[Rule, Miss], ...] = ()

    def said(self) -> dict[str, Any]:
        """Return what an event keeps of it: the rule's code, version and words, and how it came about."""
        if self.rule is None:
            return {"why": self.why.value}
        rule = self.rule
        return {
            "why": self.why.value,
            "code": rule.code,
            "version": rule.version,
            "name": rule.name,
            "name_en": rule.name_en,
        }


def decide(
    decides: Decides, rules: Iterable[Rule], asked: Asked, net: Net, leads: Sequence[int] = ()
) -> Decision:
    """Return the decision of the first of ``rules`` that fits and has an open unit to give the request to.

    ``rules`` are those in force, in their order; ``leads`` the units that usually lead in the category. A
    request is never lost: when none fits, or the unit a rule names is closed, the district centre's triage
    desk gets it; as a proposal that is an empty one.
    """
    passed: list[tuple[Rule, Miss]] = []
    nobody = () if decides is Decides.LEAD else (net.centre.id,)
    for rule in rules:
        miss = missed(rule.conditions, asked)
        if miss is not None:
            passed.append((rule, miss))
            continue
        units = meant(rule, asked, net, leads)
        if units:
            return Decision(units, rule, Why.RULE, tuple(passed))
        if rule.target is Target.UNIT:
            return Decision(nobody, rule, Why.TARGET_CLOSED, tuple(passed))
        passed.append((rule, _why_nobody(rule, asked)))
    return Decision(nobody, None, Why.NOTHING_FITS, tuple(passed))


def _why_nobody(rule: Rule, asked: Asked) -> Miss:
    """Why a rule that applies means no unit."""
    if rule.target in _BY_PLACE and not asked.path:
        return Miss.NO_PLACE
    if rule.target is Target.OWN and asked.path:
        return Miss.PLACE_DECIDES
    if rule.target is Target.OWN and asked.own is None:
        return Miss.NOT_REGISTERED
    return Miss.NOBODY


def meant(rule: Rule, asked: Asked, net: Net, leads: Sequence[int] = ()) -> tuple[int, ...]:
    """Return the open units a rule means for a request, by their ids; none when there is none."""
    return tuple(unit.id for unit in _MEANT[rule.target](rule, asked, net, leads) if unit.is_active)


def missed(when: Conditions, asked: Asked) -> Miss | None:
    """Return the first condition that ``asked`` does not meet; None when it meets all."""
    for held, value, miss in (
        (when.categories, asked.category, Miss.CATEGORY),
        (when.kinds, asked.kind, Miss.KIND),
        (when.levels, asked.level, Miss.LEVEL),
        (when.channels, asked.channel, Miss.CHANNEL),
        (when.sites, asked.site, Miss.SITE),
    ):
        if held and value not in held:
            return miss
    if when.areas and set(when.areas).isdisjoint(asked.path.split("/")):
        return Miss.AREA
    text = asked.text.casefold()
    if when.words and not any(word.casefold() in text for word in when.words):
        return Miss.WORDS
    return None


def _at_the_place(kind: UnitKind) -> Callable[[Rule, Asked, Net, Sequence[int]], list[Unit]]:
    """Return who finds the open unit of a kind at or above the place, the nearest one."""

    def found(_rule: Rule, asked: Asked, net: Net, _leads: Sequence[int]) -> list[Unit]:
        above = [net.by_code[code] for code in reversed(asked.path.split("/")) if code]
        return [unit for unit in above if unit.kind is kind and unit.is_active][:1]

    return found


def _own(_rule: Rule, asked: Asked, net: Net, _leads: Sequence[int]) -> list[Unit]:
    """The filer's own unit, when no place says more."""
    return [] if asked.own is None or asked.path else [net.by_id[asked.own]]


def _named(rule: Rule, _asked: Asked, net: Net, _leads: Sequence[int]) -> list[Unit]:
    return [net.by_code[rule.unit]] if rule.unit in net.by_code else []


def _usual(_rule: Rule, _asked: Asked, net: Net, leads: Sequence[int]) -> list[Unit]:
    return [net.by_id[unit_id] for unit_id in leads]


def _triage(_rule: Rule, _asked: Asked, net: Net, _leads: Sequence[int]) -> list[Unit]:
    return [net.centre]


_BY_PLACE = frozenset({Target.STATION, Target.AREA})
_MEANT: dict[Target, Callable[[Rule, Asked, Net, Sequence[int]], list[Unit]]] = {
    Target.STATION: _at_the_place(UnitKind.STATION),
    Target.AREA: _at_the_place(UnitKind.AREA),
    Target.OWN: _own,
    Target.CATEGORY_LEAD: _usual,
    Target.UNIT: _named,
    Target.TRIAGE: _triage,
}
