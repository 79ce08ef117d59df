"""Which company a filing means."""

import threading

import pytest
from sqlalchemy import func, select

from tests.accounts import kit
from tests.accounts.kit import CODE, NOW, actor
from ticketing.accounts import rules
from ticketing.accounts.actions.companies import known_enterprise
from ticketing.accounts.models import Enterprise
from ticketing.accounts.queries import people as queries
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotPermitted

OTHER_CODE = rules.make_uscc("91320505MA3333333")


def count():
    return db.session.scalar(select(func.count()).select_from(Enterprise))


def test_a_known_code_keeps_its_stored_name(app):
    stored = kit.company()

    found = known_enterprise(CODE.lower(), "青禾精密(苏州)有限公司", now=NOW)

    assert (found.id, found.name) == (stored.id, "青禾精密")


def test_without_a_code_the_exact_name_decides(app):
    stored = kit.company()

    assert known_enterprise(None, " 青禾精密 ", now=NOW).id == stored.id
    assert known_enterprise("", "青禾", now=NOW).id != stored.id


def test_an_unknown_company_is_written_down_unverified(app):
    made = known_enterprise(OTHER_CODE, "新芽生物", now=NOW)
    nameless = known_enterprise(None, "无码商行", now=NOW)

    assert (made.uscc, made.name, made.is_verified) == (OTHER_CODE, "新芽生物", False)
    assert (nameless.uscc, nameless.is_verified) == (None, False)


def test_a_code_may_follow_later(app):
    first = known_enterprise(None, "新芽生物", now=NOW)

    second = known_enterprise(OTHER_CODE, "新芽生物", now=NOW)

    assert (second.id, second.uscc, count()) == (first.id, OTHER_CODE, 1)


def test_two_of_one_name_without_codes_are_not_guessed_between(app):
    kit.company("新芽生物", None)
    kit.company("新芽生物", None)

    assert known_enterprise(OTHER_CODE, "新芽生物", now=NOW).uscc == OTHER_CODE
    assert count() == 3


@pytest.mark.parametrize(
    ("code", "name"), [(CODE[:-1], "x"), (None, ""), (None, "\u200b "), (OTHER_CODE, "名" * 121)]
)
def test_what_cannot_be_a_company_leaves_none(app, code, name):
    with pytest.raises(Invalid):
        known_enterprise(code, name, now=NOW)

    assert count() == 0


def test_it_joins_the_filing_s_transaction(app):
    def file_and_fail():
        with transaction():
            known_enterprise(OTHER_CODE, "新芽生物", now=NOW)
            raise Invalid

    with pytest.raises(Invalid):
        file_and_fail()

    assert count() == 0


def test_two_desks_at_once_write_one_company(app):
    found = []

    def desk():
        with app.app_context():
            found.append(known_enterprise(OTHER_CODE, "新芽生物", now=NOW).id)

    threads = [threading.Thread(target=desk) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 6
    assert len(set(found)) == 1
    assert count() == 1


def test_intake_staff_find_a_company_by_part_of_the_name_or_by_code(app):
    town = kit.district()
    for number in range(12):
        kit.company(f"湖畔{number:02}", None)
    clerk = actor(town.clerk)

    assert [one.name for one in queries.enterprise_search(clerk, "禾精")] == ["青禾精密"]
    assert [one.name for one in queries.enterprise_search(clerk, CODE.lower())] == ["青禾精密"]
    assert len(queries.enterprise_search(clerk, "湖畔")) == 10
    assert queries.enterprise_search(clerk, "") == []
    assert queries.enterprise_search(clerk, "%") == []
    assert queries.enterprise_search(clerk, "青_精") == []


def test_nobody_else_searches_companies(app):
    town = kit.district()

    with pytest.raises(NotPermitted):
        queries.enterprise_search(actor(town.owner), "远山")
