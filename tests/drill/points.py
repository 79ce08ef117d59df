"""Processes that kill themselves at the labelled points, one after the other, with a request under way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.drill.ledger import Client
from tests.drill.load import desk_filing, filing
from tests.drill.scene import Scene

PATIENCE_SECONDS = 60.0
# Where a request dies, and what it leaves behind until the client asks again: nothing, or the ticket.
OF_A_REQUEST = {
    "1 request parsed": 0,
    "2 answer stored": 0,
    "3 ticket written": 0,
    "4 clocks written": 0,
    "5 outbox written": 0,
    "6 about to commit": 0,
    "7 committed, not answered": 1,
}
OF_A_SWEEP = ("8 due rows locked", "9 escalations written")
OF_A_SENDER = (
    "10 outbox rows locked",
    "10 message leased",
    "11 letter handed over, not confirmed",
    "12 letter confirmed, not marked",
)
ALL = (*OF_A_REQUEST, *OF_A_SWEEP, *OF_A_SENDER)


@dataclass
class Tally:
    """What was seen at one point while the drill ran."""

    kills: int = 0
    spared: int = 0
    wrong_traces: int = 0


def run(scene: Scene, client: Client, names: tuple[str, ...], rounds: int) -> Iterator[tuple[str, Tally]]:
    """Go round the points so many times; yield each point's tally after each of its kills."""
    tallies = {name: Tally() for name in names}
    for _ in range(rounds):
        for name in names:
            if name in OF_A_REQUEST:
                _kill_in_request(scene, client, name, tallies[name])
            else:
                _kill_in_worker(scene, client, name, tallies[name])
            yield name, tallies[name]


def _kill_in_request(scene: Scene, client: Client, point: str, tally: Tally) -> None:
    """Ask for a request that kills its process, look what it left behind, and ask again."""
    call = filing(group_of(point))
    client.hang_up()
    client.announce(call)
    order = scene.order(point)
    answered = client.ask(call)
    _count(order, tally, is_killed=answered is None)
    if _traces(scene, call.mark) != {OF_A_REQUEST[point]}:
        tally.wrong_traces += 1
    if answered is None:
        client.insist(call, patience=PATIENCE_SECONDS)


def _kill_in_worker(scene: Scene, client: Client, point: str, tally: Tally) -> None:
    """File what gives a sweep or a sender work, and wait until one has died of it."""
    order = scene.order(point)
    is_sweep = point in OF_A_SWEEP
    call = desk_filing(group_of(point), seconds_ago=65) if is_sweep else filing(group_of(point))
    client.announce(call)
    client.insist(call, patience=PATIENCE_SECONDS)
    until = time.monotonic() + PATIENCE_SECONDS
    while order.exists() and time.monotonic() < until:
        if is_sweep:  # the workers sweep only now and then; the command does the same at once
            scene.flask("sla", "sweep")
        else:
            time.sleep(0.05)
    _count(order, tally, is_killed=True)


def _count(order: Path, tally: Tally, *, is_killed: bool) -> None:
    """Count a kill when the order was taken; take it back otherwise."""
    is_taken = not order.exists()
    order.unlink(missing_ok=True)
    if is_taken and is_killed:
        tally.kills += 1
    else:
        tally.spared += 1


def _traces(scene: Scene, mark: str) -> set[int]:
    """How many tickets and how many stored answers a request has left."""
    with scene.database.connect() as line:
        tickets = line.execute("SELECT count(*) FROM tickets WHERE title LIKE %s", [f"%{mark}"]).fetchone()
        answers = line.execute("SELECT count(*) FROM stored_answers WHERE key = %s", [mark]).fetchone()
    assert tickets is not None
    assert answers is not None
    return {tickets[0], answers[0]}


def group_of(point: str) -> str:
    """The group of the calls made for a point."""
    return "at-" + point.replace(",", "").replace(" ", "-")
