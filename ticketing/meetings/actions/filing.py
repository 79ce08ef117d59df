"""Adding a file to a meeting: bytes on disk and a row, both or neither."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import func, select

from ticketing.core import files
from ticketing.core.actor import Actor
from ticketing.core.db import db, on_rollback, transaction
from ticketing.core.errors import Invalid, NotPermitted
from ticketing.core.files import Shelf, Upload
from ticketing.core.text import N_
from ticketing.meetings import rules
from ticketing.meetings.actions.holding import locked
from ticketing.meetings.models import MeetingFile, MeetingUnit
from ticketing.meetings.words import MeetingState
from ticketing.network.queries import network

TOKEN_BYTES = 18
MEGABYTE = 1 << 20


class TooManyFiles(Invalid):
    """A meeting holds only so many files."""

    sentence = N_("一次会商最多 %(most)s 个附件")


def add_file(actor: Actor, number: str, upload: Upload, *, shelf: Shelf, now: datetime) -> MeetingFile:
    """Add a file: whoever leads the meeting, or the people of the units that take part.

    Raises NotFound, NotPermitted, MeetingIsOver, TooManyFiles, files.TooLarge, files.NotTaken.
    """
    if len(upload.content) > shelf.max_bytes:
        sentence = files.TooLarge.sentence
        raise files.TooLarge(fields={"file": [sentence]}, most=shelf.max_bytes // MEGABYTE)
    name = files.clean_name(upload.name)
    sort = files.sort_of(name, upload.content)
    net = network()
    with transaction():
        meeting = locked(actor, number)
        paths = [
            net.by_id[unit_id].path
            for unit_id in db.session.scalars(
                select(MeetingUnit.unit_id).where(MeetingUnit.meeting_id == meeting.id)
            )
        ]
        is_leader = rules.leads(actor, net.by_id[meeting.host_unit_id].path)
        if not (is_leader or any(rules.works_in(actor, path) for path in paths)):
            raise NotPermitted
        if meeting.state is MeetingState.CANCELLED:
            raise rules.MeetingIsOver
        of_meeting = MeetingFile.meeting_id == meeting.id
        if db.session.scalars(select(func.count()).where(of_meeting)).one() >= rules.MOST_FILES:
            raise TooManyFiles(fields={"file": [TooManyFiles.sentence]}, most=rules.MOST_FILES)
        found = MeetingFile(
            token=secrets.token_urlsafe(TOKEN_BYTES),
            meeting_id=meeting.id,
            name=name,
            content_type=sort.content_type,
            size_bytes=len(upload.content),
            sha256=hashlib.sha256(upload.content).hexdigest(),
            uploaded_by=actor.user_id,
            uploaded_at=now,
        )
        db.session.add(found)
        db.session.flush()
        on_rollback(lambda: files.forget(shelf.folder, found.token))
        files.keep(shelf.folder, found.token, upload.content)
    return found
