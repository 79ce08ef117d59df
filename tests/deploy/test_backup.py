"""The backup scripts, on both databases, with the tools an operator has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.kit.postgres import install_folder

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PAPER = b"%PDF-1.7 \xe5\x90\x88\xe5\x90\x8c"


class Place:
    """A database with one table, a folder of files, and the scripts pointed at them."""

    def __init__(self, url: str, var: Path) -> None:
        self.url = url
        self.var = var
        self.engine = create_engine(url, poolclass=NullPool)
        (var / "attachments").mkdir(parents=True)
        (var / "attachments" / "paper.pdf").write_bytes(PAPER)
        self.run_sql("CREATE TABLE requests (name TEXT)")
        self.run_sql("INSERT INTO requests VALUES ('用电增容')")

    def run_sql(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement))

    def names(self) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.scalars(text("SELECT name FROM requests ORDER BY name")))

    def script(self, name: str, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PATH": f"{install_folder() / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "DATABASE_URL": self.url,
            "TICKETING_VAR": str(self.var),
            "PYTHON": sys.executable,
            **more,
        }
        command = [str(DEPLOY / name), *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def backup(self, target: Path, **more: str) -> Path:
        done = self.script("backup.sh", target, **more)
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())


@pytest.fixture
def place(database, tmp_path, request):
    if database == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'var' / 'ticketing.db'}", tmp_path / "var")
    server = request.getfixturevalue("postgres")
    name = f"backup_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    server.copy("template0", name)
    return Place(server.url(name), tmp_path / "var")


def test_what_was_lost_comes_back_and_what_came_since_is_gone(place, tmp_path):
    saved = place.backup(tmp_path / "backups")
    place.run_sql("DELETE FROM requests")
    place.run_sql("INSERT INTO requests VALUES ('later')")
    (place.var / "attachments" / "paper.pdf").unlink()
    (place.var / "attachments" / "later.pdf").write_bytes(b"later")

    done = place.script("restore.sh", saved, "--yes")

    assert done.returncode == 0, done.stderr
    assert place.names() == ["用电增容"]
    assert [file.name for file in (place.var / "attachments").iterdir()] == ["paper.pdf"]
    assert (place.var / "attachments" / "paper.pdf").read_bytes() == PAPER
    assert [kept.read_bytes() for kept in place.var.glob("before-restore-*/attachments/later.pdf")] == [
        b"later"
    ]


def test_without_yes_nothing_changes(place, tmp_path):
    saved = place.backup(tmp_path / "backups")
    place.run_sql("INSERT INTO requests VALUES ('later')")

    done = place.script("restore.sh", saved)

    assert done.returncode == 0, done.stderr
    assert "Nothing was changed" in done.stdout
    assert place.names() == ["later", "用电增容"]


def test_a_damaged_backup_is_refused(place, tmp_path):
    saved = place.backup(tmp_path / "backups")
    with next(saved.glob("database.*")).open("r+b") as opened:
        opened.seek(200)
        opened.write(b"\x00damaged\x00")
    place.run_sql("INSERT INTO requests VALUES ('later')")

    done = place.script("restore.sh", saved, "--yes")

    assert done.returncode != 0
    assert place.names() == ["later", "用电增容"]


def test_a_failed_backup_leaves_no_half_one(place, tmp_path):
    done = place.script("backup.sh", tmp_path / "backups", DATABASE_URL=place.url + "-missing")

    assert done.returncode != 0
    assert list((tmp_path / "backups").iterdir()) == []


def test_only_the_newest_are_kept(place, tmp_path):
    for old in ("20260101T000000Z", "20260102T000000Z"):
        (tmp_path / "backups" / f"closed-loop-{old}").mkdir(parents=True)

    saved = place.backup(tmp_path / "backups", KEEP="2")

    kept = sorted(folder.name for folder in (tmp_path / "backups").iterdir())
    assert kept == ["closed-loop-20260102T000000Z", saved.name]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_in_use_is_not_replaced(place, tmp_path):
    saved = place.backup(tmp_path / "backups")

    with place.engine.connect() as idle:
        idle.execute(text("SELECT count(*) FROM requests")).all()
        idle.rollback()
        done = place.script("restore.sh", saved, "--yes")

    assert done.returncode != 0
    assert "in use" in done.stderr
