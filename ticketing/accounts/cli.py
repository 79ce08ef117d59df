"""Commands: API tokens, and production's first administrator."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from ticketing.accounts import rules
from ticketing.accounts.actions import people, signing
from ticketing.accounts.queries import identity
from ticketing.core import clock
from ticketing.core.errors import DomainError

token = AppGroup("token", help="API tokens.")
user = AppGroup("user", help="Accounts.")


@token.command("create")
@click.argument("email")
@click.option("--name", default="cli", show_default=True, help="What the token is for.")
def create(email: str, name: str) -> None:
    """Print a new API token for the account of EMAIL; it is shown only this once."""
    try:
        owner = identity.person_by_email(rules.normal_email(email))
    except DomainError as error:
        raise click.ClickException(f"no active account for {email}") from error
    click.echo(signing.create_token(owner.id, name, now=clock.now()))


@user.command("create-admin")
@click.argument("email")
@click.option("--name", prompt="Name", help="The person's name.")
@click.password_option(help="Asked for when left out; at least 10 characters.")
def create_admin(email: str, name: str, password: str) -> None:
    """Make the first administrator, EMAIL, at the root of the network."""
    try:
        people.create_first_admin(email, name, password, now=clock.now())
    except DomainError as error:
        told = [error.text, *(text for texts in error.fields.values() for text in texts)]
        raise click.ClickException(" ".join(dict.fromkeys(told))) from error
    click.echo(f"{email} can sign in now.")
