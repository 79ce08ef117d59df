"""Pages of messages: how they fare, sending again, the ways out, wordings, a person's own settings."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import select

from config import Smtp
from tests.accounts.kit import browser
from tests.notify.test_outward import GOOD
from tests.tickets.desk import send, visits, world_now
from ticketing.accounts.rules import DEMO_PASSWORD
from ticketing.core.actor import Role
from ticketing.core.db import db, transaction
from ticketing.notify.actions import beats
from ticketing.notify.models import Destination, MessageRule, MessageSwitch, MessageText, Robot, SmsGateway
from ticketing.notify.words import Channel, DeliveryState, Reach


@pytest.fixture
def visit(app, world):
    return visits(app)


@pytest.fixture
def today(app, post):
    post.world = world_now(app)
    return post


def dead_letter(post, mail):
    post.world.file()
    mail.recipients["clerk@demo.example"] = "550 no such user: clerk@demo.example"
    post.deliver()
    return post.to("clerk")[0].id


def test_the_overview_tells_what_is_dead_why_and_who_works(today, mail, visit):
    dead_letter(today, mail)
    beats.beat("host:1", today.now(), now=today.now())

    page = visit("admin").get("/admin/messages").text

    assert "被对方拒收" in page
    assert "邮件服务器拒绝（550）" in page
    assert "no such user" not in page
    assert "host:1" in page
    assert "没有响应" in page
    assert "后台程序没有运行" in page
    assert "/again" not in visit("auditor").get("/admin/messages").text


def test_a_dead_letter_is_sent_again_under_its_id(today, mail, visit):
    number = dead_letter(today, mail)
    name = today.rows(id=number)[0].message_id
    mail.recipients.clear()

    answer = send(visit("admin"), f"/admin/messages/{number}/again")
    today.world.later(hours=2)
    today.send()

    assert answer.status_code == 303
    assert today.rows(id=number)[0].state is DeliveryState.SENT
    assert mail.ids[-1] == name
    assert send(visit("admin"), f"/admin/messages/{number}/again").status_code == 404


def test_all_dead_letters_are_sent_again_at_once(today, mail, visit):
    dead_letter(today, mail)
    mail.recipients.clear()

    send(visit("admin"), "/admin/messages/again")
    today.world.later(hours=2)
    today.send()

    assert today.states() == {DeliveryState.SENT: 3}


def test_a_destination_that_fails_is_named(today, visit):
    with transaction():
        db.session.add(
            Destination(name="mail.example", failures=7, last_error="timeout", changed_at=today.now())
        )

    assert "mail.example 连续失败 7 次：对方没有及时回应" in visit("admin").get("/admin/messages").text


def test_a_robot_is_entered_and_its_token_never_shown(visit, world):
    answer = send(
        visit("admin"), "/admin/messages/robots/new", unit="D-PWR", name="供电值班群", address=GOOD,
        quiet_from="22:00", quiet_to="07:30",
    )  # fmt: skip

    assert answer.status_code == 303
    page = visit("admin").get("/admin/messages/channels").text
    assert "供电值班群" in page
    assert "693a91f6" not in page
    robot = db.session.scalars(select(Robot)).one()
    assert robot.quiet_to == time(7, 30)
    send(visit("admin"), f"/admin/messages/robots/{robot.id}", on="0")
    assert not db.session.scalars(select(Robot).execution_options(populate_existing=True)).one().is_active


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"address": "http://qyapi.weixin.qq.com/x"}, "地址须以 https:// 开头"),
        ({"address": "https://evil.example/robot"}, "只能用企业微信、钉钉、飞书群机器人的地址"),
        ({"quiet_to": ""}, "要么都填，要么都不填"),
        ({"quiet_to": "25:99"}, "请写成 22:00 这样的时间"),
        ({"unit": "NONE"}, "请从列表中选择"),
        ({"secret": "x"}, "企业微信机器人没有签名密钥"),
    ],
)
def test_a_bad_robot_is_refused_with_the_reason_and_keeps_what_was_typed(visit, world, fields, told):
    good = {
        "unit": "D-PWR",
        "name": "供电值班群",
        "address": GOOD,
        "quiet_from": "22:00",
        "quiet_to": "07:30",
    }

    answer = send(visit("admin"), "/admin/messages/robots/new", **(good | fields))

    assert answer.status_code == 422
    assert told in answer.text
    assert "供电值班群" in answer.text
    assert db.session.scalars(select(Robot)).all() == []


def test_the_gateway_is_set_up_and_its_secret_never_shown(visit, world):
    bad = send(visit("admin"), "/admin/messages/sms", url="https://10.0.0.1/", secret="s3cr3t", is_on="y")
    good = send(
        visit("admin"), "/admin/messages/sms", url="https://sms.example.com/", secret="s3cr3t", is_on="y"
    )

    assert (bad.status_code, good.status_code) == (422, 303)
    assert "不能用内网或本机的地址" in bad.text
    assert db.session.scalars(select(SmsGateway)).one().is_active
    assert "s3cr3t" not in visit("admin").get("/admin/messages/sms").text
    assert "s3cr3t" not in visit("admin").get("/admin/messages/channels").text


def test_a_rule_is_changed(visit, world):
    answer = send(
        visit("admin"),
        "/admin/messages/rules/handler/email",
        reach="urgent",
        quiet_from="20:00",
        quiet_to="06:00",
    )

    assert answer.status_code == 303
    row = db.session.get_one(MessageRule, (Role.HANDLER, Channel.EMAIL))
    assert (row.reach, row.quiet_from) == (Reach.URGENT, time(20))
    assert visit("admin").get("/admin/messages/rules/handler/robot").status_code == 404
    assert visit("admin").get("/admin/messages/rules/nobody/email").status_code == 404


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("{name} 您好", "没有 {name} 这个占位符"),
        ("{number.__class__}", "花括号只能用来写占位符"),
        ("{{7*7}}", "花括号只能用来写占位符"),
        ("x" * 130, "最多 120 个字"),
    ],
)
def test_a_wording_with_an_unknown_placeholder_is_refused_where_it_is_entered(visit, world, body, told):
    answer = send(visit("admin"), "/admin/messages/texts/mail_subject/zh", body=body)

    assert answer.status_code == 422
    assert told in answer.text
    assert db.session.scalars(select(MessageText)).all() == []


def test_a_wording_is_used_and_can_be_taken_back(today, mail, visit):
    send(visit("admin"), "/admin/messages/texts/mail_subject/zh", body="请看 {number}：{title}")
    number = today.world.file(title="Bcc: x@y.example")
    today.deliver()
    send(visit("admin"), "/admin/messages/texts/mail_subject/zh", body="  ")

    letter = mail.mails[0]
    assert letter["Subject"] == f"请看 {number}：Bcc: x@y.example"
    assert letter["Bcc"] is None
    assert db.session.scalars(select(MessageText)).all() == []


def test_what_people_type_makes_no_header_and_no_placeholder(today, mail, visit):
    send(visit("admin"), "/admin/messages/texts/mail_subject/zh", body="{title} {number}")
    number = today.world.file(title="{link} a%(x)s <b>\u2028Subject: no")

    today.deliver()

    assert mail.mails[0]["Subject"] == f"{{link}} a%(x)s <b> Subject: no {number}"
    assert mail.mails[0].get_content_type() == "text/plain"


def test_letters_are_in_the_readers_language(today, mail, visit):
    client = visit("clerk")
    send(client, "/language", lang="en")
    today.world.file()

    today.deliver()

    assert "诉求已提交" not in mail.mails[mail.to.index("clerk@demo.example")]["Subject"]
    assert "诉求已提交" in mail.mails[mail.to.index("station@demo.example")]["Subject"]


def test_a_test_letter_tells_at_once_whether_it_was_taken(make_app, post, mail, world):
    app = make_app(smtp=Smtp("127.0.0.1", mail.port, "none", "", "", "noreply@loop.example"))
    with app.app_context():
        client = browser(app, "admin@demo.example", DEMO_PASSWORD)
        send(client, "/admin/messages/try/mail")
        assert "对方已接收" in client.get("/admin/messages/channels").text
        mail.always = "550 no"
        send(client, "/admin/messages/try/mail")
        page = client.get("/admin/messages/channels").text
        db.session.remove()

    assert "测试消息没有发出：邮件服务器拒绝（550）" in page
    assert mail.to == ["admin@demo.example"]


def test_a_person_sees_and_changes_what_is_sent_to_them(visit, world):
    page = visit("enterprise").get("/me/messages").text
    assert "enterprise@demo.example" in page
    assert "checked" in page

    answer = send(visit("enterprise"), "/me/messages")

    assert answer.status_code == 303
    assert [row.is_on for row in db.session.scalars(select(MessageSwitch))] == [False]
    assert "只发需要处理的" in visit("enterprise").get("/me/messages").text


def test_the_same_quiet_hours_of_two_roles_are_told_once(visit, world):
    page = visit("dept").get("/me/messages").text

    assert page.count("22:00–07:30 免打扰") == 1


def test_only_administrators_change_anything(visit, world):
    for who in ("auditor", "dept", "enterprise"):
        for path in ("/admin/messages/again", "/admin/messages/robots/1", "/admin/messages/try/mail"):
            assert send(visit(who), path).status_code == 403, (who, path)
        assert visit(who).get("/admin/messages/robots/new").status_code == 403
    assert visit("dept").get("/admin/messages").status_code == 403
