"""Where each number leads: the list of tickets that holds exactly as many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from ticketing.insight.queries import Scope
from ticketing.insight.rules import Period
from ticketing.tickets.words import State


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of lists, within the units the figures cover."""

    scope: Scope

    def _list(self, at: str = "", **filters: Any) -> str:
        narrowed: dict[str, Any] = {"at": at} if at else {"unit": self.scope.codes}
        return url_for("tickets.index", **narrowed, **filters)

    def figures(self, period: Period, unit_code: str) -> str:
        """The same page for one unit and those below it."""
        return url_for("insight.figures", unit=unit_code, **_span(period))

    def received(
        self, period: Period, *, at: str = "", category: str = "", status: State | None = None
    ) -> str:
        """What was received in a period."""
        more = {"category": category} if category else {}
        if status is not None:
            more["status"] = status.value
        return self._list(at, **_span(period), **more)

    def narrowed(self, period: Period, **filters: Any) -> str:
        """What was received in a period, narrowed by ``filters`` of the list."""
        return self._list(**_span(period), **filters)

    def closed(self, period: Period, *, at: str = "") -> str:
        """What was closed in a period, whenever it was received."""
        return self._list(at, closed_from=period.first.isoformat(), closed_to=period.last.isoformat())

    def satisfied(self, period: Period) -> str:
        """What was received in a period and rated as satisfying."""
        return self._list(**_span(period), satisfied="1")

    def open(self, *, at: str = "", is_overdue: bool = False) -> str:
        """What is open now, or overdue now."""
        return self._list(at, **({"overdue": "1"} if is_overdue else {"open": "1"}))


def _span(period: Period) -> dict[str, Any]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}
