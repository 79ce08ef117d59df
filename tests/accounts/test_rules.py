"""Codes, passwords, addresses and lock-outs, by tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.accounts import rules
from ticketing.core.actor import Role
from ticketing.core.errors import Invalid

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
BODIES = st.text(rules.USCC_ALPHABET, min_size=17, max_size=17)


# Published codes of public bodies and listed companies, with their real check digits.
@pytest.mark.parametrize(
    "code", ["91110108551385082Q", "9144030071526726XG", "91330100799655058B", "914403001922038216"]
)
def test_published_codes_are_taken(code):
    assert rules.check_uscc(code) == code


@pytest.mark.parametrize(
    "typed",
    [
        "91110108551385082q",
        " 9111 0108 5513 8508 2Q ",
        "9111-0108551385082Q",
        "９１１１０１０８５５１３８５０８２Ｑ",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed):
    assert rules.check_uscc(typed) == "91110108551385082Q"


@pytest.mark.parametrize(
    ("typed", "told", "facts"),
    [
        ("", "应为 18 位", {"count": 0}),
        ("91110108551385082", "应为 18 位", {"count": 17}),
        ("91110108551385082QQ", "应为 18 位", {"count": 19}),
        ("9111010855138508IQ", "不会有字符", {"char": "I"}),
        ("9111010855138508OQ", "不会有字符", {"char": "O"}),
        ("9111010855138508SQ", "不会有字符", {"char": "S"}),
        ("9111010855138508VQ", "不会有字符", {"char": "V"}),
        ("9111010855138508ZQ", "不会有字符", {"char": "Z"}),
        ("9111010855138508企Q", "不会有字符", {"char": "企"}),
        ("91110108551385082R", "校验位不对", {}),
        ("91110108551385028Q", "校验位不对", {}),
    ],
)
def test_a_wrong_code_is_told_what_is_wrong(typed, told, facts):
    with pytest.raises(Invalid) as caught:
        rules.check_uscc(typed)

    assert told in caught.value.text
    assert caught.value.fields == {"uscc": [caught.value.text]}
    assert facts.items() <= caught.value.facts.items()


@given(BODIES, st.integers(0, 16), st.sampled_from(rules.USCC_ALPHABET))
def test_any_single_typing_slip_is_found(body, place, other):
    code = rules.make_uscc(body)
    slipped = code[:place] + other + code[place + 1 :]

    assert rules.check_uscc(code) == code
    if slipped != code:
        with pytest.raises(Invalid):
            rules.check_uscc(slipped)


@pytest.mark.parametrize("body", ["", "9132", "91320505MA1TESTQA", "9" * 18])
def test_a_body_that_is_none_is_a_bug(body):
    with pytest.raises(ValueError, match="17 characters"):
        rules.make_uscc(body)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Name@Example.com", "name@example.com"),
        ("  a.b+c@x.example ", "a.b+c@x.example"),
        ("ｎame@ｅxample.com", "name@example.com"),
        ("a@b.example\u200b", "a@b.example"),
    ],
)
def test_an_address_has_one_stored_form(typed, stored):
    assert rules.normal_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        *[
            "",
            "a",
            "a@",
            "@b.example",
            "a@b",
            "a b@c.example",
            "a@b..example",
            "a@@b.example",
            "名@x.example",
        ],
        *["a@-b.example", "a@b.example\nBcc: c@d.example", "%@*", "<a@b.example>"],
        *["a" * 65 + "@b.example", "a@" + "b" * 250 + ".example"],
    ],
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(Invalid) as caught:
        rules.normal_email(typed)

    assert list(caught.value.fields) == ["email"]


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("", "至少 10"),
        ("123456789", "至少 10"),
        ("密码" * 4, "至少 10"),
        ("x1" * 512 + "x", "1024 字节"),
        ("密" * 342, "1024 字节"),
        ("Zhang.Wei@X.example", "相同"),
        ("zhang.wei1", "相同"),
        ("1234567890", "常见"),
        ("Password123", "常见"),
        ("aaaaaaaaaa", "常见"),
        ("abababababab", "常见"),
        (rules.DEMO_PASSWORD, "常见"),
    ],
)
def test_a_weak_password_is_told_why(password, told):
    email = "zhang.wei1@x.example" if password == "zhang.wei1" else "zhang.wei@x.example"
    with pytest.raises(Invalid) as caught:
        rules.check_password(password, email=email, name="张伟")

    assert told in caught.value.fields["password"][0]


@pytest.mark.parametrize(
    "password", ["lake by the window", "湖边的窗户开着一条缝呢", "0" * 5 + "1" * 5 + "2", "密" * 341]
)
def test_no_kind_of_character_is_demanded(password):
    if len(set(password)) > 2:
        rules.check_password(password, email="a@b.example", name="张伟")
    else:
        with pytest.raises(Invalid):
            rules.check_password(password, email="a@b.example", name="张伟")


def failed(times, *, every=timedelta(minutes=1), limit=rules.ACCOUNT_LIMIT):
    """Return the count after so many failures, one each ``every``, and the moment of the last."""
    tries, now = None, START
    for number in range(times):
        now = START + every * number
        tries = rules.one_more(tries, limit, now)
    return tries, now


def test_four_failures_leave_an_account_open():
    tries, now = failed(4)

    assert rules.wait_seconds(tries, now) == 0


def test_the_fifth_failure_locks_for_fifteen_minutes():
    tries, now = failed(5)

    assert rules.wait_seconds(tries, now) == 900
    assert rules.wait_seconds(tries, now + timedelta(seconds=899, microseconds=1)) == 1
    assert rules.wait_seconds(tries, now + timedelta(minutes=15)) == 0


def test_after_a_lock_counting_starts_anew():
    tries, now = failed(5)
    later = now + timedelta(minutes=15)

    assert rules.one_more(tries, rules.ACCOUNT_LIMIT, later) == rules.Tries(1, later)


def test_slow_failures_never_lock():
    tries, now = failed(40, every=timedelta(minutes=4))

    assert rules.wait_seconds(tries, now) == 0


def test_thirty_failures_lock_an_address():
    quick = timedelta(seconds=2)

    assert rules.wait_seconds(*failed(29, every=quick, limit=rules.ADDRESS_LIMIT)) == 0
    assert rules.wait_seconds(*failed(30, every=quick, limit=rules.ADDRESS_LIMIT)) == 900


def test_a_success_is_taken_back_and_opens_what_it_locked():
    tries, now = failed(30, every=timedelta(0), limit=rules.ADDRESS_LIMIT)

    freed = rules.one_less(tries, rules.ADDRESS_LIMIT)

    assert (freed.failures, rules.wait_seconds(freed, now)) == (29, 0)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("evil", "unknown"),
    ],
)
def test_neighbours_of_one_line_count_together(address, counted):
    assert rules.counted_address(address) == counted


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
            "Chrome · Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0", "WeChat · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox · Linux"),
        ("curl/8.5", ""),
    ],
)
def test_a_device_has_a_name(agent, name):
    assert rules.device_name(agent) == name


def test_every_role_has_a_name():
    assert all(rules.ROLE_NAMES[role] for role in Role)
