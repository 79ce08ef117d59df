"""What the page of a ticket costs the database, and that what it asks afterwards costs little."""

from __future__ import annotations

import logging

from tests.tickets.desk import statements
from ticketing.tickets.words import State

MOST_FOR_A_PAGE = 8
"""The session and the inbox count of the frame included."""
log = logging.getLogger(__name__)


def test_drafts_and_presence_add_nothing_to_the_page_and_little_after_it(app, today, visit):
    number = today.ticket(State.PROCESSING)
    client, home = visit("dept"), f"/tickets/{number}"
    token = client.get("/me").text.split('name="csrf_token" value="')[1].split('"')[0]
    counted = {}
    for name, call in (
        ("page", lambda: client.get(home)),
        ("drafts", lambda: client.get(f"{home}/drafts")),
        ("first beat", lambda: client.post(f"{home}/here", data={"csrf_token": token})),
        ("next beat", lambda: client.post(f"{home}/here", data={"csrf_token": token})),
        (
            "draft",
            lambda: client.post(f"{home}/drafts", data={"csrf_token": token, "action": "note", "body": "x"}),
        ),
    ):
        call()
        with statements(app) as sent:
            assert call().status_code in {200, 303}
        counted[name] = [one for one in sent if not one.startswith(("BEGIN", "COMMIT", "ROLLBACK"))]

    log.info("statements: %s", {name: len(sent) for name, sent in counted.items()})
    told = " ".join(counted["page"])
    assert "drafts" not in told
    assert "presences" not in told
    assert "reply_texts" not in told
    assert {name: len(sent) for name, sent in counted.items() if name != "page"} == {
        "drafts": 2,
        "first beat": 2,
        "next beat": 2,
        "draft": 3,
    }
    assert len(counted["page"]) <= MOST_FOR_A_PAGE
