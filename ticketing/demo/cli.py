"""The command that fills a database with the demo district."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from ticketing.core import clock
from ticketing.demo import load

cli = AppGroup("demo", help="The demo district.")


@cli.command("load")
@click.option("--if-empty", "only_if_empty", is_flag=True, help="Do nothing when there is a network already.")
def load_demo(only_if_empty: bool) -> None:
    """Make the demo network, people and companies."""
    if only_if_empty and not load.is_empty():
        return
    load.base(clock.now())
