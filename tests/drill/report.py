"""What the drill prints."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.drill.points import Tally, group_of
from tests.drill.scene import End
from tests.drill.verdict import Calls, Verdict

SHOWN = 40
KILLED = -9


def say(text: str) -> None:
    """Say how far it is."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def faults(found: Verdict, tallies: Mapping[str, Tally]) -> list[str]:
    """Return one line for each fault of the product."""
    traces = [
        f"{name}: {tally.wrong_traces} left what they should not, or left nothing"
        for name, tally in tallies.items()
        if tally.wrong_traces
    ]
    return found.faults + traces


def tables(
    found: Verdict, tallies: Mapping[str, Tally], kills: Mapping[str, int], ends: Sequence[End]
) -> str:
    """Return everything as text."""
    wrong = faults(found, tallies)
    lines = [*_points(found, tallies), "", *_random(found, kills), "", *_all(found, ends), ""]
    lines += [f"FAULT  {one}" for one in wrong[:SHOWN]]
    if len(wrong) > SHOWN:
        lines.append(f"… and {len(wrong) - SHOWN} more")
    lines.append(f"{len(wrong)} faults" if wrong else "no fault")
    return "\n".join(lines)


def _points(found: Verdict, tallies: Mapping[str, Tally]) -> list[str]:
    heads = ("kills", "not hit", "wrong trace", "requests", "lost", "doubled")
    lines = [f"{'killed at':<40}" + "".join(f"{head:>12}" for head in heads)]
    for name, tally in tallies.items():
        calls = found.groups.get(group_of(name), Calls())
        figures = (
            *(tally.kills, tally.spared, tally.wrong_traces, calls.acknowledged),
            *(len(calls.lost), len(calls.doubled)),
        )
        lines.append(f"{name:<40}" + "".join(f"{figure:>12}" for figure in figures))
    return lines


def _random(found: Verdict, kills: Mapping[str, int]) -> list[str]:
    heads = ("asked", "tries", "acknowledged", "unknown", "lost", "doubled")
    lines = [f"{'killed at random: ' + (_listed(kills) or 'nothing')}"]
    lines.append(f"{'requests of':<28}" + "".join(f"{head:>14}" for head in heads))
    for name, calls in sorted(found.groups.items()):
        if name.startswith("at-"):
            continue
        figures = (
            calls.asked,
            calls.tries,
            calls.acknowledged,
            calls.unknown,
            len(calls.lost),
            len(calls.doubled),
        )
        lines.append(f"{name:<28}" + "".join(f"{figure:>14}" for figure in figures))
    return lines


def _listed(figures: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in figures.items())


def _all(found: Verdict, ends: Sequence[End]) -> list[str]:
    groups, steps, mail = found.groups.values(), found.escalated, found.posted
    late = sorted(steps.late_seconds)
    others = Counter(f"{end.name} ended with {end.code}" for end in ends if end.code != KILLED)
    requests = {
        "asked": sum(one.asked for one in groups),
        "acknowledged": sum(one.acknowledged for one in groups),
        "unknown": sum(one.unknown for one in groups),
        "LOST": sum(len(one.lost) for one in groups),
        "DOUBLED": sum(len(one.doubled) for one in groups),
        "REFUSED": sum(len(one.refused) for one in groups),
        "HALF WRITTEN": len(found.half_written),
        "asked again later": found.replayed,
    }
    escalations = {"due": steps.due, "fired": steps.fired, "MISSED": len(steps.missed)}
    escalations |= {"DOUBLED": len(steps.doubled), "EARLY": len(steps.early), "WRONG": len(steps.wrong)}
    messages = {
        "letters": mail.letters,
        "came": mail.copies,
        "LOST": len(mail.lost),
        "STRANGE": len(mail.strange),
        "repeated, same Message-ID": mail.repeated,
        "of these with other bytes": mail.altered,
        "REPEATED WITHOUT A KILL": len(mail.unexplained),
        "kills of senders and database": mail.kills,
    }
    lateness = (
        f"{_at(late, 0.5):.1f} s in the middle, {_at(late, 0.99):.1f} s p99, {_at(late, 1):.1f} s at most"
    )
    killed = sum(end.code == KILLED for end in ends)
    return [
        *(_line("requests", requests), _line("escalations", escalations), f"{'':<14}late by {lateness}"),
        _line("messages", messages),
        f"{'processes':<14}{killed} masters and workers killed; {_listed(others) or 'none ended otherwise'}",
    ]


def _line(name: str, figures: Mapping[str, int]) -> str:
    return f"{name:<14}" + ", ".join(f"{word} {figure}" for word, figure in figures.items())


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0
