"""The command that fills a database with the demo district."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from ticketing.core import clock
from ticketing.core.db import transaction
from ticketing.demo import load, meetings, synthetic, texts

SHOWN = 20_000  # a load of more says how far it is

cli = AppGroup("demo", help="The demo district.")


@cli.command("load")
@click.option(
    "--tickets", type=click.IntRange(0, 5_000_000), default=400, show_default=True, help="How many."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same tickets.")
@click.option(
    "--days", type=click.IntRange(1, 365), default=60, show_default=True, help="Received over so many."
)
@click.option("--open", "open_tickets", type=click.IntRange(0), help="About how many are still open.")
@click.option("--if-empty", "only_if_empty", is_flag=True, help="Do nothing when there is a network already.")
def load_demo(tickets: int, seed: int, days: int, open_tickets: int | None, only_if_empty: bool) -> None:
    """Make the demo network, people, companies and tickets with their histories; all of it or nothing."""
    if only_if_empty and not load.is_empty():
        return
    if not load.is_empty() and not load.is_demo():
        raise click.ClickException("There is a network that is not the demo's. Nothing was changed.")
    now = clock.now()
    with transaction():
        if load.base(now):
            texts.make(now)
        if tickets:
            told = _progress if tickets > SHOWN else None
            synthetic.make(tickets, seed=seed, days=days, now=now, open_tickets=open_tickets, told=told)
            meetings.make(now)
    click.echo(f"{tickets} tickets over {days} days.")


def _progress(done: int) -> None:
    click.echo(f"\r{done}", nl=False, err=True)
