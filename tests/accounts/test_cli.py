"""The commands for tokens and for the first administrator."""

import pytest
from sqlalchemy import select

from tests.accounts import kit
from tests.accounts.kit import PASSWORD, bearer, enter, real_now
from ticketing.accounts.models import ApiToken, User
from ticketing.core.db import db


@pytest.fixture
def run(app):
    return lambda *words, **more: app.test_cli_runner().invoke(args=list(words), **more)


def test_a_token_is_printed_once_and_works(app, run):
    kit.district()

    done = run("token", "create", "Clerk@x.example", "--name", "nightly import")

    assert done.exit_code == 0
    assert bearer(done.output.strip(), now=real_now()).email == "clerk@x.example"
    assert db.session.scalar(select(ApiToken.name)) == "nightly import"


@pytest.mark.parametrize("email", ["nobody@x.example", "no address", "%"])
def test_no_account_no_token(app, run, email):
    kit.district()

    done = run("token", "create", email)

    assert done.exit_code == 1
    assert "no active account" in done.output
    assert db.session.scalar(select(ApiToken.id)) is None


def test_production_starts_with_an_administrator_whose_password_is_asked_for(app, run):
    kit.unit("C0")

    done = run("user", "create-admin", "root@x.example", "--name", "Root", input=f"{PASSWORD}\n{PASSWORD}\n")

    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    assert enter("root@x.example")


def test_a_weak_password_or_a_missing_network_makes_nobody(app, run):
    no_network = run("user", "create-admin", "root@x.example", "--name", "Root", "--password", PASSWORD)
    kit.unit("C0")
    weak = run("user", "create-admin", "root@x.example", "--name", "Root", "--password", "short")

    assert (no_network.exit_code, weak.exit_code) == (1, 1)
    assert "区中心" in no_network.output
    assert "至少 10 个字符" in weak.output
    assert db.session.scalar(select(User.id)) is None
