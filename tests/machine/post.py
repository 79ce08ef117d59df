"""The post of the machine: letters are leased, taken by a server or not, and senders die in between."""

from __future__ import annotations

import random
from collections import Counter

from sqlalchemy import func, select

from tests.world import World
from ticketing.core.db import db
from ticketing.notify.actions import handing
from ticketing.notify.actions.handing import Leased
from ticketing.notify.actions.planning import Outlets
from ticketing.notify.actions.relay import relay
from ticketing.notify.models import Delivery
from ticketing.notify.words import Channel, DeliveryState

OUTLETS = Outlets(mail_host="mail.example", mail_domain="district.example")
_MOST_DAYS = 8
_STEP = 4  # hours
_OVER = (DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.CANCELLED)


class Post:
    """Hands letters over and counts how often a server has seen each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._taken: Counter[str] = Counter()
        self._deaths: Counter[str] = Counter()
        self._dead: list[Leased] = []

    def relay(self, limit: int) -> int:
        """Relay until nothing waits."""
        total = 0
        while done := relay(self.world.now, limit, outlets=OUTLETS):
            total += done
        return total

    def hand_over(self, chance: random.Random) -> int:
        """Lease what is due and let each letter meet its fate."""
        batch = handing.claim(Channel.EMAIL, self.world.now)
        self._wake({one.id: one.fence for one in batch})
        for one in batch:
            self._meet(one, chance.choice(["taken", "taken", "failed", "dies before", "dies after"]))
        return len(batch)

    def _wake(self, held: dict[int, int]) -> None:
        """Senders thought dead speak up when their letters are somebody else's: nobody listens."""
        for one in self._dead:
            if one.id in held:
                assert held[one.id] > one.fence, "a lease was given twice under one number"
                assert not handing.sent(one, self.world.now), "a lost lease still counted"
        self._dead = [one for one in self._dead if one.id not in held]

    def _meet(self, one: Leased, fate: str) -> None:
        now = self.world.now
        if fate in {"taken", "dies after"}:
            self._taken[one.message_id] += 1
        assert self._taken[one.message_id] <= 1 + self._deaths[one.message_id], "a letter went out twice"
        if fate == "taken":
            assert handing.sent(one, now), "a sender lost a lease nobody else had"
        elif fate == "failed":
            assert handing.failed(one, "hangs", now), "a sender lost a lease nobody else had"
        else:
            self._deaths[one.message_id] += fate == "dies after"
            self._dead.append(one)

    def finish(self) -> None:
        """Let time pass and everything be taken; each letter must come to an end."""
        for _ in range(_MOST_DAYS * 24 // _STEP):
            self.world.later(hours=_STEP)
            for one in handing.claim(Channel.EMAIL, self.world.now):
                self._meet(one, "taken")
            if not self._left():
                return
        raise AssertionError(f"I15 {self._left()} letters are neither sent nor given up")

    def _left(self) -> int:
        db.session.rollback()
        return db.session.scalar(select(func.count()).where(Delivery.state.not_in(_OVER))) or 0
