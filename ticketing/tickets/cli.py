"""Commands about tickets."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from config import DISTRICT_ZONE
from ticketing.core import clock
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db
from ticketing.core.errors import DomainError
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.sla import queries as sla
from ticketing.sla.actions import calendars
from ticketing.sla.rules.announcement import read_any
from ticketing.sla.rules.changes import NothingChanges, Notice
from ticketing.sla.rules.moments import written
from ticketing.sla.rules.notices import decoded
from ticketing.tickets import ledger as log
from ticketing.tickets.actions import indexing, learning, recounting
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import orphans
from ticketing.tickets.queries.lessons import MOST_LESSONS
from ticketing.tickets.words import State

ledger = AppGroup("ledger", help="The event log.")
tickets = AppGroup("tickets", help="Open tickets.")
search = AppGroup("search", help="The full-text search.")
calendar = AppGroup("calendar", help="Working calendars.")
suggestions = AppGroup("suggestions", help="What is suggested while people type.")

MOVES = N_("%(count)s 个未结期限会变化")
NOT_APPLIED = N_("尚未改动；加上 --yes 执行")
NOTICE_OF = N_("%(year)s 年放假安排")
RECOUNTED = N_("工作日历 %(name)s 现为第 %(version)s 版，已核对 %(tickets)s 件诉求的期限")


@ledger.command("verify")
def verify() -> None:
    """Check that every ticket replays from its events and that the hash chain is whole; exit 1 otherwise."""
    _read_one_moment()
    wrong = 0
    for number, problems in log.verify():
        wrong += 1
        for problem in problems:
            click.echo(f"{number}  {problem}")
    sent = db.session.scalar(select(func.count(Ticket.id)).where(Ticket.status != State.DRAFT)) or 0
    if wrong:
        raise click.ClickException(f"{wrong} of {sent} tickets are not whole")
    click.echo(f"{sent} tickets verified")


def _read_one_moment() -> None:
    """Read everything as of one moment, so that work going on meanwhile raises no false alarm."""
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


@tickets.command("orphans")
def list_orphans() -> None:
    """Print the open tickets that nobody can act on, with the reason and who takes them; exit 1 if any."""
    rows = orphans.listed(SYSTEM, local_date(clock.now()))
    for row in rows:
        officer = row.officer or "nobody: appoint a duty officer"
        click.echo(f"{row.number}  {row.unit.code}  {row.status.value}  {row.why.value}  -> {officer}")
    if rows:
        raise SystemExit(1)
    click.echo("no open ticket is without somebody to act on it")


@search.command("rebuild")
def rebuild() -> None:
    """Write the search index anew from all tickets; searches and filings wait meanwhile."""
    click.echo(f"{indexing.rebuild()} tickets indexed")


@suggestions.command("train")
@click.option("--most", type=click.IntRange(min=1), default=MOST_LESSONS, show_default=True, help="Requests.")
def train(most: int) -> None:
    """Learn from the newest confirmed requests, and say how often the suggestions were right on others."""
    from ticketing.learning.cutting import cut  # its dictionary takes memory nobody else needs

    for done in learning.train(cut, now=clock.now(), most=most):
        if done.learnt is None:
            click.echo(f"{done.target}: too little history, nothing is suggested")
            continue
        latest, fresh = done.learnt.latest, done.learnt.fresh
        click.echo(
            f"{done.target} version {done.version}: {done.learnt.lessons} requests, "
            f"{len(done.learnt.model.words)} words; right at first {latest.first_percent} %, "
            f"among three {latest.three_percent} % of {latest.asked} newest ones kept aside; "
            f"{fresh.first_percent} % and {fresh.three_percent} % of {fresh.asked} in new wording"
        )


@calendar.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--calendar", "name", default="cn", show_default=True, help="Which working calendar.")
@click.option("--yes", "is_meant", is_flag=True, help="Apply it; else only say what would move.")
def import_notice(file: BinaryIO, name: str, is_meant: bool) -> None:
    """Take a year's notice of holidays and days worked in exchange: CSV lines of date,kind,name.

    Prints every open deadline that would move, then applies with --yes: one new version of the calendar,
    every open clock counted anew once. Killed half-way, the worker or the next call goes on.
    """
    now = clock.now()
    try:
        notice = Notice(tuple(read_any(decoded(file.read()))))
        version = _publish(name, notice, now, is_meant=is_meant)
    except DomainError as problem:
        raise click.ClickException(problem.text % problem.facts) from None
    if not is_meant:
        click.echo(NOT_APPLIED)
        return
    done = 0
    while count := recounting.recount(clock.now()):
        done += count
    click.echo(RECOUNTED % {"name": name, "version": version, "tickets": done})


def _publish(name: str, notice: Notice, now: datetime, *, is_meant: bool) -> int:
    """Say what moves and, if that is meant, make the new version; return which one is then in force."""
    try:
        draft = calendars.draft(name, notice, note=NOTICE_OF % {"year": notice.year}, today=local_date(now))
    except NothingChanges as same:  # perhaps somebody was stopped half-way
        click.echo(same.text)
        return sla.versions(name)[0].version
    _print_shifts(draft)
    return calendars.publish(SYSTEM, draft, now=now).version if is_meant else 0


def _print_shifts(draft: calendars.Draft) -> None:
    count = 0
    for shift in draft.shifts():
        count += 1
        old, new = written(shift.old, DISTRICT_ZONE), written(shift.new, DISTRICT_ZONE)
        click.echo(f"{shift.number}  {shift.metric}  {old} -> {new}")
    click.echo(MOVES % {"count": count})
