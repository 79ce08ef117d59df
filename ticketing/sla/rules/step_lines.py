"""Steps of warning and escalation as people write them, one a line: ``80% 经办人``, ``+24h 督办、区领导``."""

from __future__ import annotations

import re
from typing import Any

from ticketing.core.text import N_
from ticketing.sla.rules.steps import Audience, BadSteps, StepPlan, read

AUDIENCES: dict[Audience, str] = {
    Audience.HANDLER: N_("经办人"),
    Audience.UNIT_LEADER: N_("单位领导"),
    Audience.PARENT: N_("上级单位"),
    Audience.SUPERVISION: N_("督办"),
    Audience.DISTRICT_LEADER: N_("区领导"),
}
_LINE = re.compile(r"(?:([0-9]{1,3})\s*[%％]|[+＋]?\s*([0-9]{1,4})\s*(?:h|小时))[\s:：]+(.+)", re.IGNORECASE)
_BETWEEN = re.compile(r"[,，、;；]\s*")
_SHOWN_CHARS = 40
_BY_NAME = {name: word for word, name in AUDIENCES.items()} | {word.value: word for word in Audience}


def read_lines(text: str, names: dict[str, Audience] | None = None) -> StepPlan | None:
    """Return the steps typed, None for an empty text: the default ones. Raises BadSteps with the line.

    ``names`` are further words for whom to tell: those of the reader's language.
    """
    said = names or {name: word for word, name in AUDIENCES.items()}
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return read([_step(line, number, said) for number, line in lines]) if lines else None


def _step(line: str, number: int, names: dict[str, Audience]) -> dict[str, Any]:
    known = _BY_NAME | {name.casefold(): word for name, word in names.items()}
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadSteps(
            N_("第 %(line)s 行“%(value)s”无法识别，请写成 80%% 经办人、单位领导，或者 +24h 上级单位"),
            line=number,
            value=line[:_SHOWN_CHARS],
        )
    percent, hours, words = found.groups()
    audience = []
    for word in _BETWEEN.split(words.strip()):
        if word.casefold() not in known:
            raise BadSteps(
                N_("第 %(line)s 行不认识的告知对象“%(value)s”；可用：%(known)s"),
                line=number,
                value=word[:_SHOWN_CHARS],
                known=", ".join(names),
            )
        audience.append(known[word.casefold()].value)
    when = {"percent": int(percent)} if percent else {"every_hours": int(hours)}
    return {**when, "audience": audience}


def lines_of(plan: StepPlan, names: dict[Audience, str] | None = None) -> str:
    """Return the steps as they are typed, in the words of ``names``; ``read_lines`` gives them back."""
    said = names or AUDIENCES
    return "\n".join(
        f"{f'{step.percent}%' if step.percent is not None else f'+{step.every_hours}h'} "
        + "、".join(said[word] for word in step.audience)
        for step in plan.steps
    )
