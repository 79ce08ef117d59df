"""What is measured, and the limit each figure stands beside.

Every page asked for is a full one at 10,000 tickets already: one of 16 lines is faster than one of 50, and a
comparison of sizes would tell of that.
"""

from __future__ import annotations

import http.cookiejar
import json
import random
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.bench.client import Ask
from tests.bench.stage import Stage

PASSWORD = "closed-loop-demo"
# Of 1,000 tickets five to nine hold one of the rare words, the last two none; common ones more.
RARE_WORDS = ("专利", "班车", "展会", "保险", "高企", "宿舍", "叉车", "除尘")
COMMON_WORDS = ("停电", "贷款", "厂房", "招工", "验收", "消防", "退税", "社保")
LINES, COMPANIES = 50, 8
Asking = Callable[[int], Ask]
"""Gives the n-th request."""
QUERY = Ask("GET", "/query")
WRITE = Ask("POST", "/write")


@dataclass(frozen=True)
class Pair:
    """One operation of the product and the bare page it is compared with."""

    name: str
    product: Asking
    limit: Asking


def pairs(stage: Stage) -> list[Pair]:
    """Return the operations, with people signed in and tickets to work on."""
    station, desk = _signed_in(stage, "station@demo.example"), _signed_in(stage, "dispatcher@demo.example")
    clerk = _bearer(stage, "clerk@demo.example")
    company = _bearer(stage, "enterprise@demo.example")
    numbers = _open_numbers(stage, clerk)

    def file(n: int) -> Ask:
        body = {
            "title": f"门前路灯不亮 {n}",  # none of the words searched for
            "description": "公司北门外的三盏路灯晚上不亮，请尽快安排维修。",
            "category": "PWR",
        }
        return _post(
            "/api/v1/tickets", company | {"Idempotency-Key": f"bench-{random.getrandbits(64):x}"}, body
        )

    def note(n: int) -> Ask:
        return _post(
            f"/api/v1/tickets/{numbers[n % len(numbers)]}/actions/note", clerk, {"body": "已电话沟通"}
        )

    def search(words: Sequence[str]) -> Asking:
        return lambda n: Ask("GET", f"/tickets?q={urllib.parse.quote(words[n % len(words)])}", desk)

    def page(address: str) -> Asking:
        return lambda _n: Ask("GET", address, desk)

    return [
        Pair("queue, station", lambda _n: Ask("GET", "/tickets/queue", station), lambda _n: QUERY),
        Pair("queue, district", lambda _n: Ask("GET", "/tickets/queue", desk), lambda _n: QUERY),
        Pair("queue, overdue", page("/tickets/queue?view=all&section=overdue"), lambda _n: QUERY),
        Pair("list, help in hand", page("/tickets?status=processing&kind=help"), lambda _n: QUERY),
        Pair(
            "ticket page",
            lambda n: Ask("GET", f"/tickets/{numbers[n % len(numbers)]}", desk),
            lambda _n: QUERY,
        ),
        Pair("search, company", search(_companies(stage, clerk)), lambda _n: QUERY),
        Pair("search, common word", search(COMMON_WORDS), lambda _n: QUERY),
        Pair("search, rare word", search(RARE_WORDS), lambda _n: QUERY),
        Pair("file", file, lambda _n: WRITE),
        Pair("action (note)", note, lambda _n: WRITE),
    ]


def _post(path: str, headers: dict[str, str], body: dict[str, str]) -> Ask:
    return Ask("POST", path, headers | {"Content-Type": "application/json"}, json.dumps(body).encode())


def _bearer(stage: Stage, email: str) -> dict[str, str]:
    printed = stage.flask("token", "create", email, "--name", "bench")
    token = re.search(r"clt_\S+", printed)
    assert token, printed
    return {"Authorization": f"Bearer {token.group()}"}


def _signed_in(stage: Stage, email: str) -> dict[str, str]:
    """Sign in over HTTP and return the headers that carry the session."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    url = f"http://127.0.0.1:{stage.product_port}/sign-in"
    page = opener.open(url).read().decode()
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert csrf, page[:500]
    fields = {"csrf_token": csrf.group(1), "email": email, "password": PASSWORD}
    opener.open(url, urllib.parse.urlencode(fields).encode())
    return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)}


def _open_numbers(stage: Stage, headers: dict[str, str]) -> list[str]:
    return [item["number"] for item in _listed(stage, headers, "sort=due_at&limit=200")]


def _companies(stage: Stage, headers: dict[str, str]) -> list[str]:
    """Names of companies that filed lately and often."""
    items = _listed(stage, headers, "limit=200&status=processing")
    names = sorted({item["enterprise"]["name"] for item in items if "*" not in item["enterprise"]["name"]})

    def is_frequent(name: str) -> bool:
        return len(_listed(stage, headers, f"limit={LINES}&q={urllib.parse.quote(name)}")) == LINES

    found = list(islice(filter(is_frequent, names), COMPANIES))
    assert len(found) == COMPANIES, found
    return found


def _listed(stage: Stage, headers: dict[str, str], asked: str) -> list[dict[str, Any]]:
    url = f"http://127.0.0.1:{stage.product_port}/api/v1/tickets?{asked}"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        found: list[dict[str, Any]] = json.load(answer)["items"]
    return found
