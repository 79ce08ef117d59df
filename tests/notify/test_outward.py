"""Robots in groups and short messages: no personal data, no address inside the house, no redirect."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest

from ticketing.core.db import db, transaction
from ticketing.core.errors import DomainError
from ticketing.notify.actions import handing, settings
from ticketing.notify.models import Delivery, Destination, Robot, SmsGateway
from ticketing.notify.rules import places
from ticketing.notify.wires import robots
from ticketing.notify.words import Channel, DeliveryState, Reason, RobotKind
from ticketing.tickets.words import State


def send(post, web):
    post.relay()
    post.send(Channel.ROBOT)
    return web.seen


def test_a_units_group_hears_what_the_unit_has_to_do(post, web):
    post.robot("D-PWR")
    post.robot("D-HRS", RobotKind.FEISHU)
    web.answer = {"errcode": 0, "code": 0}
    number = post.world.ticket(State.DISPATCHED, title="车间用电增容")

    seen = send(post, web)

    assert [path for path, _headers, _body in seen] == ["/cgi-bin/webhook/send?key=0123456789abcdef"]
    body = seen[0][2]
    assert body["msgtype"] == "text"
    text = body["text"]["content"]
    assert number in text
    assert "车间用电增容" in text
    assert "林知夏" not in text
    assert "需要增容 500 kVA" not in text
    assert seen[0][1]["Host"].startswith("qyapi.weixin.qq.com")


def test_a_confidential_request_shows_no_title_anywhere(post, mail, web):
    post.robot("D-PWR")
    post.world.ticket(State.DISPATCHED, title="举报某处乱收费", kind="violation_report")

    send(post, web)
    post.send()

    assert web.seen
    assert mail.raw
    assert all("举报某处" not in str(body) for _path, _headers, body in web.seen)
    assert all("举报某处" not in letter.get_content() for letter in mail.mails)
    assert "保密诉求" in post.mails_to("dept")[0]


def test_dingtalk_and_feishu_are_signed(post, web):
    secret = "SECabc"
    post.robot("D-PWR", RobotKind.DINGTALK, secret=secret)
    post.robot("D-PWR", RobotKind.FEISHU, secret=secret)
    web.answer = {"errcode": 0}
    post.world.ticket(State.DISPATCHED)

    seen = {path.partition("?")[0]: (path, body) for path, _headers, body in send(post, web)}

    path, _body = seen["/robot/send"]
    stamp = str(int(post.now().timestamp() * 1000))
    mark = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    assert f"timestamp={stamp}" in path
    assert base64.b64encode(mark).decode().replace("+", "%2B").replace("/", "%2F").replace("=", "%3D") in path
    _path, body = seen["/open-apis/bot/v2/hook/0123456789abcdef"]
    stamp = str(int(post.now().timestamp()))
    assert body["timestamp"] == stamp
    assert body["sign"] == base64.b64encode(
        hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    ).decode()  # fmt: skip


@pytest.mark.parametrize(
    ("status", "answer", "headers", "told"),
    [
        (302, {}, {"Location": "https://qyapi.weixin.qq.com/elsewhere"}, "redirect"),
        (307, {}, {"Location": "http://127.0.0.1/"}, "redirect"),
        (500, {}, {}, "http 500"),
        (200, {"errcode": 45009}, {}, "robot 45009"),
        (200, "what", {}, "robot"),
    ],
)
def test_what_a_robot_does_not_take_waits(post, web, status, answer, headers, told):
    post.robot("D-PWR")
    web.status, web.answer, web.headers = status, answer, headers
    post.world.ticket(State.DISPATCHED)

    assert len(send(post, web)) == 1, "a redirect was followed"

    row = post.rows(channel=Channel.ROBOT)[0]
    assert (row.state, row.last_error) == (DeliveryState.WAITING, told)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "100.64.0.1"]
)
def test_a_name_that_leads_into_the_house_is_not_spoken_to(post, web, address):
    post.robot("D-PWR")
    post.world.ticket(State.DISPATCHED)
    post.relay()
    sender = post.sender()
    net = type(sender.net)(look_up=lambda _host: ["8.8.8.8", address], port=web.port)

    type(sender)(sender.smtp, sender.now, net).send_due(Channel.ROBOT)

    assert web.seen == []
    assert [row.last_error for row in post.rows(channel=Channel.ROBOT)] == ["private address"]


def test_only_the_certificate_of_the_host_is_believed(post, web):
    post.robot("D-PWR")
    post.world.ticket(State.DISPATCHED)
    post.relay()
    sender = post.sender()
    net = type(sender.net)(look_up=sender.net.look_up, may_reach=sender.net.may_reach, port=web.port)

    type(sender)(sender.smtp, sender.now, net).send_due(Channel.ROBOT)

    assert web.seen == []
    assert [row.last_error for row in post.rows(channel=Channel.ROBOT)] == ["tls"]


def test_a_robot_is_given_a_rest_between_messages(post, web):
    post.robot("D-PWR")
    post.world.ticket(State.DISPATCHED)
    send(post, web)
    post.world.ticket(State.DISPATCHED)
    post.world.now -= timedelta(minutes=3)

    post.relay()
    assert post.send(Channel.ROBOT) == 0
    post.world.later(minutes=4)
    assert post.send(Channel.ROBOT) == 1


def test_a_robot_that_is_away_holds_up_no_other(post, web):
    silent, other = post.robot("D-PWR"), post.robot("D-HRS", RobotKind.FEISHU)
    address = f"robot:{silent.id}"
    post.world.ticket(State.DISPATCHED, unit="D-HRS")
    post.relay()
    with transaction():
        db.session.add(
            Destination(
                name=address, failures=7, open_until=post.now() + timedelta(minutes=1), changed_at=post.now()
            )
        )
        for place in range(handing.BATCH + 1):
            db.session.add(
                Delivery(
                    address=address, channel=Channel.ROBOT, robot_id=silent.id, destination=address,
                    message_id=f"<{place}@x>", created_at=post.now(), send_at=post.now() - timedelta(hours=1),
                    give_up_at=post.now() + timedelta(hours=1),
                )
            )  # fmt: skip
    web.answer = {"code": 0}

    assert post.send(Channel.ROBOT) == 1

    assert [row.state for row in post.rows(robot_id=other.id)] == [DeliveryState.SENT]


def test_a_long_text_is_cut_at_a_line_within_the_bytes():
    text = "\n".join(["一" * 100] * 30)

    cut = robots.shorten(text, 2048)

    assert len(cut.encode()) <= 2048
    assert cut.splitlines()[-1] == "…"
    assert set(cut.splitlines()[:-1]) == {"一" * 100}
    assert robots.shorten("短", 2048) == "短"
    assert len(robots.shorten("长" * 1000, 2048).encode()) <= 2048


def test_a_silenced_robot_says_nothing(post, web):
    robot = post.robot("D-PWR")
    post.world.ticket(State.DISPATCHED)
    post.relay()
    settings.switch_robot(post.world.actor("admin"), robot.id, is_on=False)

    post.send(Channel.ROBOT)

    assert web.seen == []
    assert [row.reason for row in post.rows(channel=Channel.ROBOT)] == [Reason.GONE]


def test_a_short_message_has_number_and_link_and_the_secret(post, web):
    post.gateway()
    post.phone("station")
    number = post.world.file(title="车间用电增容", level="urgent")

    post.relay()
    post.send(Channel.SMS)

    [(path, headers, body)] = web.seen
    assert path == "/send"
    assert headers["X-Gateway-Secret"] == "open sesame"
    assert body["to"] == "13800001234"
    assert number in body["text"]
    assert "车间用电增容" not in body["text"]
    assert body["id"] == headers["Idempotency-Key"] == post.rows(channel=Channel.SMS)[0].message_id


def test_without_a_phone_or_without_need_no_short_message_is_made(post):
    post.gateway()
    post.phone("station", "")
    post.phone("clerk")
    post.world.file(level="urgent")
    post.world.file()

    post.relay()

    assert post.rows(channel=Channel.SMS) == []


def test_a_number_the_gateway_never_takes_is_dead_and_the_gateway_is_well(post, web):
    post.gateway()
    post.phone("station")
    web.status = 422
    post.world.file(level="urgent")

    post.relay()
    post.send(Channel.SMS)

    row = post.rows(channel=Channel.SMS)[0]
    assert (row.state, row.reason) == (DeliveryState.DEAD, Reason.REFUSED)
    assert db.session.get(Destination, "sms") is None


GOOD = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


def test_the_address_of_a_robot_is_read():
    assert places.read_robot(GOOD).kind is RobotKind.WECOM
    feishu = places.read_robot("https://open.feishu.cn/open-apis/bot/v2/hook/0ab1c2d3-aaaa")
    assert (feishu.kind, feishu.token) == (RobotKind.FEISHU, "0ab1c2d3-aaaa")
    ding = places.read_robot("https://oapi.dingtalk.com/robot/send?access_token=abcdef0123456789")
    assert ding.path == "/robot/send?access_token=abcdef0123456789"


@pytest.mark.parametrize(
    "address",
    [
        GOOD.replace("https", "http"),
        GOOD.replace("qyapi.weixin.qq.com", "qyapi.weixin.qq.com.evil.example"),
        GOOD.replace("qyapi.weixin.qq.com", "evil.example"),
        GOOD.replace("https://", "https://evil.example@"),
        GOOD.replace("https://", "https://user:pw@"),
        GOOD.replace(".com/", ".com:8443/"),
        GOOD.replace("/send", "/../send"),
        GOOD.replace("key=", "key=%0d%0aHost:x"),
        GOOD + "#x",
        "https://127.0.0.1/cgi-bin/webhook/send?key=0123456789",
        "https://[::1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "",
        "https://open.feishu.cn/open-apis/bot/v2/hook/a/../../../x",
        "https://оapi.dingtalk.com/robot/send?access_token=abcdef0123456789",
    ],
)
def test_any_other_address_is_refused_where_it_is_entered(address):
    with pytest.raises(places.BadAddress):
        places.read_robot(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://sms.example.com/", "https://10.0.0.1/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/",
        "https://intranet/", "https://gw.internal/", "https://sms.example.com:8080/", "https://u:p@sms.example.com/",
        "https://169.254.169.254/latest", "ftp://sms.example.com/", "https:///x", "https://[::ffff:10.0.0.1]/",
    ],
)  # fmt: skip
def test_a_gateway_inside_the_house_is_refused_where_it_is_entered(address):
    with pytest.raises(places.BadAddress):
        places.read_gateway(address)


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("10.0.0.1", False), ("172.16.0.1", False),
        ("192.168.1.1", False), ("127.0.0.1", False), ("0.1.2.3", False), ("169.254.1.1", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("240.0.0.1", False), ("::", False), ("::1", False),
        ("fe80::1", False), ("fc00::1", False), ("::ffff:127.0.0.1", False), ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False), ("64:ff9b::808:808", True), ("nonsense", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address, is_public):
    assert places.is_public(address) is is_public


def test_a_new_gateway_address_needs_its_own_secret(post):
    admin = post.world.actor("admin")
    settings.set_gateway(admin, "https://sms.example.com/a", "first", is_on=True)
    settings.set_gateway(admin, "https://sms.example.com/a", "", is_on=False)
    with pytest.raises(DomainError) as refused:
        settings.set_gateway(admin, "https://evil.example.com/a", "", is_on=True)

    assert "secret" in refused.value.fields
    row = db.session.query(SmsGateway).one()
    assert (row.url, row.secret, row.is_active) == ("https://sms.example.com/a", "first", False)


def test_a_robot_is_entered_once(post):
    admin = post.world.actor("admin")
    wish = settings.RobotWish("D-PWR", "值班群", GOOD, "", settings.NIGHT)
    settings.add_robot(admin, wish, now=post.now())
    with pytest.raises(DomainError) as refused:
        settings.add_robot(admin, wish, now=post.now())

    assert "address" in refused.value.fields
    with transaction():
        assert db.session.query(Robot).one().quiet_from == settings.NIGHT.start
