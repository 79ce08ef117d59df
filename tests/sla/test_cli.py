"""What `flask sla due` prints."""

import pytest
from click import ClickException
from flask import Flask

from ticketing.core.errors import DomainError
from ticketing.sla.cli import cli, print_batch, print_one
from ticketing.sla.rules.china import CN

# The calendar is passed in: what is stored is tested where it is read.


@pytest.mark.parametrize(
    ("limit", "start", "expected"),
    [
        ("5wd", "2026-09-18T10:00+08:00", "2026-09-24T17:00:00+08:00"),
        ("3wd", "2026-09-30T02:00Z", "2026-10-10T17:00:00+08:00"),
        ("1wd", "2026-02-12T21:00-05:00", "2026-02-14T17:00:00+08:00"),
        ("24h", "2026-12-31T10:00+08:00", "2027-01-01T10:00:00+08:00"),
    ],
)
def test_due_prints_district_time(capsys, limit, start, expected):
    print_one(limit, start, CN, is_explained=False)
    assert capsys.readouterr() == (expected + "\n", "")


def test_due_says_provisional_beside_the_answer(capsys):
    print_one("2wd", "2026-12-30T10:00+08:00", CN, is_explained=False)
    said = capsys.readouterr()
    assert said.out == "2027-01-01T17:00:00+08:00\n"
    assert "尚未公布" in said.err


def test_what_another_notice_may_change_is_marked_in_the_explanation(capsys):
    print_one("2wd", "2026-12-30T10:00+08:00", CN, is_explained=True)
    assert capsys.readouterr().out.splitlines() == [
        "2027-01-01T17:00:00+08:00",
        "2026-12-30T10:00:00+08:00  2026-12-31T00:00:00+08:00  不计  收件当日不计",
        "2026-12-31T00:00:00+08:00  2027-01-01T00:00:00+08:00  计入  工作日",
        "2027-01-01T00:00:00+08:00  2027-01-01T17:00:00+08:00  计入  工作日（暂定）",
        "暂定:有年份的放假安排尚未公布",
    ]


def test_due_explains_itself(capsys):
    print_one("4wh", "2026-09-18T15:00+08:00", CN, is_explained=True)
    assert capsys.readouterr().out.splitlines() == [
        "2026-09-20T11:00:00+08:00",
        "2026-09-18T15:00:00+08:00  2026-09-18T17:00:00+08:00  计入  工作时间",
        "2026-09-18T17:00:00+08:00  2026-09-19T00:00:00+08:00  不计  非工作时间",
        "2026-09-19T00:00:00+08:00  2026-09-20T00:00:00+08:00  不计  周末",
        "2026-09-20T00:00:00+08:00  2026-09-20T09:00:00+08:00  不计  非工作时间",
        "2026-09-20T09:00:00+08:00  2026-09-20T11:00:00+08:00  计入  调休上班",
    ]


@pytest.mark.parametrize(
    ("limit", "start", "said"),
    [
        ("5xx", "2026-09-18T10:00+08:00", "“5xx”无法识别"),
        ("0wd", "2026-09-18T10:00+08:00", "“0wd”无法识别"),
        ("-1h", "2026-09-18T10:00+08:00", "“-1h”无法识别"),
        ("401wd", "2026-09-18T10:00+08:00", "太长"),
        ("5wd", "2026-09-18T10:00", "没有时区"),
        ("5wd", "tomorrow", "无法识别"),
    ],
)
def test_due_refuses_with_the_reason(capsys, limit, start, said):
    with pytest.raises(DomainError) as refused:
        print_one(limit, start, CN, is_explained=True)
    assert said in refused.value.text % refused.value.facts
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "words", [(), ("--limit", "5wd"), ("--start", "2026-09-18T10:00Z"), ("--batch", "-", "--limit", "5wd")]
)
def test_due_asks_for_what_it_needs(words):
    app = Flask("test")
    app.cli.add_command(cli)

    done = app.test_cli_runner().invoke(args=["sla", "due", *words])

    assert done.exit_code == 2
    assert "--batch" in done.stderr


def test_batch_prints_one_line_a_line(capsys):
    print_batch(["5wd,2026-09-18T10:00+08:00\n", "1wd,2026-02-13T10:00+08:00\n"], CN)
    assert capsys.readouterr().out == "2026-09-24T17:00:00+08:00\n2026-02-14T17:00:00+08:00\n"


def test_batch_names_the_bad_line_goes_on_and_ends_with_one(capsys):
    with pytest.raises(ClickException) as ended:
        print_batch(["5wd,2026-09-18T10:00+08:00", "5\ufffd,x", "1wd,2026-02-13T10:00+08:00"], CN)

    first, second, third = capsys.readouterr().out.splitlines()
    assert (first, third) == ("2026-09-24T17:00:00+08:00", "2026-02-14T17:00:00+08:00")
    assert "第 2 行" in second
    assert ended.value.exit_code == 1
    assert "1 行未能计算" in ended.value.message
