"""Invented companies: names put together from parts, well-formed credit codes, a place for each."""

from __future__ import annotations

from dataclasses import dataclass

from ticketing.accounts.rules import DEMO_DOMAIN, make_uscc
from ticketing.demo.people import mobile, person_name

BASE_COMPANIES = 60
# The companies of the two demo accounts; their places belong to the stations of the demo station heads.
_FIRST = [("苏州澄砚光电科技有限公司", "PK01"), ("苏州砺舟智能装备有限公司", "PK04")]
_FIRST_PEOPLE = [
    [("enterprise", "林知夏"), ("enterprise-staff", "方予安"), ("enterprise-finance", "温书意")],
    [("enterprise2", "贺兰舟"), ("enterprise2-staff", "纪明川")],
]
_HEAD = "澄砚砺舟弈衡沅芷屿朔珩翊旻昀珂湜泓桐榆柚桉栩蔚苒菡萤霁霖雯岚峤嵘赟骁骥骐鸢鹭鸾"
_TAIL = "禾川舟野岳原屿洛澜源辰曜昇晖和衡桓楷桥梓森楠岩峰岭谷溪泉淼涵泽渊潮汐汀洲沐沛"
_INDUSTRIES = [
    "光子科技", "光电科技", "集成电路设计", "半导体设备", "医疗器械", "生物医药", "检验检测技术",
    "新能源装备", "光伏材料", "智能装备", "精密机械", "精密模具", "自动化技术", "汽车零部件",
    "电子材料", "软件", "信息技术", "数据服务", "供应链管理", "环保工程", "包装材料",
    "食品", "纺织科技", "文化创意", "检测仪器",
]  # fmt: skip
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_MODULUS = 11
_CHAR_VALUES = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


@dataclass(frozen=True, slots=True)
class EmployeePlan:
    """One person of a company; the first of each is its administrator."""

    email: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class CompanyPlan:
    """One invented company."""

    uscc: str
    name: str
    site: str
    people: list[EmployeePlan]


def company(number: int, site_codes: list[str]) -> CompanyPlan:
    """Return company ``number`` (from 0 up); the same number gives the same company."""
    if number < len(_FIRST):
        name, site = _FIRST[number]
        people = _FIRST_PEOPLE[number]
    else:
        name, site = _invented_name(number), site_codes[number * 5 % len(site_codes)]
        people = [(f"e{number:05d}", person_name(number * 3 + 1))]
    return CompanyPlan(
        uscc=_uscc(number),
        name=name,
        site=site,
        people=[
            EmployeePlan(f"{login}@{DEMO_DOMAIN}", person, mobile(10_000 + number * 3 + place))
            for place, (login, person) in enumerate(people)
        ],
    )


def _invented_name(number: int) -> str:
    """Return a name that differs for every number below head × tail × industries."""
    industry = _INDUSTRIES[number % len(_INDUSTRIES)]
    pair = number // len(_INDUSTRIES) * 37 + number % len(_INDUSTRIES) * 101
    head, tail = pair % len(_HEAD), pair // len(_HEAD) % len(_TAIL)
    return f"苏州{_HEAD[head]}{_TAIL[tail]}{industry}有限公司"


def _uscc(number: int) -> str:
    """A company registered in the district: GB 32100-2015 around an organisation code of GB 11714-1997."""
    organisation = f"MA9{number:05d}"
    total = sum(_CHAR_VALUES[c] * w for c, w in zip(organisation, _ORG_WEIGHTS, strict=True))
    digit = (_ORG_MODULUS - total % _ORG_MODULUS) % _ORG_MODULUS
    return make_uscc("91320505" + organisation + ("X" if digit == _ORG_MODULUS - 1 else str(digit)))
