"""Pages of administrators: how messages fare, which were given up, sending them again, the workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ticketing.core import clock
from ticketing.core.actor import Role
from ticketing.core.errors import NotFound
from ticketing.notify import labels
from ticketing.notify.actions import settings
from ticketing.notify.queries import outgoing
from ticketing.notify.queries.outgoing import Beat, Dead, Trouble
from ticketing.notify.web.base import bp
from ticketing.notify.words import Channel, DeliveryState
from ticketing.tickets.queries import orphans
from ticketing.web.guards import allow, current_actor
from ticketing.web.health import BEAT_SECONDS

READERS = (Role.ADMIN, Role.AUDITOR)
_MAX_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel: how many of its messages stand how."""

    name: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DeadLine:
    """One message that was given up, in words."""

    row: Dead
    channel: str
    reason: str
    trouble: str


@dataclass(frozen=True, slots=True)
class TroubleLine:
    """One destination that fails, in words."""

    row: Trouble
    trouble: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """One worker and whether it lives."""

    row: Beat
    is_alive: bool


@bp.get("/admin/messages")
@allow(*READERS)
def messages() -> ResponseReturnValue:
    now = clock.now()
    found = outgoing.counts(now)
    rows, going_on = outgoing.dead(before=_before())
    return render_template(
        "notify/messages.html",
        states=[_(label) for label in labels.STATES.values()],
        channels=[
            ChannelLine(_(name), tuple(found.get((state, channel), 0) for state in DeliveryState))
            for channel, name in labels.CHANNELS.items()
        ],
        dead_total=sum(found.get((DeliveryState.DEAD, channel), 0) for channel in Channel),
        oldest=outgoing.oldest(now),
        troubles=[_trouble_line(row, now) for row in outgoing.troubles()],
        orphans=orphans.last_look(),
        workers=[WorkerLine(row, _is_alive(row, now)) for row in outgoing.beats()],
        dead=[_dead_line(row) for row in rows],
        next_url=url_for("notify.messages", before=going_on) if going_on else None,
        first_url=url_for("notify.messages") if "before" in request.args else None,
        may_write=current_actor().holds(Role.ADMIN),
    )


@bp.post(f"/admin/messages/<int(max={_MAX_ID}):delivery_id>/again")
@allow(Role.ADMIN)
def send_again(delivery_id: int) -> ResponseReturnValue:
    if not settings.send_again(current_actor(), delivery_id, now=clock.now()):
        raise NotFound
    flash(_("已重新排入发送"), "good")
    return redirect(url_for("notify.messages"), code=303)


@bp.post("/admin/messages/again")
@allow(Role.ADMIN)
def send_all_again() -> ResponseReturnValue:
    number = settings.send_again(current_actor(), None, now=clock.now())
    flash(ngettext("%(num)s 条消息已重新排入发送", "%(num)s 条消息已重新排入发送", number), "good")
    return redirect(url_for("notify.messages"), code=303)


def _before() -> int | None:
    given = request.args.get("before", type=int)
    return given if given is not None and 0 < given <= _MAX_ID else None


def trouble(kind: str) -> str:
    """Return a kind of trouble in words: "smtp 550" is 邮件服务器拒绝（550）."""
    if not kind:
        return "–"
    word, _space, number = kind.partition(" ")
    said = str(_(labels.TROUBLES.get(word, labels.OTHER_TROUBLE)))
    if word not in labels.TROUBLES:
        number = kind
    return str(_("%(trouble)s（%(number)s）", trouble=said, number=number)) if _is_told(number) else said


def _is_told(number: str) -> bool:
    return bool(number) and number not in {"address", "host", "set up"}


def _dead_line(row: Dead) -> DeadLine:
    return DeadLine(
        row, _(labels.CHANNELS[row.channel]), _(labels.REASONS[row.reason]), trouble(row.last_error)
    )


def _trouble_line(row: Trouble, now: datetime) -> TroubleLine:
    return TroubleLine(row, trouble(row.last_error), row.open_until is not None and row.open_until > now)


def _is_alive(row: Beat, now: datetime) -> bool:
    return (now - row.beat_at).total_seconds() <= BEAT_SECONDS
