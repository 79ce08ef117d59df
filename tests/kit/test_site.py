"""The kit itself: no test sees what another one left behind."""

from __future__ import annotations

import pytest
from flask import g
from sqlalchemy import inspect, text

from tests.kit.client import FreshClient
from ticketing.core.db import db, transaction


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def test_reset_takes_rows_tables_and_files_away(site, app):
    with transaction():
        db.session.execute(text("CREATE TABLE left_over (id INTEGER)"))
    (site.config.var_dir / "left.txt").write_text("over", encoding="utf-8")
    db.session.remove()

    site.reset()

    assert "alembic_version" in tables()
    assert "left_over" not in tables()
    assert list(site.config.var_dir.iterdir()) == []


def test_the_schema_comes_from_the_migrations(app):
    assert set(db.metadata.tables) <= tables()


def test_each_request_starts_from_nothing(app):
    from flask import Flask

    small = Flask("small")
    small.test_client_class = FreshClient
    small.add_url_rule("/count", view_func=count)

    with small.app_context():
        g.count = 41
        answers = [small.test_client().get("/count").text for _ in range(2)]

        assert answers == ["1", "1"]
        assert g.count == 41


def count() -> str:
    g.count = g.get("count", 0) + 1
    return str(g.count)


def test_a_request_makes_the_test_read_its_rows_anew(app):
    with transaction():
        db.session.execute(text("CREATE TABLE numbers (id INTEGER)"))
    read = text("SELECT count(*) FROM numbers")
    assert db.session.scalar(read) == 0  # a read transaction is now open

    def add() -> str:
        with transaction():
            db.session.execute(text("INSERT INTO numbers VALUES (1)"))
        return "added"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "wsgi_app", _answering(app, add))
        app.test_client().get("/")

    assert db.session.scalar(read) == 1


def _answering(app, action):
    def wsgi(environ, start_response):
        with app.app_context():
            body = action()
            db.session.remove()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body.encode()]

    return wsgi


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_knows_chinese_letters(app, database):
    assert db.session.scalar(text("SELECT '企' ~ '[[:alpha:]]'"))
