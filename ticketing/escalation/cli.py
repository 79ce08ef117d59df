"""The sweep as a command, beside the other commands of limits and clocks."""

from __future__ import annotations

import json
from datetime import datetime

import click
from flask.cli import with_appcontext

from config import DISTRICT_ZONE
from ticketing.core import clock
from ticketing.core.errors import DomainError
from ticketing.escalation.actions.firing import Fired
from ticketing.escalation.actions.sweep import sweep as one_pass
from ticketing.sla.rules.moments import read_moment, written


@click.command("sweep")
@click.option("--at", "at_text", help="As of this moment, RFC 3339 with an offset; else now.")
@with_appcontext
def sweep(at_text: str | None) -> None:
    """Fire every warning, breach and escalation that is due, and print each as a line of JSON."""
    try:
        now = read_moment(at_text) if at_text else clock.now()
    except DomainError as problem:
        raise click.ClickException(problem.text % problem.facts) from None
    while fired := one_pass(now):
        for one in fired:
            click.echo(json.dumps(_line(one), ensure_ascii=False))


def _line(one: Fired) -> dict[str, object]:
    return {
        "ticket": one.ticket,
        "metric": one.metric,
        "step": one.step,
        "cycle": one.cycle,
        "audience": list(one.audience),
        "due_moment": _shown(one.due_moment),
        "fired_at": _shown(one.fired_at),
        "late": one.is_late,
        "notified": len(one.notified),
    }


def _shown(at: datetime) -> str:
    return written(at, DISTRICT_ZONE)
