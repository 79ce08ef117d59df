"""Fixtures of the tickets' tests over HTTP."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.tickets.desk import Visit, visits, world_now
from tests.world import World


@pytest.fixture
def today(app: Flask) -> World:
    """Return the demo district at the present moment."""
    return world_now(app)


@pytest.fixture
def visit(app: Flask, today: World) -> Visit:
    """Return who signs people in: visit("clerk") is the clerk's browser."""
    return visits(app)
