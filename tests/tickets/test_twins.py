"""Before a request is accepted its likes are shown, and it is joined to one of them in one step."""

from __future__ import annotations

import re

from tests.tickets.desk import fields_of
from ticketing.tickets.words import State


def test_the_clerk_joins_a_likely_duplicate_in_one_step(today, visit):
    earlier = today.ticket(State.PROCESSING, title="三号车间停电")
    later = today.file(title="三号车间又停电了")
    clerk = visit("clerk")

    page = clerk.get(f"/tickets/{later}/accept")
    form = re.search(rf'<form method="post" action="/tickets/{later}/merge">.*?</form>', page.text, re.DOTALL)
    assert form
    assert "供电公司" in page.text
    answer = clerk.post(f"/tickets/{later}/merge", data=fields_of(form.group()))

    assert answer.status_code == 303
    assert today.row(later).status is State.MERGED
    assert today.row(later).merged_into_id == today.row(earlier).id


def test_those_who_may_not_join_see_it_without_the_step_and_others_see_nothing(today, visit):
    alike = today.file(title="三号车间停电")
    number = today.file(title="三号车间又停电了")
    secret = today.file(title="三号车间停电了", confidential=True)

    page = visit("station").get(f"/tickets/{number}/accept").text

    assert alike in page
    assert f"/tickets/{number}/merge" not in page
    assert secret not in page
    assert alike not in visit("station").get(f"/tickets/{secret}/accept").text
