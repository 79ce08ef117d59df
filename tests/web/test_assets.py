"""Static files are fetched once: their addresses carry their content's mark."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_what_a_page_names_is_kept_for_good(client):
    named = re.findall(r'(?:href|src)="(/static/[^"#]+)', client.get("/sign-in").text)

    assert len(named) > 5
    for address in set(named):
        with client.get(address) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", address


@pytest.mark.parametrize("mark", ["", "?v=0123456789"])
def test_an_address_with_another_mark_is_asked_for_again(client, mark):
    with client.get(f"/static/css/base.css{mark}") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def test_what_is_not_there_is_not_kept(client):
    answer = client.get("/static/css/none.css?v=0123456789")

    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")
