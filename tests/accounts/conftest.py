"""The district of the accounts tests."""

import pytest

from tests.accounts import kit


@pytest.fixture
def town(app):
    return kit.district()
