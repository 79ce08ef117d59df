"""The queue, the list and the staff's page of a ticket."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.tickets.desk import fields_of, hidden, send, statements
from ticketing.tickets.words import Action, State
from ticketing.web.language import COOKIE

MOST_STATEMENTS = 8


def chips(page: str) -> dict[str, str]:
    """Return what the chips of a page say: their words and their counts."""
    return dict(re.findall(r'class="chip[^"]*" href="[^"]*"[^>]*>([^<]+?)\s*<b[^>]*>([^<]+)</b>', page))


def press(client: FlaskClient, page: TestResponse, action: str) -> TestResponse:
    """Press the button of a row: it sends the page's one form, and the version it shows."""
    seen = re.search(rf'form="quick" formaction="{action}" name="version" value="([0-9]+)"', page.text)
    assert seen, f"no button for {action}"
    form = re.search(r'<form id="quick".*?</form>', page.text)
    assert form
    return client.post(action, data={**fields_of(form.group()), "version": seen.group(1)})


def numbers(page: str) -> list[str]:
    return re.findall(r'class="row__title clamp" href="/tickets/(QS[0-9-]+)"', page)


TO_DO = [
    ("clerk", State.SUBMITTED),
    ("clerk", State.NEED_INFO),
    ("dispatcher", State.ACCEPTED),
    ("dispatcher", State.RETURN_REVIEW),
    ("dept", State.DISPATCHED),
    ("dept", State.PROCESSING),
    ("deptlead", State.REPLY_REVIEW),
    ("caller", State.REPLIED),
    ("supervisor", State.PROCESSING),
    ("manager", State.DISPATCHED),
    ("station", State.SUBMITTED),
]


def test_the_queue_opens_with_what_is_the_persons_to_do(today, visit):
    number_in = {
        state: today.ticket(state) for state in (State.CLOSED, *{state: who for who, state in TO_DO})
    }

    for who, state in TO_DO:
        page = visit(who).get("/tickets/queue")

        assert page.status_code == 200
        assert number_in[state] in numbers(page.text), who
        assert number_in[State.CLOSED] not in numbers(page.text), who


def test_what_is_not_theirs_is_one_click_away(today, visit):
    number = today.ticket(State.PROCESSING)

    assert number not in numbers(visit("clerk").get("/tickets/queue").text)
    assert number in numbers(visit("clerk").get("/tickets/queue?view=all").text)
    assert numbers(visit("station2").get("/tickets/queue?view=all").text) == []


def test_counters_equal_their_lists(today, visit):
    for state in (State.SUBMITTED, State.ACCEPTED, State.PROCESSING, State.REPLIED, State.NEED_INFO):
        today.ticket(state)
    first = visit("manager").get("/tickets/queue").text
    hrefs = re.findall(r'class="chip[^"]*" href="([^"]*)"[^>]*>[^<]+?\s*<b[^>]*>([0-9]+)</b>', first)

    assert len(hrefs) >= 3
    for href, count in hrefs:
        page = visit("manager").get(href.replace("&amp;", "&")).text
        assert len(numbers(page)) == int(count), href


def test_sections_are_told_apart_by_word_and_late_ones_come_first(today, visit):
    fresh = today.ticket(State.PROCESSING)
    today.now -= timedelta(days=30)
    late = today.ticket(State.PROCESSING)

    page = visit("dept").get("/tickets/queue").text

    assert numbers(page) == [late, fresh]
    assert "已超时" in page
    narrowed = visit("dept").get("/tickets/queue?section=overdue").text
    assert numbers(narrowed) == [late]


def test_signing_and_taking_from_the_row_come_back_to_the_queue(today, visit):
    number = today.ticket(State.DISPATCHED)
    queue = visit("dept").get("/tickets/queue")

    answer = press(visit("dept"), queue, f"/tickets/{number}/sign")

    assert answer.status_code == 303
    assert answer.location.startswith("/tickets/queue")
    taken = visit("dept").get("/tickets/queue")
    assert "已签收" in taken.text
    assert press(visit("dept"), taken, f"/tickets/{number}/claim").status_code == 303
    assert [event.action for event in today.events(number)][-2:] == [Action.SIGN, Action.CLAIM]


def test_a_way_back_leads_only_to_this_site(today, visit):
    number = today.ticket(State.DISPATCHED)
    form = {
        **hidden(visit("dept").get(f"/tickets/{number}"), f"/tickets/{number}/sign"),
        "next": "//evil.example",
    }

    assert visit("dept").post(f"/tickets/{number}/sign", data=form).location == f"/tickets/{number}"


def test_an_empty_queue_says_what_was_done_today(today, visit):
    number = today.ticket(State.DISPATCHED)
    today.act("deptlead", number, "transfer", unit="D-HRS", message="职责所在")

    assert "没有等您处理的诉求" in visit("dept").get("/tickets/queue").text
    assert "今天您办了 1 件诉求" in visit("deptlead").get("/tickets/queue").text


@pytest.mark.parametrize("path", ["/tickets/queue", "/tickets", "/tickets?q=用电&status=processing&unit=C0"])
def test_a_list_takes_few_statements_however_many_tickets_there_are(app, today, visit, path):
    sent = {}
    for wanted in (1, 6):
        while len(numbers(visit("supervisor").get("/tickets").text)) < wanted:
            today.ticket(State.PROCESSING)
        visit("supervisor").get(path)  # how common words are is looked up now and then
        with statements(app) as seen:
            assert visit("supervisor").get(path).status_code == 200
        sent[wanted] = len(seen)

    assert sent[1] == sent[6] <= MOST_STATEMENTS


@pytest.mark.parametrize("path", ["/tickets/queue", "/tickets/queue?filter=1", "/tickets/queue?view=all"])
def test_the_queue_of_who_has_most_to_count_takes_few_statements(app, today, visit, path):
    for state in (State.SUBMITTED, State.PROCESSING, State.REPLIED):
        today.ticket(state)
    visit("station").get(path)
    with statements(app) as seen:
        assert visit("station").get(path).status_code == 200

    assert len(seen) <= MOST_STATEMENTS, "\n".join(seen)


def test_the_page_of_a_ticket_takes_as_many_statements_with_a_long_history(app, today, visit):
    number = today.ticket(State.PROCESSING)
    visit("dept").get(f"/tickets/{number}")
    sent = []
    for _round in range(2):
        with statements(app) as seen:
            visit("dept").get(f"/tickets/{number}")
        sent.append(len(seen))
        for text in ("一", "二", "三"):
            today.act("dept", number, "note", body=text)

    assert sent[0] == sent[1]


def test_pages_of_a_long_list_follow_each_other_without_gap_or_repeat(today, visit):
    made = {today.file() for _number in range(53)}

    first = visit("clerk").get("/tickets/queue").text
    href = re.search(r'href="([^"]+)" rel="next"', first)
    assert href
    second = visit("clerk").get(href.group(1).replace("&amp;", "&")).text

    assert len(numbers(first)) == 50
    assert set(numbers(first)) | set(numbers(second)) == made
    listed = visit("clerk").get("/tickets").text
    assert "这一页 50 件" in listed  # how many there are in all is not counted
    assert "翻页参数无效" in visit("clerk").get("/tickets/queue?cursor=made-up").text


def test_bad_values_in_an_address_are_ignored_with_a_word(today, visit):
    number = today.ticket(State.PROCESSING)

    page = visit("clerk").get("/tickets?status=flying&light=blue&from=soon&unit=ZZ&kind=help")

    assert page.status_code == 200
    assert number in numbers(page.text)
    assert page.text.count("不认识的值") == 3
    assert "不是日期" in page.text


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("status=processing", True),
        ("status=closed", False),
        ("unit=D-PWR", True),
        ("unit=D-HRS", False),
        ("unit=C0", True),
        ("category=PWR&kind=help&level=normal&channel=platform", True),
        ("kind=praise", False),
        ("open=1", True),
        ("open=0", False),
        ("from=today&to=today", True),
        ("to=2020-01-01", False),
        ("closed_from=2020-01-01", False),
        ("q=增容", True),
        ("q=没有这个词", False),
    ],
)
def test_the_list_narrows_by_its_address(today, visit, query, is_found):
    number = today.ticket(State.PROCESSING)

    page = visit("clerk").get(f"/tickets?{query}").text

    assert (number in numbers(page)) is is_found
    assert ("共 1 件" in page) is is_found


def test_a_number_typed_anyhow_leads_to_its_ticket(today, visit):
    number = today.ticket(State.PROCESSING)
    spoken = number.lower().replace("-", " ")

    assert visit("clerk").get("/tickets", query_string={"q": spoken}).location == f"/tickets/{number}"
    assert visit("clerk").get(f"/tickets/{spoken}").location == f"/tickets/{number}"


def test_a_contact_is_masked_until_asked_for_and_the_asking_is_on_record(today, visit):
    number = today.ticket(State.PROCESSING)
    phone = today.row(number).contact_phone
    home = visit("dept").get(f"/tickets/{number}")

    assert phone not in home.text
    version = today.row(number).version
    answer = visit("dept").post(
        f"/tickets/{number}/reveal",
        data={**hidden(home, f"/tickets/{number}/reveal"), "reason": "约现场勘查"},
    )

    assert answer.status_code == 303
    assert phone in visit("dept").get(f"/tickets/{number}").text
    assert phone not in visit("deptlead").get(f"/tickets/{number}").text
    last = today.events(number)[-1]
    assert (last.action, last.data["said"]) == (Action.REVEAL, {"reason": "约现场勘查"})
    assert today.row(number).version == version


def test_a_contact_is_shown_neither_without_a_reason_nor_to_those_who_do_not_call(today, visit):
    number = today.ticket(State.PROCESSING)
    before = len(today.events(number))

    send(visit("dept"), f"/tickets/{number}/reveal", reason="  ")
    send(visit("manager"), f"/tickets/{number}/reveal", reason="看看")
    assert send(visit("enterprise2"), f"/tickets/{number}/reveal", reason="看看").status_code == 404

    assert len(today.events(number)) == before
    assert f"/tickets/{number}/reveal" not in visit("manager").get(f"/tickets/{number}").text


def test_other_requests_of_a_company_do_not_give_a_confidential_one_away(today, visit):
    secret = today.file(kind="violation_report", title="举报同行")
    number = today.ticket(State.PROCESSING)

    assert secret in visit("clerk").get(f"/tickets/{number}").text
    assert secret not in visit("dept").get(f"/tickets/{number}").text
    assert secret not in visit("dispatcher").get(f"/tickets/{number}").text


def test_the_page_says_what_to_do_first(today, visit):
    number = today.ticket(State.PROCESSING)
    first = re.compile(r'class="button button--primary"[^>]*>([^<]+)<')

    assert "记录联系" in first.findall(visit("dept").get(f"/tickets/{number}").text)
    today.act("dept", number, "contact", outcome="reached")
    assert "提交答复" in first.findall(visit("dept").get(f"/tickets/{number}").text)
    assert "现在没有等您办的事" in visit("manager").get(f"/tickets/{number}").text


def test_a_button_in_a_row_acts_once_however_often_it_is_pressed(today, visit):
    number = today.ticket(State.DISPATCHED)
    seen = str(today.row(number).version)

    for _ in range(2):
        answer = send(visit("dept"), f"/tickets/{number}/sign", version=seen, next="/tickets/queue")
        assert answer.status_code == 303

    assert [event.action for event in today.events(number)].count(Action.SIGN) == 1


def test_a_line_has_the_button_of_whoever_looks(today, visit):
    number = today.ticket(State.DISPATCHED)

    for _ in range(2):
        theirs, others = (visit(who).get("/tickets").text for who in ("dept", "clerk"))
        assert f'formaction="/tickets/{number}/sign"' in theirs
        assert number in others
        assert 'formaction="/tickets/QS' not in others


def test_a_line_drawn_for_one_person_hides_from_another_what_is_hidden(today, visit):
    number = today.file(confidential=True)
    name = today.row(number).title

    for _ in range(2):
        trusted, other = (visit(who).get("/tickets").text for who in ("clerk", "auditor"))
        assert name in trusted
        assert name in other
        assert "***" not in trusted
        assert "***" in other


def test_a_line_speaks_the_language_of_whoever_looks(today, visit):
    today.ticket(State.PROCESSING)
    visit("clerk").set_cookie(COOKIE, "en", domain="localhost")

    for _ in range(2):
        assert "办理中</span>" in visit("dispatcher").get("/tickets").text
        assert "办理中</span>" not in visit("clerk").get("/tickets").text
