"""Sets a PostgreSQL database back to rows kept aside in it: a fraction of the price of a fresh copy.

Only what differs is written: tables that were empty are emptied, others get their rows back when any row was
touched. Where more than rows changed (an index built anew, statistics taken) or many rows came, a fresh copy
of the whole database is due; ``restore`` says so.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection

import psycopg

from tests.kit.postgres import PostgresServer

# Triggers, foreign keys among them, rest meanwhile. kept.now: what each table holds, by the transaction that
# wrote all its rows.
SET_UP = """
CREATE SCHEMA IF NOT EXISTS kept;
CREATE TABLE IF NOT EXISTS kept.rows (state text, name text, aside text, PRIMARY KEY (state, name));
CREATE TABLE IF NOT EXISTS kept.now (name text PRIMARY KEY, aside text, written bigint, held bigint);
CREATE TABLE IF NOT EXISTS kept.places (state text, name text, last bigint, is_called boolean);
CREATE TABLE IF NOT EXISTS kept.shape (told text);
CREATE OR REPLACE FUNCTION kept.shape_now() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws('/',
    (SELECT count(*) || ':' || max(c.oid) FROM pg_class c WHERE relnamespace = 'public'::regnamespace),
    (SELECT count(*) || ':' || max(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
    (SELECT count(*) || ':' || max(oid) FROM pg_trigger WHERE NOT tgisinternal),
    (SELECT count(*) FROM pg_statistic WHERE starelid >= 16384)) $$;
CREATE OR REPLACE FUNCTION kept.keep(wanted text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE t text; held boolean; aside text; is_same boolean;
BEGIN
  FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t) INTO held;
    IF held THEN
      aside := wanted || '_' || t;
      EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', aside, t);
      INSERT INTO kept.rows VALUES (wanted, t, aside);
    END IF;
  END LOOP;
  INSERT INTO kept.places SELECT wanted, sequencename, last_value, last_value IS NOT NULL
    FROM pg_sequences WHERE schemaname = 'public';
  TRUNCATE kept.shape;
  INSERT INTO kept.shape VALUES (kept.shape_now());
END $$;
CREATE OR REPLACE FUNCTION kept.restore(wanted text, most bigint, ours int[])
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE t record; is_whole boolean; n bigint; gone bigint := 0; columns text; is_there boolean;
BEGIN
  IF NOT EXISTS (SELECT FROM kept.rows WHERE state = wanted)
    OR (SELECT told FROM kept.shape) IS DISTINCT FROM kept.shape_now() THEN RETURN false; END IF;
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND NOT pid = ANY (ours);
  SET LOCAL lock_timeout = '3s';
  SET LOCAL session_replication_role = replica;
  FOR t IN
    SELECT c.relname AS name, r.aside, w.aside AS held, w.written, w.held AS count
    FROM pg_class c LEFT JOIN kept.rows r ON r.name = c.relname AND r.state = wanted
      LEFT JOIN kept.now w ON w.name = c.relname
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  LOOP
    IF t.aside IS NULL THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t.name) INTO is_there;
      IF is_there THEN
        EXECUTE format('DELETE FROM public.%I', t.name);
        GET DIAGNOSTICS n = ROW_COUNT;
        gone := gone + n;
      END IF;
      CONTINUE;
    END IF;
    IF t.aside = t.held THEN
      EXECUTE format('SELECT count(*) = %L AND bool_and(xmin::text::bigint = %L) FROM public.%I',
        t.count, t.written, t.name) INTO is_whole;
      CONTINUE WHEN is_whole;
    END IF;
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
      WHERE attrelid = format('public.%I', t.name)::regclass
        AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    EXECUTE format('DELETE FROM public.%I', t.name);
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM kept.%I',
      t.name, columns, columns, t.aside);
    GET DIAGNOSTICS n = ROW_COUNT;
    DELETE FROM kept.now WHERE name = t.name;
    INSERT INTO kept.now VALUES (t.name, t.aside, pg_current_xact_id()::text::bigint % (2^32)::bigint, n);
  END LOOP;
  PERFORM setval(format('public.%I', name)::regclass, coalesce(last, 1), is_called)
    FROM kept.places WHERE state = wanted;
  RETURN gone <= most;
END $$;
"""
MOST_ROWS = 2_000
MOST_TIMES = 100
"""Deleted rows stay in their places until the next copy."""


class KeptRows:
    """One database and the copies kept of it, by state."""

    def __init__(self, server: PostgresServer, database: str) -> None:
        self._server = server
        self._database = database
        self._connection: psycopg.Connection | None = None
        self._times = 0

    def keep(self, state: str) -> None:
        """Keep what the database holds now; nobody else may be connected to it."""
        with psycopg.connect(self._server.dsn(self._database)) as connection:
            connection.execute(SET_UP)
            connection.execute("SELECT kept.keep(%s)", (state,))
        self._close()
        self._server.copy(self._database, self._aside(state))

    def restore(self, state: str, ours: Collection[int] = ()) -> bool:
        """Set the database back to a kept state; return whether our own connections to it live on.

        ``ours``: their server processes; whoever else is connected is cut off.
        """
        self._times += 1
        if self._times <= MOST_TIMES and self._has_restored(state, ours):
            return True
        self._close()
        self._server.copy(self._aside(state), self._database)
        self._times = 0
        return False

    def _has_restored(self, state: str, ours: Collection[int]) -> bool:
        asked = "SELECT kept.restore(%s, %s, %s)"
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._server.dsn(self._database), autocommit=True)
            row = self._connection.execute(asked, (state, MOST_ROWS, list(ours))).fetchone()
        except psycopg.Error:
            return False  # the database is not as it was, or somebody holds a lock: a copy will be
        return row is not None and bool(row[0])

    def _aside(self, state: str) -> str:
        return f"{state}_{self._database}"

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
