"""What the clients of the drill do: requests filed, some of them followed through to the end."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.drill.ledger import FILE, Call, Client, Entry
from tests.drill.scene import Scene

COMPANIES = ("enterprise", "enterprise2")
COMPANY_NAME = "演练企业有限公司"
CATEGORIES = ("PWR", "FIN", "LAB")
PATIENCE_SECONDS = 60.0
GAP_SECONDS = 0.25
CALM = "calm"
# A whole life: who, which action, with what; {mark} is filled in.
LIFE: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("clerk", "note", {"body": "{mark}"}),
    ("clerk", "accept", {}),
    ("dispatcher", "dispatch", {"unit": "D-PWR", "note": "{mark}"}),
    ("dept", "sign", {}),
    ("dept", "contact", {"outcome": "reached", "note": "{mark}"}),
    ("dept", "submit_reply", {"reply": "{mark}"}),
    ("deptlead", "approve_reply", {}),
    ("caller", "revisit", {"reached": True, "solved": "yes", "satisfaction": 5, "note": "{mark}"}),
)
_marks: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))


def filing(group: str, who: str = COMPANIES[0], category: str = CATEGORIES[0]) -> Call:
    """A company files a request."""
    mark = _mark(group)
    return Call(mark, group, who, FILE, None, _request(mark, category))


def desk_filing(group: str, *, seconds_ago: float) -> Call:
    """The desk files for a company that called a while ago, so that steps are due at once."""
    mark = _mark(group)
    received = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    body = _request(mark, CATEGORIES[0]) | {
        "enterprise": {"name": COMPANY_NAME},
        "contact": {"name": "林知夏", "phone": "13800001111"},
        "channel": "phone",
        "received_at": received.isoformat(),
    }
    return Call(mark, group, "clerk", FILE, None, body)


def _request(mark: str, category: str) -> dict[str, Any]:
    return {"title": f"用电增容 {mark}", "description": "车间需要增容 500 kVA。", "category": category}


def following(group: str, number: str, company: str, steps: int) -> list[Call]:
    """What comes after filing: the company's word, then the first ``steps`` of a life."""
    return [
        _act(group, number, company, "message", {"body": "{mark}"}),
        *(_act(group, number, who, action, body) for who, action, body in LIFE[:steps]),
    ]


def _act(group: str, number: str, who: str, action: str, body: Mapping[str, Any]) -> Call:
    mark = _mark(group)
    filled = {name: text.format(mark=mark) if isinstance(text, str) else text for name, text in body.items()}
    return Call(mark, group, who, action, number, filled)


def _mark(group: str) -> str:
    return f"{group}-{next(_marks[group]):05d}"


def live(client: Client, group: str, filed: Call, steps: int, luck: random.Random | None) -> Entry | None:
    """File and follow a request until something is not known or refused; return the last entry."""
    client.announce(filed)
    entry = client.insist(filed, patience=PATIENCE_SECONDS, gives_up=luck)
    if entry is None or entry.number is None or steps < 0:
        return entry
    for call in following(group, entry.number, filed.who, steps):
        client.announce(call)
        entry = client.insist(call, patience=PATIENCE_SECONDS, gives_up=luck)
        if entry is None or entry.is_refused:
            break
    return entry


def in_calm(
    client: Client, companies: Sequence[str] = COMPANIES, categories: Sequence[str] = CATEGORIES
) -> None:
    """Do everything once while nothing is killed: whom it reaches then, it must always reach."""
    for company in companies:
        for category in categories:
            entry = live(client, CALM, filing(CALM, company, category), len(LIFE), None)
            assert entry is not None
            assert entry.is_acknowledged, entry
    entry = live(client, CALM, desk_filing(CALM, seconds_ago=1), -1, None)
    assert entry is not None
    assert entry.is_acknowledged, entry


class Load(threading.Thread):
    """One client that goes on until told to stop, by a seed of its own."""

    def __init__(self, scene: Scene, client: Client, group: str, seed: str) -> None:
        super().__init__(daemon=True)
        self._scene = scene
        self._client = client
        self._group = group
        self._luck = random.Random(seed)
        self._stopping = threading.Event()
        self.trouble: BaseException | None = None

    def run(self) -> None:
        """Live one request after another."""
        try:
            while not self._stopping.wait(self._luck.expovariate(1 / GAP_SECONDS)):
                filed = self._filed()
                steps = self._luck.choices((-1, 0, 3, len(LIFE)), (50, 20, 15, 15))[0]
                live(self._client, self._group, filed, -1 if filed.who == "clerk" else steps, self._luck)
        except BaseException as error:  # noqa: BLE001 - told at the end of the drill
            self.trouble = error

    def _filed(self) -> Call:
        if self._luck.random() < 0.2:
            return desk_filing(self._group, seconds_ago=self._luck.uniform(1, 70))
        return filing(self._group, self._luck.choice(COMPANIES), self._luck.choice(CATEGORIES))

    def stop(self) -> None:
        """Let the request under way come to its end, and begin no other."""
        self._stopping.set()
        self.join()
