"""Texts that administrators may word anew: plain text with placeholders, nothing that is carried out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ticketing.core.errors import Invalid
from ticketing.core.text import N_, clean_line
from ticketing.notify.words import Wording

PLACEHOLDERS = {
    "number": N_("诉求编号"),
    "title": N_("标题；保密诉求不写"),
    "what": N_("发生了什么"),
    "due": N_("办理期限"),
    "link": N_("网页地址"),
    "unit": N_("主办单位"),
}
LANGUAGES = ("zh", "en")
# The wording until somebody words it anew. Sentences in Chinese are translated like all others.
DEFAULTS = {
    Wording.MAIL_SUBJECT: N_("【企诉闭环】{number} {what}"),
    Wording.MAIL_BODY: N_(
        "您好！\n\n诉求 {number}：{title}\n{what}。\n主办单位：{unit}\n期限：{due}\n\n查看和处理：{link}\n"
    ),
    Wording.LINE: N_("{number} {title}：{what}（期限 {due}）\n{link}"),
    Wording.SHORT: N_("【企诉闭环】诉求 {number} {what}，期限 {due}。{link}"),
}
NAMES = {
    Wording.MAIL_SUBJECT: N_("邮件标题"),
    Wording.MAIL_BODY: N_("邮件正文"),
    Wording.LINE: N_("汇总邮件和群消息中的一条"),
    Wording.SHORT: N_("短信"),
}
MAX_CHARS = {
    Wording.MAIL_SUBJECT: 120,
    Wording.MAIL_BODY: 2000,
    Wording.LINE: 300,
    Wording.SHORT: 150,
}
_FIELD = re.compile(r"\{([a-z]+)\}")


class BadWording(Invalid):
    """A text with a placeholder nobody can fill."""

    sentence = N_("这段文字不能使用")


def check(name: Wording, text: str) -> None:
    """Raise BadWording, saying why, when ``text`` cannot serve as the wording ``name``."""
    if not text.strip():
        raise BadWording(N_("请填写此项"))
    if len(text) > MAX_CHARS[name]:
        raise BadWording(N_("最多 %(max)d 个字"), max=MAX_CHARS[name])
    for field in _FIELD.findall(text):
        if field not in PLACEHOLDERS:
            raise BadWording(
                N_("没有 {%(field)s} 这个占位符，可用的有：%(known)s"), field=field, known=_known()
            )
    if "{" in _FIELD.sub("", text) or "}" in _FIELD.sub("", text):
        raise BadWording(N_("花括号只能用来写占位符：%(known)s"), known=_known())
    if name is Wording.SHORT and "{title}" in text:
        raise BadWording(N_("短信里不能写诉求标题"))


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Return ``text`` with its placeholders filled; what is filled in is taken as it is, on one line."""
    return _FIELD.sub(lambda found: clean_line(facts.get(found.group(1), "")), text)


def _known() -> str:
    return " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
