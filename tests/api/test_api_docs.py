"""The description of the API tells the truth: every route is in it, and its journey works when pasted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from ticketing.accounts.actions import signing
from ticketing.accounts.models import User
from ticketing.core import clock
from ticketing.core.db import db
from ticketing.demo import load
from ticketing.tickets.words import Action

ROOT = Path(__file__).resolve().parents[2]
NOT_DESCRIBED = {"/api/v1/openapi.json", "/api/v1/docs"}
# Recorded without a wish, or done by the minutes of a meeting alone.
NO_WISH = {Action.ATTACH, Action.REVEAL, Action.RECOUNT, Action.ESCALATE, Action.HAND_OVER} | {
    *(Action.MEET, Action.CONSULTED, Action.ASSIGN_PART),
}


def test_every_route_is_described_and_every_description_has_its_route(app, client):
    found = client.get("/api/v1/openapi.json").json

    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule not in NOT_DESCRIBED
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(f"/api/v1{path}", method) for path, calls in found["paths"].items() for method in calls}
    assert found["openapi"] == "3.1.0"
    assert described == routes
    for action in set(Action) - NO_WISH:
        assert (f"/api/v1/tickets/{{number}}/actions/{action}", "post") in described


def references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if "$ref" in node else [])
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_leads_somewhere(client):
    found = client.get("/api/v1/openapi.json").json

    known = {f"#/components/schemas/{name}" for name in found["components"]["schemas"]}

    assert set(references(found)) <= known


def test_the_page_shows_every_call(client):
    found = client.get("/api/v1/openapi.json").json

    page = client.get("/api/v1/docs")

    assert page.status_code == 200
    for path, calls in found["paths"].items():
        for method in calls:
            assert f"{method.upper()} {path}</code>" in page.text


@pytest.mark.browser
def test_the_page_reads_well(page, accessibility):
    page.goto("/api/v1/docs")

    page.locator("summary").first.click()

    assert page.locator("#file_ticket th[scope=row]").first.is_visible()
    assert accessibility(page) == []


def make_command(path, *, real):
    """Make a ``flask`` that makes the token of ``real`` as it does, and has those of the others at hand.

    One of six starts of a command says as much as six, which take a quarter of a minute.
    """
    made = [f'{real}@*) exec "{Path(sys.executable).parent}/flask" "$@" ;;']
    for who in ("clerk", "dispatcher", "dept", "deptlead", "caller"):
        user_id = db.session.scalars(select(User.id).where(User.email == f"{who}@demo.example")).one()
        made.append(f"{who}@*) echo {signing.create_token(user_id, 'curl', now=clock.now())} ;;")
    path.write_text('#!/bin/sh\ncase "$5" in\n' + "\n".join(made) + "\nesac\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the journey is told with curl")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_journey_works_when_pasted(app, site, live_server, tmp_path):
    load.base(clock.now())
    make_command(tmp_path / "flask", real="enterprise")
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    script = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    env = {
        "PATH": os.pathsep.join([str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "API": f"{live_server}/api/v1",
        "DATABASE_URL": site.config.database_url,
        "TICKETING_VAR": str(site.config.var_dir),
        "SECRET_KEY": site.config.secret_key,
        "LC_ALL": "C.UTF-8",
        "NO_PROXY": "*",
    }

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert [
        word for word in said if word in {"accepted", "dispatched", "processing", "reply_review", "replied"}
    ]
    assert "closed" in said
    assert "409" in said
