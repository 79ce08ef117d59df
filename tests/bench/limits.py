"""What the machine can give: bare Flask pages on the same database, served by the same gunicorn.

``gunicorn tests.bench.limits:app``. /static answers 20 KB, /query reads 50 indexed rows and renders them,
/write commits one ticket with its event and two clocks.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from itertools import count

from flask import Flask, render_template_string
from sqlalchemy import create_engine, insert, select

from ticketing.core.db import Base
from ticketing.sla.models import Clock
from ticketing.tickets.models import Event, Ticket

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"], pool_size=4, max_overflow=2)
tickets, events, clocks = (Base.metadata.tables[model.__tablename__] for model in (Ticket, Event, Clock))
PAGE = """<!doctype html><title>rows</title><table>{% for row in rows %}
<tr><td>{{ row.number }}</td><td>{{ row.title }}</td><td>{{ row.status }}</td><td>{{ row.queue_at }}</td>
<td>{{ row.received_at }}</td><td>{{ row.due_at }}</td><td>{{ row.kind }}</td><td>{{ row.level }}</td>
<td>{{ filler }}</td></tr>{% endfor %}</table>"""
FILLER = "x" * 180
STATIC = "x" * 20_000
_numbers = count(random.SystemRandom().randrange(10**12))


@app.get("/static")
def static_page() -> str:
    return STATIC


@app.get("/query")
def query() -> str:
    wanted = (
        select(
            tickets.c.number, tickets.c.title, tickets.c.status, tickets.c.queue_at, tickets.c.received_at,
            tickets.c.due_at, tickets.c.kind, tickets.c.level,
        )
        .where(tickets.c.status.not_in(("draft", "closed", "rejected", "withdrawn", "merged")))
        .order_by(tickets.c.queue_at, tickets.c.id)
        .limit(50)
    )  # fmt: skip
    with engine.connect() as connection:
        return render_template_string(PAGE, rows=connection.execute(wanted).all(), filler=FILLER)


with engine.connect() as _connection:
    _SAMPLE = dict(_connection.execute(select(tickets).order_by(tickets.c.id).limit(1)).one()._mapping)
    _CLOCK = dict(_connection.execute(select(clocks).order_by(clocks.c.id).limit(1)).one()._mapping)


@app.post("/write")
def write() -> str:
    now = datetime.now(UTC)
    number = f"B{next(_numbers):x}"[:20]
    fields = {name: value for name, value in _SAMPLE.items() if name != "id"}
    with engine.begin() as connection:
        ticket_id = connection.execute(
            insert(tickets).values(fields | {"number": number, "received_at": now}).returning(tickets.c.id)
        ).scalar_one()
        connection.execute(
            insert(events).values(
                ticket_id=ticket_id, seq=1, at=now, action="submit", to_status="submitted", data={}, hash=""
            )
        )
        row = {name: value for name, value in _CLOCK.items() if name != "id"} | {"ticket_id": ticket_id}
        connection.execute(insert(clocks), [row | {"nth": 1}, row | {"nth": 2}])
    return number
