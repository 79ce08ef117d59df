"""`flask worker`: the process that owns the timers. Any number may run, on any host."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Condition, Event
from typing import TYPE_CHECKING, Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from config import DISTRICT_ZONE, Config
from ticketing.accounts.actions import cleaning
from ticketing.core import clock, idempotency
from ticketing.core.db import db, look_over
from ticketing.core.local_day import local_date
from ticketing.escalation.actions.sweep import sweep as fire_due
from ticketing.learning import actions as learning
from ticketing.notify.actions import beats, carrying, settings
from ticketing.notify.actions import relay as relaying
from ticketing.notify.actions.planning import Outlets
from ticketing.notify.sender import Sender
from ticketing.notify.words import Channel
from ticketing.tickets import drafts, presence
from ticketing.tickets.actions import handing_over, indexing, recounting
from ticketing.tickets.queries import lessons

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

RELAY_SECONDS = 1
SEND_SECONDS = 1
MAIL_SENDERS = 2
"""Letters are handed over side by side: most of the time a sender waits for the mail server or the disk."""
RECOUNT_SECONDS = 5
INDEX_SECONDS = 5
BEAT_SECONDS = 10
SWEEP_SECONDS = 10
HAND_OVER_SECONDS = 3600
CHANGES_SECONDS = 10
LEARN_SECONDS = 3600
"""How often to ask whether somebody took to learning today; at most one worker of all does."""
LEARN = (sys.executable, "-m", "flask", "--app", "wsgi", "suggestions", "train")
CLEAN_AT = "03:20"
MISFIRE_SECONDS = 3600
STOP_WITHIN_SECONDS = 4.0
LOOK_SECONDS = 0.2
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Worker:
    """What the jobs of one process share: the application, its name, and whether it is asked to stop."""

    app: Flask
    name: str
    started_at: datetime
    stopping: Event = field(default_factory=Event)
    _busy: int = 0
    _idle: Condition = field(default_factory=Condition)

    def run(self, job: Callable[[Worker], None]) -> None:
        """Run one job in a context of its own; a database that is away is noted, and asked again later."""
        with self._idle:
            self._busy += 1
        try:
            with self.app.app_context():
                job(self)
        except (DBAPIError, NoConnection) as error:
            # Only the kind of trouble: the statement's values may be personal data.
            _log.warning("%s: the database refused: %s", job.__name__, _kind(error))
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait for the running jobs, at most so many seconds; return whether none runs any more."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._busy, seconds)


def _kind(error: Exception) -> str:
    return type(getattr(error, "orig", None) or error).__name__


def relay(worker: Worker) -> None:
    """Empty the outbox; between batches look whether to stop."""
    outlets = _outlets(worker.app.config["TICKETING"])
    while not worker.stopping.is_set() and relaying.relay(clock.now(), outlets=outlets):
        pass
    while not worker.stopping.is_set() and carrying.carry(clock.now(), outlets=outlets):
        pass


def _outlets(config: Config) -> Outlets:
    if config.smtp is None:
        return relaying.INBOX_ONLY
    return Outlets(config.smtp.host, config.smtp.sender.rpartition("@")[2])


def send_mail(worker: Worker) -> None:
    """Hand over the letters that are due."""
    _send(worker, Channel.EMAIL)


def send_texts(worker: Worker) -> None:
    """Hand over the short messages that are due."""
    _send(worker, Channel.SMS)


def send_to_groups(worker: Worker) -> None:
    """Say in the units' group chats what is due."""
    _send(worker, Channel.ROBOT)


def _send(worker: Worker, channel: Channel) -> None:
    config: Config = worker.app.config["TICKETING"]
    Sender(config.smtp, clock.now, is_stopping=worker.stopping.is_set).send_due(channel)


def recount(worker: Worker) -> None:
    """Count the promises anew that a newer version of a calendar may move."""
    while not worker.stopping.is_set() and recounting.recount(clock.now()):
        pass


def index(worker: Worker) -> None:
    """Make findable anew what is due: after a company's new name, after an upgrade."""
    while not worker.stopping.is_set() and indexing.index_due():
        pass


def sweep(worker: Worker) -> None:
    """Warn and escalate where it is due; between batches look whether to stop."""
    while not worker.stopping.is_set() and fire_due(clock.now()):
        pass


def hand_over(worker: Worker) -> None:
    """Let no open ticket be without anybody: every hour, whoever was disabled or went away in between."""
    if not worker.stopping.is_set():
        handing_over.look(clock.now())


def follow_changes(worker: Worker) -> None:
    """See to what people left open who were just disabled, lost a role or went away."""
    if not worker.stopping.is_set():
        handing_over.follow_changes(clock.now())


def beat(worker: Worker) -> None:
    """Leave a sign of life."""
    beats.beat(worker.name, worker.started_at, now=clock.now())


def clean(worker: Worker) -> None:
    """Drop what is kept for a while only, and have the database look over what is left."""
    config: Config = worker.app.config["TICKETING"]
    now = clock.now()
    gone = (
        idempotency.forget_old(now)
        + cleaning.forget_old(now, session_life=timedelta(days=config.session_days))
        + beats.forget_old_beats(now)
        + settings.forget_old(now)
        + drafts.forget_old(now)
        + presence.forget_old(now)
    )
    look_over()
    _log.info("dropped %d outdated rows", gone)


def learn(worker: Worker) -> None:
    """Learn from the district's history, once a day: in a process whose memory goes with it."""
    now = clock.now()
    if not lessons.has_enough() or not learning.take_day(local_date(now), now=now):
        return
    db.session.remove()
    child = subprocess.Popen(LEARN, cwd=Path(worker.app.root_path).parent, stdout=subprocess.DEVNULL)
    while child.poll() is None:
        if worker.stopping.wait(LOOK_SECONDS):
            child.terminate()
    _log.info("learning has ended with %s", child.returncode)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One job, the ``nth`` of its kind, and when it rings: every so many seconds, or daily at a time."""

    job: Callable[[Worker], None]
    seconds: int = 0
    daily_at: str = ""
    nth: int = 1

    @property
    def trigger(self) -> dict[str, Any]:
        """The alarm as the scheduler takes it."""
        if self.seconds:
            return {"trigger": "interval", "seconds": self.seconds}
        hour, minute = self.daily_at.split(":")
        return {"trigger": "cron", "hour": hour, "minute": minute}


ALARMS = [
    Alarm(relay, RELAY_SECONDS),
    *(Alarm(send_mail, SEND_SECONDS, nth=nth) for nth in range(1, MAIL_SENDERS + 1)),
    *(Alarm(job, SEND_SECONDS) for job in (send_texts, send_to_groups)),
    Alarm(recount, RECOUNT_SECONDS),
    Alarm(index, INDEX_SECONDS),
    Alarm(sweep, SWEEP_SECONDS),
    Alarm(hand_over, HAND_OVER_SECONDS),
    Alarm(follow_changes, CHANGES_SECONDS),
    Alarm(beat, BEAT_SECONDS),
    Alarm(learn, LEARN_SECONDS),
    Alarm(clean, daily_at=CLEAN_AT),
]


def scheduler(worker: Worker) -> BackgroundScheduler:
    """Return an alarm clock, not yet ticking, that rings for every job; what is to do lies in the tables."""
    from apscheduler.schedulers.background import BackgroundScheduler  # the site has no use for it

    ringing = BackgroundScheduler(
        timezone=DISTRICT_ZONE,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_SECONDS},
    )
    for alarm in ALARMS:
        job = ringing.add_job(
            worker.run, args=[alarm.job], id=f"{alarm.job.__name__}-{alarm.nth}", **alarm.trigger
        )
        if alarm.seconds:  # at once, then at its pace: a worker that dies often still does its share
            job.modify(next_run_time=worker.started_at)
    return ringing


@click.command("worker")
@with_appcontext
def command() -> None:
    """Run the background worker in the foreground until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # A relay that takes longer than a second is no news; a job that fails is.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    logging.getLogger("apscheduler.executors").setLevel(logging.WARNING)
    app = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - the documented way
    worker = Worker(app, f"{socket.gethostname()}:{os.getpid()}", clock.now())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    worker.run(beat)
    gc.collect()
    gc.freeze()  # code, tables and forms stay for good: no need to look through them again with every batch
    ringing = scheduler(worker)
    ringing.start()
    _log.info("worker %s is up", worker.name)
    worker.stopping.wait()
    ringing.shutdown(wait=False)
    is_idle = worker.wait_until_idle(STOP_WITHIN_SECONDS)
    _log.info("worker %s has stopped", worker.name)
    if not is_idle:
        # A job hangs, most likely on a database that is away; the database rolls its transaction back.
        logging.shutdown()
        os._exit(0)
    db.engine.dispose()
