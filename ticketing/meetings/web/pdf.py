"""The minutes on paper: the facts that were sealed, under headings in the reader's language."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ticketing.core import typeset
from ticketing.core.local_day import DISTRICT_ZONE
from ticketing.meetings import minutes as facts
from ticketing.meetings.queries.reading import MeetingView
from ticketing.meetings.words import ISSUES, Issue
from ticketing.web.texts import gettext as _

TEMPLATE = Path(__file__).resolve().parent.parent / "minutes.typ"
Facts = dict[str, Any]


def minutes(found: MeetingView, reader: str, locale: str, now: datetime) -> bytes:
    """Return the minutes as issued with their corrections; else a draft as they stand."""
    if found.papers:
        papers = [(json.loads(paper.body), paper.sha256) for paper, _name in found.papers]
    else:
        papers = [(facts.facts(found, issued_by=reader, now=now), "")]
    return typeset.pdf(TEMPLATE, document(papers, locale))


def document(papers: list[tuple[Facts, str]], locale: str) -> Facts:
    """Return what the template prints: sentences in the language in force, people's words as they stand."""
    told, mark = papers[0]
    is_draft = not mark
    return {
        "lang": "en" if locale == "en" else "zh",
        "title": _("联席会商纪要"),
        "draft": _("草稿") if is_draft else "",
        "number": told["number"],
        "theme": told["theme"],
        "facts": _facts(told, locale),
        "earlier_title": _("上次会商未完成的任务"),
        "earlier": [_task(task, locale) for task in told["earlier"]],
        "agenda_title": _("议题与决定"),
        "items": [_item(item, place, locale) for place, item in enumerate(told["items"], start=1)],
        "task_heads": [_("任务"), _("责任单位"), _("责任人"), _("完成期限")],
        "sign_title": _("签署"),
        "signs": [_("主持人"), _("记录人"), _("签发人")],
        "sign_date": _("日期"),
        "corrections_title": _("更正"),
        "corrections": [_correction(paper, sealed) for paper, sealed in papers[1:]],
        "foot": _("草稿，未印发") if is_draft else _("印发：%(at)s", at=_moment(told["issued_at"])),
        "seal": "" if is_draft else f"SHA-256 {mark}",
        "page_of": _("第 {n} 页，共 {of} 页"),
    }


def _facts(told: Facts, locale: str) -> list[list[str]]:
    comma = _("、")
    people = comma.join(f"{one['name']} ({_unit(one['unit'], locale)})" for one in told["people"])
    rows = [
        (
            _("时间"),
            _("%(begin)s 至 %(end)s", begin=_moment(told["starts_at"]), end=_moment(told["ends_at"])),
        ),
        (_("地点"), told["place"]),
        (_("牵头单位"), _unit(told["host"], locale)),
        (_("参会单位"), comma.join(_unit(unit, locale) for unit in told["units"])),
        (_("参会人员"), people),
        (_("其他参会人员"), told["guests"]),
        (_("召集人"), told["called_by"]),
    ]
    return [[name, text] for name, text in rows if text]


def _item(item: Facts, place: int, locale: str) -> Facts:
    about = [_(ISSUES[Issue(item["kind"])])]
    if item["raised_by"]:
        about.append(_("%(unit)s提出", unit=_unit(item["raised_by"], locale)))
    ticket = item["ticket"]
    if ticket:
        title = ticket["title"] or _("（保密诉求）")
        about.append(" ".join(part for part in (ticket["number"], title, ticket["company"]) if part))
    return {
        "head": _("议题 %(n)s", n=place),
        "about": " · ".join(about),
        "issue": item["issue"],
        "decision_head": _("决定"),
        "decision": item["decision"] or _("（还没有写）"),
        "tasks": [_task(task, locale) for task in item["tasks"]],
    }


def _task(task: Facts, locale: str) -> list[str]:
    due = date.fromisoformat(task["due_on"]).isoformat()
    return [task["what"], _unit(task["unit"], locale), task["person"], due]


def _correction(paper: Facts, sealed: str) -> Facts:
    when = _moment(paper["issued_at"])
    return {"text": paper["text"], "by": f"{paper['issued_by']} · {when}", "seal": f"SHA-256 {sealed}"}


def _unit(unit: Facts, locale: str) -> str:
    return str(unit["name_en"] if locale == "en" else unit["name"])


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(DISTRICT_ZONE):%Y-%m-%d %H:%M}"
