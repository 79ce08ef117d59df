"""Commands about limits and clocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

import click
from flask.cli import AppGroup

from config import DISTRICT_ZONE
from ticketing.core.errors import DomainError
from ticketing.core.text import N_
from ticketing.sla import queries
from ticketing.sla.rules.calendars import WorkCalendar
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.explain import Span, explain
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.moments import answers, read_moment, written

cli = AppGroup("sla", help="Limits, deadlines and their clocks.")

PROVISIONAL = N_("暂定:有年份的放假安排尚未公布")
BAD_LINE = N_("错误:第 %(line)s 行:%(reason)s")
BAD_LINES = N_("共有 %(count)s 行未能计算")
UNSURE = N_("（暂定）")
COUNTED = N_("计入")
SKIPPED = N_("不计")


@cli.command("due")
@click.option("--limit", "limit_text", help="5wd, 4wh, 24h, 30min or 10cd.")
@click.option("--start", "start_text", help="RFC 3339 with an offset: 2026-09-18T10:00+08:00.")
@click.option("--calendar", "calendar_name", default="cn", show_default=True, help="Which working calendar.")
@click.option("--explain", "is_explained", is_flag=True, help="Also print the counted and skipped spans.")
@click.option("--batch", type=click.File(encoding="utf-8", errors="replace"), help="Lines of limit,start.")
def due(
    limit_text: str | None,
    start_text: str | None,
    calendar_name: str,
    is_explained: bool,
    batch: TextIO | None,
) -> None:
    """Print when a limit runs out, in district time.

    With --batch one deadline a line; a line that cannot be read says so in its place, and the exit code is 1.
    """
    if batch is not None and (limit_text or start_text or is_explained):
        raise click.UsageError("--batch stands alone, or with --calendar.")
    if batch is None and not (limit_text and start_text):
        raise click.UsageError("Give --limit and --start, or --batch.")
    try:
        calendar = queries.calendar(calendar_name)
        if batch is None:
            print_one(str(limit_text), str(start_text), calendar, is_explained)
        else:
            print_batch(batch, calendar)
    except DomainError as problem:
        raise click.ClickException(_told(problem)) from None


def print_one(limit_text: str, start_text: str, calendar: WorkCalendar, is_explained: bool) -> None:
    limit, start = Limit.parse(limit_text), read_moment(start_text)
    deadline = due_at(start, limit, calendar)
    click.echo(written(deadline.at, DISTRICT_ZONE))
    if is_explained:
        for line in explained(explain(start, limit, calendar)):
            click.echo(line)
    if deadline.is_provisional:
        click.echo(PROVISIONAL, err=not is_explained)


def print_batch(lines: Iterable[str], calendar: WorkCalendar) -> None:
    bad = 0
    for answer in answers(lines, calendar):
        if answer.deadline is not None:
            click.echo(written(answer.deadline.at, DISTRICT_ZONE))
        elif answer.problem is not None:
            bad += 1
            click.echo(BAD_LINE % {"line": answer.line, "reason": _told(answer.problem)})
    if bad:
        raise click.ClickException(BAD_LINES % {"count": bad})


def explained(spans: Iterable[Span]) -> Iterator[str]:
    """Yield one line a span: from, to, counted or skipped, why."""
    for span in spans:
        begin, end = written(span.start, DISTRICT_ZONE), written(span.end, DISTRICT_ZONE)
        mark = COUNTED if span.is_counted else SKIPPED
        reason = span.reason % {"name": span.name}
        yield f"{begin}  {end}  {mark}  {reason}{UNSURE if span.is_provisional else ''}"


def _told(problem: DomainError) -> str:
    """The sentence of a refusal; a terminal has no language of its own, so it stays Chinese."""
    return problem.text % problem.facts
