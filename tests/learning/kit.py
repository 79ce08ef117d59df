"""A tiny history, written by hand: three labels, each with sentences of its own, from many companies."""

from __future__ import annotations

from ticketing.learning.cutting import cut
from ticketing.learning.rules.model import Lesson, Model, learn

POWER = ("车间变压器容量不够", "申请变压器增容，产线跳闸", "屋顶光伏已经完工", "突然停电，产线停摆")
HIRING = ("招工困难，希望招聘普工", "招聘会什么时候举办", "技术人员评职称", "实习生招聘")
WATER = ("车间水压不足，经常停水", "污水管网堵塞", "新厂房接水", "排水许可怎么办理")
SENTENCES = {"PWR": POWER, "TAL": HIRING, "WTR": WATER}


def history(rounds: int = 10, companies: int = 10) -> list[Lesson]:
    """Return ``rounds`` times every sentence, filed by ``companies`` companies in turn."""
    return [
        Lesson(f"{sentence}\n请尽快处理", label, number % companies)
        for number in range(rounds)
        for label, sentences in SENTENCES.items()
        for sentence in sentences
    ]


def learnt(lessons: list[Lesson] | None = None) -> Model:
    """Return what the history teaches."""
    model = learn(lessons if lessons is not None else history(), cut)
    assert model is not None
    return model
