"""gunicorn for the live stream alone: `gunicorn -c deploy/gunicorn.events.conf.py wsgi:app`.

A stream stays open for hours: gevent holds thousands in one process, elsewhere each would hold a thread.
"""

from __future__ import annotations

import os

bind = os.environ.get("EVENTS_BIND", "unix:/run/closed-loop-events/events.sock")
workers = int(os.environ.get("EVENTS_PROCESSES") or 1)
worker_class = "gevent"
worker_connections = 2000
# gevent makes the standard library its own before the application is loaded: in the worker, never before it.
preload_app = False
timeout = 60
# Streams never end by themselves: they are cut, and the browsers come back.
graceful_timeout = 3
keepalive = 5
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 - the kernel's own
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "info").lower()
