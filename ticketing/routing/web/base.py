"""The blueprint of routing rules, and rules in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from ticketing.core.actor import Role
from ticketing.network import queries as network
from ticketing.network.queries import Network
from ticketing.routing.rules.deciding import Rule
from ticketing.routing.words import CHANNELS, TARGETS, Target
from ticketing.sla.words import KINDS, LEVELS
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

bp = Blueprint("routing", __name__, url_prefix="/admin/routing")
READERS = (Role.ADMIN, Role.AUDITOR, Role.LEADER, Role.SUPERVISOR, Role.DISPATCHER)


@dataclass(slots=True)
class Names:
    """What codes are called in the reader's language."""

    net: Network
    categories: dict[str, str]
    sites: dict[str, str]

    @classmethod
    def read(cls) -> Names:
        """Return the names of everything rules speak of."""
        said = language()
        return cls(
            network.network(),
            {one.code: one.label(said) for one in network.categories()},
            {one.code: one.label(said) for one in network.sites()},
        )

    def unit(self, code: str) -> str:
        """Return the name of a unit by its code."""
        found = self.net.by_code.get(code)
        if found is None:
            return code
        name = found.label(language())
        return name if found.is_active else _("%(unit)s（已停用）", unit=name)

    def units(self, ids: tuple[int, ...]) -> str:
        """Return the names of some units."""
        return _("、").join(self.net.by_id[unit_id].label(language()) for unit_id in ids)

    def when(self, rule: Rule) -> list[str]:
        """Return the rule's conditions in words, one a line; none when it is for everything."""
        held = rule.conditions
        channels = {word: _(label) for word, label in CHANNELS.items()}
        listed = (
            (_("类别"), held.categories, self.categories),
            (_("类型"), held.kinds, {word: _(label) for word, label in KINDS.items()}),
            (_("紧急程度"), held.levels, {word: _(label) for word, label in LEVELS.items()}),
            (_("来源渠道"), held.channels, channels),
            (_("地点"), held.sites, self.sites),
            (_("辖区"), held.areas, {code: self.unit(code) for code in held.areas}),
            (_("文字里有"), held.words, {word: _("“%(word)s”", word=word) for word in held.words}),
        )
        return [
            _("%(what)s：%(which)s", what=what, which=_("、").join(names.get(code, code) for code in codes))
            for what, codes, names in listed
            if codes
        ]

    def target(self, rule: Rule) -> str:
        """Return whom the rule means."""
        return self.unit(rule.unit) if rule.target is Target.UNIT else _(TARGETS[rule.target])
