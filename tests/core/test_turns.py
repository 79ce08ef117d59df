"""The writers of a SQLite file wait in line, whatever process they are of."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading

import pytest

from ticketing.core.turns import turn

_PATIENCE_SECONDS = 20


def hold_elsewhere(database: str) -> subprocess.Popen[str]:
    """Another process that holds the turn until a line comes in."""
    code = (
        "import sys; from ticketing.core.turns import turn\n"
        "with turn(sys.argv[1]): print('mine', flush=True); sys.stdin.readline()"
    )
    held = subprocess.Popen(
        [sys.executable, "-c", code, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert held.stdout is not None
    assert held.stdout.readline() == "mine\n"
    return held


def taken_by_a_thread(database: str) -> tuple[threading.Thread, threading.Event]:
    has_turn = threading.Event()

    def take() -> None:
        with turn(database):
            has_turn.set()

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    return thread, has_turn


@pytest.mark.parametrize("end", ["at the end of its turn", "killed"])
def test_another_process_is_waited_for_until_it_is_done_or_dead(tmp_path, end):
    database = str(tmp_path / "some.db")
    held = hold_elsewhere(database)
    thread, has_turn = taken_by_a_thread(database)
    assert not has_turn.wait(0.05)

    if end == "killed":
        held.kill()
        held.communicate()
    else:
        held.communicate("\n")

    thread.join(_PATIENCE_SECONDS)
    assert has_turn.is_set()


def test_another_thread_is_waited_for_and_another_file_is_not(tmp_path):
    database = str(tmp_path / "some.db")
    with turn(database):
        thread, has_turn = taken_by_a_thread(database)
        assert not has_turn.wait(0.05)
        with (tmp_path / "other.db-turn").open("ab") as beside:
            fcntl.flock(beside, fcntl.LOCK_EX | fcntl.LOCK_NB)
    thread.join(_PATIENCE_SECONDS)
    assert has_turn.is_set()


def test_the_turn_is_given_back_after_an_error(tmp_path):
    database = str(tmp_path / "some.db")
    with pytest.raises(ZeroDivisionError), turn(database):
        raise ZeroDivisionError
    with turn(database):
        pass


def test_without_a_file_threads_alone_are_waited_for():
    with turn(None):
        pass
    with turn(":memory:"):
        pass
