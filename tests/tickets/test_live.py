"""What an open queue asks again and again: what changed, left and came; and the panel beside it."""

from __future__ import annotations

import re

from tests.tickets.desk import statements
from ticketing.tickets.words import State

ROWS = "/tickets/queue/rows"


def seen_on(page: str) -> str:
    return ",".join(
        f"{number}.{seen}" for number, seen in re.findall(r'data-row="([^"]+)" data-seen="([^"]+)"', page)
    )


def look(visit, who: str, view: str = "todo", **args: str):
    seen = seen_on(visit(who).get("/tickets/queue", query_string={"view": view}).text)
    return lambda: visit(who).get(ROWS, query_string={"view": view, "seen": seen} | args).json


def test_nothing_is_said_while_nothing_happens(today, visit):
    today.ticket(State.DISPATCHED)

    assert look(visit, "dept")() == {"rows": {}, "gone": [], "arrived": 0}


def test_a_line_that_changed_is_drawn_anew_one_that_left_is_gone_and_new_ones_are_counted(today, visit):
    signed, moved = today.ticket(State.DISPATCHED), today.ticket(State.DISPATCHED)
    ask = look(visit, "dept")
    today.act("dept", signed, "sign")
    today.act("deptlead", moved, "transfer", unit="D-HRS", message="职责所在")
    today.ticket(State.DISPATCHED)

    told = ask()

    assert (list(told["rows"]), told["gone"], told["arrived"]) == ([signed], [moved], 1)
    assert 'formaction="/tickets/' + signed + '/claim"' in told["rows"][signed]
    assert told["counts"]["view_todo"] == 2


def test_what_others_asked_for_is_never_told(today, visit):
    foreign = today.ticket(State.SUBMITTED)
    hidden = f"{foreign}.1.green"

    told = visit("dept").get(ROWS, query_string={"seen": hidden}).json

    assert told == {"rows": {}, "gone": [foreign], "arrived": 0, "counts": told["counts"]}
    assert visit("enterprise").get(ROWS).status_code == 403


def test_what_only_moved_to_the_next_page_is_neither_gone_nor_new(today, visit):
    number = today.ticket(State.DISPATCHED)
    later = today.ticket(State.DISPATCHED)
    seen = f"{later}.{today.row(later).version}.green"

    told = visit("dept").get(ROWS, query_string={"seen": seen, "cursor": ""}).json
    assert told["arrived"] == 1
    first = visit("dept").get(
        ROWS, query_string={"seen": f"{number}.{today.row(number).version}.green", "full": "1"}
    ).json  # fmt: skip
    assert (first["gone"], first["arrived"]) == ([], 0)


def test_rubbish_is_ignored(visit):
    for seen in ("", ",,,", "QS", "x" * 3000, "QS26-000-000-000.1.green", "%00.1.red"):
        assert visit("dept").get(ROWS, query_string={"seen": seen}).status_code == 200


def test_asking_takes_few_statements_however_long_the_queue_is(app, today, visit):
    sent = []
    for wanted in (1, 6):
        for _ in range(wanted):
            today.ticket(State.DISPATCHED)
        ask = look(visit, "dept")
        ask()
        with statements(app) as seen:
            ask()
        sent.append(len(seen))

    assert sent[0] == sent[1] <= 5


def test_the_panel_holds_the_essentials_and_leads_back_to_the_list(today, visit):
    number = today.ticket(State.DISPATCHED)

    page = visit("dept").get(f"/tickets/{number}/panel?next=/tickets/queue?view=sign")

    assert "需要增容 500 kVA" in page.text
    assert f'action="/tickets/{number}/sign"' in page.text
    assert 'name="next" value="/tickets/queue?view=sign"' in page.text
    assert f'href="/tickets/{number}#do-note"' in page.text
    assert "<html" not in page.text
    for who in ("dept2", "enterprise"):
        assert visit(who).get(f"/tickets/{number}/panel").status_code == 404
