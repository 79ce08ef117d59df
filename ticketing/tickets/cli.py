"""Commands about tickets."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from ticketing.core.db import db
from ticketing.tickets import ledger as log
from ticketing.tickets.actions import indexing
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import State

ledger = AppGroup("ledger", help="The event log.")
search = AppGroup("search", help="The full-text search.")


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


@search.command("rebuild")
def rebuild() -> None:
    """Write the search index anew from all tickets; searches and filings wait meanwhile."""
    click.echo(f"{indexing.rebuild()} tickets indexed")
