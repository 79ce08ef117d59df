"""The demo district's people: the named accounts, and staff enough for every unit to work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ticketing.accounts.rules import DEMO_DOMAIN
from ticketing.core.actor import Role
from ticketing.demo.network import UnitPlan
from ticketing.network.words import UnitKind

R = Role


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """One staff account: its address before the @, its name, the unit and the roles held there."""

    login: str
    name: str
    unit: str
    roles: tuple[Role, ...]

    @property
    def email(self) -> str:
        """The account's address."""
        return f"{self.login}@{DEMO_DOMAIN}"


# fmt: off
NAMED = [
    PersonPlan("clerk", "陈静", "C0", (R.INTAKE_CLERK,)),
    PersonPlan("dispatcher", "周明远", "C0", (R.DISPATCHER, R.LIAISON, R.HANDLER, R.UNIT_LEADER)),
    PersonPlan("station", "沈佳怡", "S101", (R.STATION_HEAD,)),
    PersonPlan("station2", "陆建国", "S201", (R.STATION_HEAD,)),
    PersonPlan("area", "顾晓岚", "A1", (R.DISPATCHER, R.LIAISON, R.HANDLER, R.UNIT_LEADER)),
    PersonPlan("dept", "吴志强", "D-PWR", (R.LIAISON, R.HANDLER)),
    PersonPlan("deptlead", "郑国栋", "D-PWR", (R.UNIT_LEADER,)),
    PersonPlan("dept2", "许文婷", "D-HRS", (R.LIAISON, R.HANDLER, R.UNIT_LEADER)),
    PersonPlan("supervisor", "钱伟民", "C0", (R.SUPERVISOR,)),
    PersonPlan("caller", "孙丽华", "C0", (R.CALLER,)),
    PersonPlan("manager", "徐正清", "C0", (R.LEADER,)),
    PersonPlan("policy", "蒋雨桐", "C0", (R.POLICY_OFFICER,)),
    PersonPlan("project", "高远航", "A1", (R.CHIEF_OFFICER,)),
    PersonPlan("admin", "冯凯", "C0", (R.ADMIN,)),
    PersonPlan("auditor", "曹慎之", "C0", (R.AUDITOR,)),
]
_MORE_IN: dict[UnitKind, list[tuple[str, tuple[Role, ...]]]] = {
    UnitKind.CENTRE: [
        ("clerk2", (R.INTAKE_CLERK,)),
        ("caller2", (R.CALLER,)),
        ("supervisor2", (R.SUPERVISOR,)),
        ("handler", (R.LIAISON, R.HANDLER)),
        ("event", (R.EVENT_OFFICER,)),
    ],
    UnitKind.AREA: [
        ("dispatcher", (R.DISPATCHER, R.LIAISON)),
        ("handler", (R.HANDLER,)),
        ("lead", (R.UNIT_LEADER,)),
        ("chief", (R.CHIEF_OFFICER,)),
        ("agent", (R.AGENT,)),
    ],
    UnitKind.STATION: [("head", (R.STATION_HEAD,))],
    UnitKind.DEPARTMENT: [
        ("liaison", (R.LIAISON,)),
        ("handler", (R.HANDLER,)),
        ("handler2", (R.HANDLER,)),
        ("lead", (R.UNIT_LEADER,)),
    ],
}
# fmt: on
# Who is called first when something comes in, by kind of unit: the first holder of the first role found.
DUTY_ROLES = (Role.DISPATCHER, Role.STATION_HEAD, Role.LIAISON)
_FAMILY = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
)
_GIVEN = [
    "建平", "晓燕", "志远", "雅琴", "俊杰", "思雨", "海涛", "丽娟", "文博", "佳宁", "国华", "春梅",
    "子涵", "永康", "玉兰", "浩然", "慧敏", "立新", "婷婷", "景行", "秀英", "天宇", "梦洁", "宏伟",
    "若溪", "振东", "诗涵", "庆丰", "怡然", "家豪", "清扬",
]  # fmt: skip


def person_name(number: int) -> str:
    """Return an invented name; neighbours differ in family and given name."""
    return _FAMILY[number * 7 % len(_FAMILY)] + _GIVEN[number * 5 % len(_GIVEN)]


def mobile(number: int) -> str:
    """Return an invented mobile number."""
    return f"192{5120000 + number:08d}"


def landline(number: int) -> str:
    """Return an invented number that no exchange of the city can have: it starts with 1."""
    return f"0512-1680{number:04d}"


def staff(units: list[UnitPlan]) -> Iterator[PersonPlan]:
    """Yield the named accounts, then the others, so that every unit can sign, handle and approve."""
    yield from NAMED
    heads = {plan.unit for plan in NAMED if Role.STATION_HEAD in plan.roles}
    number = 0
    for unit in units:
        for suffix, roles in _MORE_IN[unit.kind]:
            number += 1
            if unit.code not in heads:
                yield PersonPlan(f"{unit.code.lower()}-{suffix}", person_name(number), unit.code, roles)
