"""The district seen from outside: programs that call the API with a person's token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.world import World
from ticketing.accounts.actions import signing

FILING = {
    "title": "车间用电增容",
    "description": "新线下月投产，需要增容 500 kVA",
    "category": "PWR",
    "contact": {"name": "林知夏", "phone": "13800001111"},
}


@dataclass(frozen=True)
class Caller:
    """One program with one person's token."""

    app: Flask
    token: str

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._send("GET", path, **options)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **options: Any) -> TestResponse:
        if body is not None:
            options["json"] = body
        headers = {"Idempotency-Key": key} if key is not None else {}
        return self._send("POST", path, headers=headers, **options)

    def act(self, number: str, action: str, **body: Any) -> TestResponse:
        return self.post(f"/tickets/{number}/actions/{action}", body)

    def file(self, **fields: Any) -> str:
        answer = self.post("/tickets", FILING | fields)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["number"])

    def _send(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.app.test_client().open(
            f"/api/v1{path}", method=method, headers=headers, buffered=True, **options
        )


class Callers:
    """Makes a caller for each person, by the first part of the demo address."""

    def __init__(self, app: Flask, world: World) -> None:
        self._app, self._world = app, world
        self._made: dict[str, Caller] = {}

    def __getattr__(self, who: str) -> Caller:
        if who not in self._made:
            user_id = self._world.actor(who).user_id
            assert user_id is not None
            self._made[who] = Caller(self._app, signing.create_token(user_id, "tests", now=self._world.now))
        return self._made[who]


@pytest.fixture
def by(app: Flask, world: World) -> Callers:
    return Callers(app, world)
