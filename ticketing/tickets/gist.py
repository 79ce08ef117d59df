"""What one company may read of an answer given to another: what was done, and nobody's data. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ticketing.core.text import clean_line

MAX_GIST = 300
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?:QS\d\d(?:-\d{3}){3}|QS\d{11}|\+?\d[\d\- ]{5,}\d|[0-9A-Z]{18})(?![0-9A-Za-z])"
)
_MAIL = re.compile(r"[^\s@，。；：]+@[^\s@，。；：]+")
# A sentence may begin politely; what it says after the colon is kept.
_POLITE = re.compile(r"您好|收悉|贵公司|贵司|答复如下")
# A sentence with one of these says whom to call, or only ends the letter.
_ABOUT_PEOPLE = re.compile(r"联系人|承办人|经办人|电话|如有疑问|如还有|欢迎再次|致谢|此复|特此")
_FORMS = ("股份有限公司", "有限责任公司", "有限公司", "集团", "公司")
_PLACE = re.compile(r"^(?:江苏省?)?(?:苏州市?)?(?:高新区|虎丘区)?")
_SOMEBODY = "某企业"
_LEAST_OF_A_NAME = 2


def neutral(text: str, company: str, people: Iterable[str] = ()) -> str:
    """Return one line of ``text`` without the company's name, the people's, numbers and addresses."""
    found = clean_line(text.replace("\n", " "))
    for name in _names(company):
        found = found.replace(name, _SOMEBODY)
    for person in people:
        if len(person) >= _LEAST_OF_A_NAME:
            found = found.replace(person, "…")
    return _MAIL.sub("…", _NUMBER.sub("…", found))


def _names(company: str) -> list[str]:
    """The company's full name and what it is called for short, the longest first."""
    short = _PLACE.sub("", company)
    for form in _FORMS:
        short = short.removesuffix(form)
    return [name for name in (company, short) if len(name) >= _LEAST_OF_A_NAME]


def gist(reply: str, title: str, company: str, people: Iterable[str] = ()) -> str:
    """Return what was done according to ``reply``: no greeting, no title, no names.

    At most MAX_GIST characters; empty when nothing is left of it.
    """
    known = tuple(people)
    kept: list[str] = []
    length = 0
    for sentence in _SENTENCE.findall(reply):
        told = _core(sentence, title)
        if not told or any(name in told for name in (*_names(company), *known) if name):
            continue
        plain = neutral(told, company, known)
        if "…" in plain or length + len(plain) > MAX_GIST:
            continue
        kept.append(plain)
        length += len(plain)
    return "".join(kept)


def _core(sentence: str, title: str) -> str:
    """The sentence without what leads up to it; nothing when it is about people or repeats the title."""
    told = sentence.strip()
    if title and title in told:
        told = told.rpartition(title)[2].lstrip("”」\"'，,：:")
        told = "" if told.startswith("的") else told
    if _POLITE.search(told):
        told = told.rpartition("：")[2] if "：" in told else ""
    return "" if _ABOUT_PEOPLE.search(told) else told.strip()
