"""What in a text for the company looks as if it were not meant for it: marks of drafts, asides to colleagues.

Precision comes first: whoever is asked without cause learns to press on unread. So ordinary sentences about
"the company's internal network" or "after checking" pass, and names and numbers count only once the
database knows them as somebody else's (``queries.leaving``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from ticketing.accounts.rules import check_uscc
from ticketing.core.errors import DomainError, Invalid
from ticketing.core.text import N_
from ticketing.tickets.rules import read_number


class Sort(StrEnum):
    """What a finding is."""

    MENTION = "mention"
    INTERNAL = "internal"
    DRAFT = "draft"
    BLANK = "blank"
    IDENTITY = "identity"
    COMPANY = "company"
    CODE = "code"
    NUMBER = "number"
    MOBILE = "mobile"


# How a finding is said; ``words`` is the place in the text.
SENTENCES = {
    Sort.MENTION: N_("“%(words)s”像是在叫同事"),
    Sort.INTERNAL: N_("“%(words)s”像是内部说明"),
    Sort.DRAFT: N_("“%(words)s”像是还没有写完"),
    Sort.BLANK: N_("“%(words)s”还没有填上"),
    Sort.IDENTITY: N_("“%(words)s”是身份证号码"),
    Sort.COMPANY: N_("“%(words)s”是另一家企业"),
    Sort.CODE: N_("“%(words)s”是另一家企业的统一社会信用代码"),
    Sort.NUMBER: N_("%(words)s 是另一家企业的诉求"),
    Sort.MOBILE: N_("%(words)s 是工作人员登记的手机号"),
}
MAX_WORDS = 30
"""Of a place in the text no more is quoted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that looks internal, and the words it was seen by."""

    sort: Sort
    words: str


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a text names; whose it is, only the database knows. ``names`` may begin in mid-sentence."""

    numbers: frozenset[str]
    codes: frozenset[str]
    mobiles: frozenset[str]
    names: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything is named at all."""
        return bool(self.numbers or self.codes or self.mobiles or self.names)


class LooksInternal(Invalid):
    """Would be done if whoever wrote it says that it is meant for the company."""

    sentence = N_("这段话企业会看到，有几处像是内部内容")


_OPEN, _SHUT = r"[【\[（(〔「]", r"[】\]）)〕」]"
_MENTION = re.compile(r"(?<![\w.+-])[@＠](?:[\u4e00-\u9fff]{1,4}|[A-Za-z][\w.-]{1,30})")
# An account of an office on some network is written the same way, and is meant for everybody.
_ACCOUNT = re.compile(r"(?:公众号|视频号|微博|抖音|小程序|关注)[\s:：“”\"']{0,3}$")
_INTERNAL = re.compile(
    rf"{_OPEN}\s*(?:内部|仅供内部|仅限内部|对内|不公开|勿外发|内部讨论|内部备注|internal)[^】\]）)〕」\n]{{0,10}}{_SHUT}"
    r"|(?:仅供|仅限|限)内部(?:参考|使用|掌握|传阅|阅)?"
    r"|内部(?:掌握|参考|传阅|口径|备注|讨论|意见|通报|研判|沟通)"
    r"|(?:请勿|勿|不得|不要|切勿)(?:外传|外发|对外(?:公开|提供|透露))"
    r"|(?:不要|别|勿|暂不|先不)(?:告诉|告知|转给|发给)(?:企业|对方|诉求人)"
    r"|^\s*内部[:：]"
    r"|\b(?:internal only|for internal use|do not forward|not for the company)\b",
    re.IGNORECASE | re.MULTILINE,
)
_DRAFT = re.compile(
    rf"{_OPEN}\s*(?:草稿|初稿|未完|待[^】\]）)〕」\n]{{1,8}}|draft|tbd|todo)\s*{_SHUT}"
    r"|^\s*(?:草稿|初稿)\s*(?:[:：]|$)"
    r"|(?:答复|回复)(?:草稿|初稿)"
    r"|待(?:核实|确认|补充|核对|审定)(?=\s*(?:[，。；;,.、！!？?）)】\]]|$))"
    r"|\b(?:TODO|FIXME|TBD)\b"
    r"|(?<![A-Za-z0-9#/.-])(?:[xXＸ×]{3,}|[xXＸ×]{2}(?=\s?[\u4e00-\u9fff]))(?![A-Za-z0-9])"
    r"|此处(?:填|补|插入|待)|[?？]{3,}|_{4,}|＿{3,}",
    re.MULTILINE,
)
_BLANK = re.compile(r"[{｛][^{}｛｝\n]*[A-Za-z\u4e00-\u9fff][^{}｛｝\n]*[}｝]")
_NUMBER = re.compile(r"QS\s?\d{2}(?:[- ]?\d){9}(?!\d)", re.IGNORECASE)
_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(1[3-9]\d(?:[ -]?\d{4}){2})(?!\d)")
_NAME_END = re.compile(r"(?:有限公司|有限责任公司|股份公司|合伙企业|合伙\)|合伙）|集团|Co\., Ltd\.?|GmbH)")
_NAME_CHARS = re.compile(r"[\w（）()·&., -]*$")
_MAX_NAME, _MIN_NAME, _MAX_NAMES = 40, 5, 10
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_DIGITS = "10X98765432"


def marks(text: str) -> list[Finding]:
    """Return what looks internal by the text alone, in its order, each thing once."""
    found = [
        *((hit.start(), Finding(Sort.MENTION, hit.group())) for hit in _mentions(text)),
        *((hit.start(), Finding(Sort.INTERNAL, hit.group().strip())) for hit in _INTERNAL.finditer(text)),
        *((hit.start(), Finding(Sort.DRAFT, hit.group().strip())) for hit in _DRAFT.finditer(text)),
        *((hit.start(), Finding(Sort.BLANK, hit.group())) for hit in _BLANK.finditer(text)),
        *((hit.start(), Finding(Sort.IDENTITY, hit.group())) for hit in _identities(text)),
    ]
    said = [Finding(one.sort, one.words[:MAX_WORDS]) for _at, one in sorted(found, key=lambda pair: pair[0])]
    return list(dict.fromkeys(said))


def _mentions(text: str) -> Iterator[re.Match[str]]:
    return (hit for hit in _MENTION.finditer(text) if not _ACCOUNT.search(text[: hit.start()]))


def _identities(text: str) -> Iterator[re.Match[str]]:
    """The 18 characters of an identity card, by their check digit (GB 11643-1999)."""
    for hit in _CODE.finditer(text):
        body, last = hit.group()[:17], hit.group()[17].upper()
        if body.isdigit() and body.isascii():
            total = sum(int(digit) * weight for digit, weight in zip(body, _IDENTITY_WEIGHTS, strict=True))
            if _IDENTITY_DIGITS[total % 11] == last and body[6:8] in {"19", "20"}:
                yield hit


def mentions(text: str) -> Mentions:
    """Return the ticket numbers, company codes, mobile numbers and possible company names in ``text``."""
    return Mentions(
        numbers=frozenset(
            number for hit in _NUMBER.finditer(text) if (number := read_number(hit.group())) is not None
        ),
        codes=frozenset(code for hit in _CODE.finditer(text) if (code := _code(hit.group())) is not None),
        mobiles=frozenset(re.sub(r"\D", "", hit.group(1)) for hit in _MOBILE.finditer(text)),
        names=tuple(dict.fromkeys(_name_ends(text)))[:_MAX_NAMES],
    )


def _code(text: str) -> str | None:
    try:
        return check_uscc(text)
    except DomainError:
        return None


def _name_ends(text: str) -> Iterator[str]:
    """Whatever ends like a company's name, with all before it that may belong to the name."""
    for hit in _NAME_END.finditer(text):
        before = _NAME_CHARS.search(text[max(0, hit.start() - _MAX_NAME) : hit.start()])
        whole = (before.group() if before else "") + hit.group()
        if len(whole) >= _MIN_NAME:
            yield whole


def possible_names(whole: str) -> list[str]:
    """Return every name that ``whole``, which may begin in mid-sentence, can end with; the longest first."""
    return [whole[start:] for start in range(len(whole) - _MIN_NAME + 1)]


def seal(findings: Iterable[Finding]) -> str:
    """Return a short mark of what was found: who says yes to it has not said yes to anything else."""
    told = "\n".join(sorted(f"{one.sort} {one.words}" for one in findings))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
