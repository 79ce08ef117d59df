"""The demo district at one moment, made once in each process."""

from datetime import UTC, datetime

import pytest

from tests.kit.databases import Sites
from tests.kit.site import Site
from ticketing.demo import load

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def district_on(sites: Sites, database: str) -> Site:
    """Return the application with the demo district in its database, and no ticket."""
    found = sites.on(database)
    found.reset_to("demo_district", lambda: load.base(NOW))
    return found


@pytest.fixture
def site(sites: Sites, database: str) -> Site:
    return district_on(sites, database)
