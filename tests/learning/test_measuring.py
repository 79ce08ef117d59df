"""The hit rate is taken on requests that were not learnt from."""

from __future__ import annotations

from tests.learning.kit import history
from ticketing.learning.cutting import cut
from ticketing.learning.rules.measuring import MOST_ASKED, HitRate, is_kept_aside, learn_and_measure
from ticketing.learning.rules.model import Lesson


def test_too_little_history_is_not_measured():
    assert learn_and_measure(history(rounds=2), cut, {}) is None
    assert learn_and_measure(history(rounds=10), cut, {}) is None, "what is learnt could not be measured"
    assert learn_and_measure(history(rounds=11), cut, {}) is not None


def test_what_repeats_is_guessed_and_what_is_new_is_not():
    lessons = history(rounds=40)

    done = learn_and_measure(lessons, cut, {})

    assert done is not None
    assert done.lessons == len(lessons)
    assert done.latest.asked == len(lessons) // 5
    assert done.latest.three_percent == 100
    aside = sum(is_kept_aside(one.text) for one in lessons)
    assert done.fresh.asked == aside > 0
    assert done.fresh.first < aside


def test_wrong_labels_are_counted_as_misses():
    wrong = [Lesson(one.text, "TAL", one.company) for one in history(rounds=10) if one.label == "PWR"]

    done = learn_and_measure([*wrong, *history(rounds=20)], cut, {})

    assert done is not None
    assert done.latest.first < done.latest.asked / 2


def test_titles_that_differ_in_numbers_only_are_kept_aside_together():
    assert len({is_kept_aside(f"招聘 {number} 名普工\n第 {number} 次") for number in range(50)}) == 1
    assert len({is_kept_aside(f"{word}\n同样的内容") for word in "甲乙丙丁戊己庚辛壬癸子丑寅卯"}) == 2


def test_percent_is_rounded_down_and_nothing_asked_is_nothing_hit():
    assert HitRate(3, 2, 3).first_percent == 66
    assert HitRate(3, 2, 3).three_percent == 100
    assert HitRate().three_percent == 0


def test_no_more_are_asked_than_the_measure_needs():
    done = learn_and_measure(history(rounds=425), cut, {})

    assert done is not None
    assert done.latest.asked == MOST_ASKED
