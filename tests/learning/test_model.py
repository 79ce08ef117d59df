"""What is learnt from a tiny history: candidates, the words that decided, and what must never come out."""

from __future__ import annotations

import pytest

from tests.learning.kit import HIRING, history, learnt
from ticketing.learning.cutting import cut
from ticketing.learning.rules.model import MIN_COMPANIES, Lesson, learn, read_model


def test_the_likeliest_comes_first_with_the_words_that_decided():
    first, *_others = learnt().suggest("我们的变压器老化，请帮忙增容")

    assert first.code == "PWR"
    assert set(first.words) == {"变压器", "增容"}
    assert 0.5 < first.share <= 1


def test_every_candidate_shows_a_word_that_stands_in_the_text():
    text = "车间招聘，又怕停电"

    found = learnt().suggest(text)

    assert found[0].code in {"TAL", "PWR"}
    assert all(one.words and all(word in text for word in one.words) for one in found)
    assert sum(one.share for one in found) <= 1


@pytest.mark.parametrize("text", ["", "   ", "你好", "AND OR NOT * : &", "12345678901", "😀", "hello world"])
def test_a_text_that_says_nothing_known_gets_no_suggestion(text):
    assert learnt().suggest(text) == []


def test_words_of_every_label_decide_nothing():
    assert learnt().suggest("请尽快处理") == []


def test_a_text_of_ten_thousand_characters_is_answered():
    found = learnt().suggest("变压器增容" * 2_000)

    assert found[0].code == "PWR"


def test_the_same_history_gives_the_same_model():
    assert learnt().stored() == learnt().stored()


def test_a_stored_model_suggests_what_it_did_before():
    model = learnt()

    assert read_model(model.stored()).suggest("变压器") == model.suggest("变压器")


def test_too_little_history_teaches_nothing():
    assert learn(history(rounds=8), cut) is None
    assert learn(history(rounds=9), cut) is not None
    assert learn([Lesson("招聘", "TAL", number) for number in range(200)], cut) is None


def test_a_label_seen_twice_is_not_suggested():
    rare = [Lesson("消防通道整改", "SAF", number) for number in range(2)]

    assert "SAF" not in learnt([*history(), *rare]).labels


def secret(companies: int) -> list[Lesson]:
    """Requests that hold one more word, from so many different companies."""
    return [
        Lesson(f"{HIRING[0]}，涉及轴承", "TAL", 100 + number % companies) for number in range(companies * 3)
    ]


def test_a_word_of_few_companies_neither_decides_nor_is_stored():
    model = learnt([*history(), *secret(MIN_COMPANIES - 1)])

    assert "轴承" not in model.words
    assert model.suggest("轴承") == []


def test_a_word_of_enough_companies_is_learnt():
    model = learnt([*history(), *secret(MIN_COMPANIES)])

    assert model.suggest("轴承")[0].words == ("轴承",)


def test_the_catalogue_is_known_from_the_first_day():
    model = learn(history(), cut, {"WTR": "用水, 雨污分流", "OTH": "其他"})

    assert model is not None
    assert model.suggest("雨污分流")[0].code == "WTR"
    assert "OTH" not in model.labels


def test_a_fact_beside_the_text_outweighs_a_word():
    lessons = [
        Lesson(one.text, f"D-{one.label}", one.company, (f"={one.label}",)) for one in history(rounds=20)
    ]
    model = learn(lessons, cut)

    assert model is not None
    assert model.suggest("变压器", ("=WTR",))[0].code == "D-WTR"
    assert model.suggest("变压器", ("=unheard",))[0].code == "D-PWR"
