"""All versions of all rules, asked for what is in force on a day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ticketing.routing.rules.deciding import Rule
from ticketing.routing.words import Decides


class RuleBook:
    """Versions of rules, as stored. On a day, the highest version that has begun is the rule.

    A rule that is ended has a last version that says so. Nothing is ever changed or taken out.
    """

    def __init__(self, versions: Iterable[Rule]) -> None:
        self.versions = sorted(versions, key=lambda rule: (rule.code, rule.version))
        self._known: dict[tuple[Decides, date], tuple[Rule, ...]] = {}

    def in_force(self, decides: Decides, on: date) -> tuple[Rule, ...]:
        """Return the rules of a day in the order in which they are asked: by priority, 1 first."""
        if (decides, on) not in self._known:
            held = [rule for rule in self._begun(on).values() if rule.decides is decides]
            self._known[decides, on] = tuple(
                sorted((rule for rule in held if not rule.is_ended), key=lambda r: (r.priority, r.code))
            )
        return self._known[decides, on]

    def _begun(self, on: date) -> dict[str, Rule]:
        return {rule.code: rule for rule in self.versions if rule.starts_on <= on}

    def of(self, code: str) -> list[Rule]:
        """Return all versions of one rule, the first first."""
        return [rule for rule in self.versions if rule.code == code]

    def latest(self) -> list[Rule]:
        """Return the last version of every rule, whether it has begun or not."""
        return list({rule.code: rule for rule in self.versions}.values())

    def standing(self, decides: Decides, since: date) -> list[Rule]:
        """Return every version that is or will be in force on some day from ``since`` on."""
        begun = self._begun(since)
        soonest: dict[str, date] = {}
        found = []
        for rule in reversed(self.versions):
            is_coming = since < rule.starts_on < soonest.get(rule.code, date.max)
            if is_coming or begun.get(rule.code) is rule:
                found.append(rule)
            soonest[rule.code] = min(rule.starts_on, soonest.get(rule.code, date.max))
        return [rule for rule in found if rule.decides is decides and not rule.is_ended]

    def tried(self, rule: Rule) -> RuleBook:
        """Return a book in which ``rule`` is one more version."""
        return RuleBook([*self.versions, rule])
