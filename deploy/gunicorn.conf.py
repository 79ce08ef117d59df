"""gunicorn in production: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
from typing import Any

_M_MMAP_THRESHOLD, _MEGABYTE = -3, 1 << 20
# A page makes some ten thousand objects, and leaves none behind: looking through them seven times is no use.
_COLLECT_AFTER = 10_000, 10, 10

bind = os.environ.get("WEB_BIND", "unix:/run/closed-loop/web.sock")
workers = int(os.environ.get("WEB_PROCESSES") or min(2 * (os.cpu_count() or 1), 8))
threads = int(os.environ.get("WEB_THREADS") or 4)
worker_class = "gthread"
# Loaded once and shared; a new release therefore needs a restart, which loses no request behind the socket.
preload_app = True
timeout = 30
graceful_timeout = 25
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 - the kernel's own
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "info").lower()


def when_ready(_server: Any) -> None:
    """Take what was loaded out of the collector's sight: it stays for good, and stays shared."""
    gc.collect()
    gc.freeze()


def post_fork(_server: Any, worker: Any) -> None:
    """Give each process its own database connections: the parent's must not be shared.

    And have glibc give large blocks back: it would keep the 19 MiB of the first passwords checked for good,
    in each thread's arena, up to 50 MB a process.
    """
    gc.set_threshold(*_COLLECT_AFTER)
    with contextlib.suppress(OSError, AttributeError):  # another C library has no such switch
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _MEGABYTE)
    from ticketing.core.db import db

    app = worker.app.wsgi()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
