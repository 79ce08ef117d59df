"""The description of the API tells the truth: every route is in it, and its journey works when pasted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ticketing.core import clock
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


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the journey is told with curl")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_journey_works_when_pasted(app, site, live_server):
    load.base(clock.now())
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    script = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    env = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
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
