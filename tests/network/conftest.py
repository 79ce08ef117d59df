"""The small world, for the tests of the network."""

import pytest
from flask import Flask

from tests.world import World


@pytest.fixture
def world(app: Flask) -> World:
    """Return the demo district on a fresh database."""
    return World(app)
