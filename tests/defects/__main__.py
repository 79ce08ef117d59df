"""Sows one mistake after the other into a copy of the tree and looks whether the tests see it.

``python -m tests.defects [WORD]``: those whose name holds the word. Ends with 1 when one is not caught.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.defects.seeds import DEFECTS, Defect

ROOT = Path(__file__).resolve().parents[2]
# Made by the set-up and not tracked, but asked for by tests.
BUILT = "ticketing/translations/*/LC_MESSAGES/*.mo"
WORDS = {0: "SURVIVED", 1: "caught"}  # by pytest's exit status; with any other it could not run the tests
MOST_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the tests said of one mistake: caught, survived, or what went wrong; and in how many seconds."""

    word: str
    seconds: float
    by: str = ""


def copy_tree(to: Path) -> None:
    """Copy every tracked file as it lies in this tree, with what the set-up has built."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in listed.decode().split("\0") if name]
    names += [path.relative_to(ROOT).as_posix() for path in ROOT.glob(BUILT)]
    for name in names:
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def run(
    tree: Path, tests: tuple[str, ...], database: str, *, is_sound: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run ``tests`` in ``tree`` until one fails."""
    settings = {"TEST_DATABASES": database}
    if not is_sound:  # what is compiled of an edited file must not outlive the edit
        settings["PYTHONDONTWRITEBYTECODE"] = "1"
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests],
        cwd=tree,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS * (5 if is_sound else 1),
        check=False,
    )


def try_one(tree: Path, defect: Defect) -> Outcome:
    """Make the mistake in ``tree``, run its tests, take it back."""
    path = tree / defect.path
    sound = path.read_text(encoding="utf-8")
    if sound.count(defect.old) != 1:
        return Outcome("text not found", 0)
    begun = time.monotonic()
    path.write_text(sound.replace(defect.old, defect.new), encoding="utf-8")
    try:
        done = run(tree, defect.tests, defect.database)
    except subprocess.TimeoutExpired:
        return Outcome("too slow", MOST_SECONDS)
    finally:
        path.write_text(sound, encoding="utf-8")
    word = WORDS.get(done.returncode, "not run")
    told = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    seen = [line for line in told if "::" in line]
    by = seen[0].split(" - ")[0].partition("::")[2] if seen else done.stdout[-300:]
    return Outcome(word, time.monotonic() - begun, by)


def are_sound(tree: Path, defects: list[Defect]) -> bool:
    """Whether all the tests pass while nothing is wrong; tell what fails if not."""
    for database in sorted({defect.database for defect in defects}):
        names = [test for defect in defects if defect.database == database for test in defect.tests]
        done = run(tree, tuple(dict.fromkeys(names)), database, is_sound=True)
        if done.returncode:
            print(f"pytest ended with {done.returncode}")
            print(
                done.stdout[-3000:],
                done.stderr[-1000:],
                "without any mistake the tests do not pass",
                sep="\n",
            )
            return False
    return True


def main(words: list[str]) -> int:
    """Try all of them, or those asked for; return the exit status."""
    wanted = [one for one in DEFECTS if not words or any(word in one.name for word in words)]
    with tempfile.TemporaryDirectory(prefix="defects-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        if not are_sound(tree, wanted):
            return 1
        outcomes = []
        for number, defect in enumerate(wanted, start=1):
            outcome = try_one(tree, defect)
            outcomes.append(outcome)
            print(
                f"{number:3} {outcome.word:9} {outcome.seconds:5.1f} s  {defect.name:58} {outcome.by}",
                flush=True,
            )
    caught = sum(outcome.word == "caught" for outcome in outcomes)
    print(f"{caught} of {len(wanted)} caught")
    return 0 if caught == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
