"""The judge of the drill itself: it finds what is wrong."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.drill import mails, steps, verdict
from tests.drill.ledger import FILE, Call, Client, Entry, Ledger
from tests.drill.sink import Taken

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
READER = "a@demo.example"
LATER = NOON + timedelta(seconds=90)


def second(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def log(*more):
    """One ticket's events: a clock of a minute begins at noon."""
    state = {"metric": "respond", "limit": "1min", "started_at": NOON.isoformat(), "state": "running"}
    first = {"ticket_id": 1, "at": NOON, "data": {"clocks": {"1": state}}}
    return [first, *more]


def ended(seconds: float, state: str = "met"):
    return {"ticket_id": 1, "at": second(seconds), "data": {"clocks": {"1": {"state": state}}}}


def fired(share: int, at: float, moment: float | None = None):
    due = second(0.6 * share if moment is None else moment)
    return {"ticket_id": 1, "nth": 1, "step": str(share), "fired_at": second(at), "due_moment": due}


def counted(rows, *more):
    return steps.count(steps.runs(log(*more)), rows, LATER)


def test_a_clock_that_fired_everything_once_is_in_order():
    found = counted([fired(50, 31), fired(80, 50), fired(100, 70)])

    assert (found.due, found.fired, found.late_seconds) == (3, 3, [1, 2, 10])
    assert not [*found.missed, *found.doubled, *found.early, *found.wrong]


def test_a_step_missed_doubled_early_or_of_another_moment_is_found():
    found = counted([fired(50, 29), fired(80, 50), fired(80, 51)])
    odd = counted([fired(50, 31), fired(80, 50), fired(100, 70, moment=59), {**fired(50, 80), "step": "70"}])

    assert [found.missed, found.doubled, found.early] == [
        ["respond 100 % of ticket 1"],
        ["respond 80 % of ticket 1"],
        ["respond 50 % of ticket 1"],
    ]
    assert len(odd.wrong) == 2


def test_a_clock_that_ended_must_not_fire_later_steps_and_must_have_fired_old_ones():
    assert counted([], ended(10)).missed == []
    assert counted([fired(50, 31)], ended(10)).early == ["respond 50 % of ticket 1"]
    assert counted([], ended(10_000, "breached")).missed != []


def test_the_fifth_of_one_sort_escalates_and_the_fourth_does_not():
    tickets = [
        {"id": n, "enterprise_id": 1, "category": "PWR", "status": "submitted", "received_at": second(n)}
        for n in range(1, 8)
    ]
    rows = [{"ticket_id": n, "step": steps.SIMILAR} for n in (4, 5, 6, 6)]

    due, missed, doubled, early = steps.similar(tickets, rows, at_once=0)

    assert due == 3
    assert [missed, doubled, early] == [[f"similar-5 of ticket {n}"] for n in (7, 6, 4)]


def test_what_is_stored_later_as_received_earlier_makes_nobody_the_fifth():
    received = (10, 11, 12, 13, 14, 1, 2)
    tickets = [
        {"id": n, "enterprise_id": 1, "category": "PWR", "status": "submitted", "received_at": second(at)}
        for n, at in enumerate(received, start=1)
    ]

    due, missed, doubled, early = steps.similar(tickets, [{"ticket_id": 5, "step": steps.SIMILAR}], at_once=0)

    assert (due, missed, doubled, early) == (1, [], [], [])


def entry(mark: str, status: int | None) -> Entry:
    call = Call(mark, "load1", "enterprise", FILE, None, {"title": f"增容 {mark}"})
    return Entry(call, 0.0, status, '{"number": "QS26"}' if status == 201 else "")


def test_acknowledged_is_exactly_once_and_unknown_at_most_once():
    effects = Counter({(FILE, "", "twice"): 2, (FILE, "", "once"): 1, (FILE, "", "unknown twice"): 2})
    calls = verdict.Calls()
    for one in (entry("once", 201), entry("gone", 201), entry("twice", 201), entry("unknown", None)):
        verdict._judge_call(calls, one, effects)
    verdict._judge_call(calls, entry("unknown twice", None), effects)
    verdict._judge_call(calls, entry("refused", 409), effects)

    assert calls.lost == ["gone submit"]
    assert calls.doubled == ["twice submit: 2 times", "unknown twice submit: 2 times"]
    assert len(calls.refused) == 1
    assert (calls.asked, calls.acknowledged, calls.unknown) == (6, 3, 2)


def letter(at: float, name: str, text: str = "QS26") -> Taken:
    raw = f"Message-ID: {name}\r\nSubject: x\r\n\r\n{text}\r\n".encode()
    return Taken(at, (READER,), raw)


def posted(taken, kills=(), **changed):
    event = {
        "id": 7, "number": "QS26", "title": "增容 load1-1", "action": FILE, "from_status": None,
        "actor_id": 1, "enterprise_id": 1, "unit_id": None,
    }  # fmt: skip
    calm = event | {"id": 6, "title": "增容 calm-1"}
    rows = {
        "deliveries": [
            {"id": n, "address": "email:3", "state": "sent", "message_id": f"<{n}>", "email": READER}
            for n in (1, 2)
        ],
        "events": [calm, event],
        "delivery_events": [
            {"event_id": n + 5, "address": "email:3", "delivery_id": n} for n in (1, 2)
        ],
        "escalations": [],
    }  # fmt: skip
    return mails.count(rows | changed, taken, kills)


def test_letters_that_came_once_are_in_order():
    found = posted([letter(0, "<1>"), letter(1, "<2>")])

    assert not [*found.lost, *found.strange, *found.unexplained]


def test_a_lost_a_strange_and_a_silent_letter_is_found():
    assert len(posted([letter(0, "<1>")]).lost) == 1
    assert len(posted([letter(0, "<1>"), letter(1, "<2>"), letter(2, "<3>")]).strange) == 1
    assert posted([letter(0, "<1>"), letter(1, "<2>", "nothing")]).lost == ["letter 2 does not name QS26"]
    nobody = [{"event_id": 6, "address": "email:3", "delivery_id": 1}]
    assert "not told" in posted([letter(0, "<1>"), letter(1, "<2>")], delivery_events=nobody).lost[0]


def test_a_letter_may_come_again_only_after_a_kill():
    again = [letter(0, "<1>"), letter(1, "<2>"), letter(30, "<2>")]

    assert posted(again).unexplained == ["letter 2 came again after 29.0 s"]
    assert posted(again, kills=[1.2]).unexplained == []
    assert posted(again, kills=[1.2]).repeated == 1


def test_the_ledger_gives_back_what_became_of_every_call(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    client = Client(1, {"enterprise": "x"}, ledger)  # nothing listens on port 1
    calls = [entry("done", 201).call, entry("gone", None).call]
    for call in calls:
        client.announce(call)
    assert client.ask(calls[1]) is None
    ledger.write(mark="done", status=201, answer='{"number": "QS26"}')
    ledger.close()

    found = ledger.read()

    assert found["done"].is_acknowledged
    assert found["done"].number == "QS26"
    assert found["gone"].status is None
    assert found["gone"].trouble == ["ConnectionRefusedError"]
