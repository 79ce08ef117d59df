"""Reply templates of the demo district, so that there is something to choose."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ticketing.accounts.models import User
from ticketing.accounts.queries.identity import person
from ticketing.accounts.rules import DEMO_DOMAIN
from ticketing.core.db import db, transaction
from ticketing.network.queries import network
from ticketing.tickets.reply_texts import TextWish, create

TEXTS = (
    (
        None,
        "已收到，正在办理",
        "{企业}，您好。您反映的“{标题}”（{单号}）我们已收到，由{单位}{经办人}办理，{期限}前答复您。联系电话：{电话}。",
    ),
    (
        None,
        "请补充材料",
        "{企业}，您好。为尽快办理{单号}，请补充下列材料：\n1. \n2. \n补充之前时限暂停。有疑问请致电{电话}。",
    ),
    (
        None,
        "已办结",
        "{企业}，您好。您反映的“{标题}”已办结，情况如下：\n一、\n二、\n如有疑问，请联系{单位}{经办人}，电话{电话}。",
    ),
    (
        "D-PWR",
        "约定上门勘查",
        "{企业}，您好。{单位}{经办人}将于____上门勘查，请备好近三个月的用电清单。电话{电话}。",
    ),
)


def make(now: datetime) -> None:
    """Write the templates, as the demo's administrator would."""
    with transaction():
        admin_id = db.session.scalars(select(User.id).where(User.email == f"admin@{DEMO_DOMAIN}")).one()
        admin, net = person(admin_id).actor, network()
        for code, name, body in TEXTS:
            unit_id = net.by_code[code].id if code else None
            create(admin, TextWish(unit_id, name, body, category=None, kind=None), now=now)
