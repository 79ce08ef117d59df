"""Decisions about people and companies: codes, passwords, addresses, lock-outs. Pure."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from ticketing.core.actor import Role
from ticketing.core.errors import Invalid
from ticketing.core.text import N_, clean_line

# GB 32100-2015, 4.2 and 5: 31 characters (no I, O, S, V, Z), weights 3^i mod 31, check digit mod 31.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_CHARS = 18
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(USCC_CHARS - 1))

PASSWORD_MIN_CHARS = 10
PASSWORD_MAX_BYTES = 1024
DEMO_PASSWORD = "closed-loop-demo"  # noqa: S105 - public by design; the rules below refuse it to people
DEMO_DOMAIN = "demo.example"
# The accounts named in the README, in the order of a request's life; the sign-in page offers them.
DEMO_NAMES = (
    "enterprise", "enterprise2", "clerk", "dispatcher", "station", "station2", "area", "dept", "deptlead",
    "dept2", "supervisor", "caller", "manager", "policy", "project", "admin", "auditor",
)  # fmt: skip
COMMON_PASSWORDS = frozenset(
    {
        DEMO_PASSWORD, "1234567890", "12345678910", "0123456789", "123456789a", "a123456789", "1q2w3e4r5t",
        "1qaz2wsx3edc", "qwertyuiop", "qwerty12345", "asdfghjkl123", "password123", "password1234",
        "passw0rd123", "admin123456", "admin12345", "woaini1314520", "woaini5201314", "5201314520",
        "iloveyou123", "letmein12345", "welcome123", "1111111111a", "abc1234567", "abcd123456",
        "qq123456789", "zxcvbnm123", "suzhou123456", "administrator",
    }
)  # fmt: skip

NO_PASSWORD = "!"  # noqa: S105 - fits no password
INVITATION_LIFE = timedelta(days=7)
TOUCH_EVERY = timedelta(minutes=5)
KEPT_FORM_LIFE = timedelta(days=1)
EMAIL_MAX_CHARS = 254
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,30}")

ROLE_NAMES: dict[Role, str] = {
    Role.ENTERPRISE: N_("企业用户"),
    Role.INTAKE_CLERK: N_("受理员"),
    Role.DISPATCHER: N_("派单员"),
    Role.STATION_HEAD: N_("站长"),
    Role.LIAISON: N_("部门联络员"),
    Role.HANDLER: N_("部门经办人"),
    Role.UNIT_LEADER: N_("部门领导"),
    Role.SUPERVISOR: N_("督办员"),
    Role.CALLER: N_("回访员"),
    Role.CHIEF_OFFICER: N_("首席服务专员"),
    Role.APPROVAL_EXPERT: N_("审批骨干专员"),
    Role.AGENT: N_("帮代办专员"),
    Role.POLICY_OFFICER: N_("政策专员"),
    Role.EVENT_OFFICER: N_("培育活动专员"),
    Role.LEADER: N_("领导"),
    Role.ADMIN: N_("管理员"),
    Role.AUDITOR: N_("审计员"),
}
STAFF_ROLES = tuple(role for role in Role if role is not Role.ENTERPRISE)
# Who writes down requests for companies and may therefore look companies up.
INTAKE_ROLES = frozenset(
    {Role.INTAKE_CLERK, Role.DISPATCHER, Role.STATION_HEAD, Role.CHIEF_OFFICER, Role.AGENT, Role.ADMIN}
)


def check_uscc(code: str) -> str:
    """Return a unified social credit code in its stored form, or raise Invalid saying what is wrong.

    Full-width characters, small letters, spaces and hyphens are accepted (GB 32100-2015).
    """
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", clean_line(code))).upper()
    if len(plain) != USCC_CHARS:
        raise _bad_uscc(N_("统一社会信用代码应为 18 位，这里是 %(count)s 位"), count=len(plain))
    wrong = next((char for char in plain if char not in USCC_ALPHABET), None)
    if wrong is not None:
        raise _bad_uscc(N_("统一社会信用代码里不会有字符 %(char)s（不用 I、O、S、V、Z）"), char=wrong)
    if plain[-1] != _check_digit(plain[:-1]):
        raise _bad_uscc(N_("统一社会信用代码的校验位不对，请核对是否有输错的字符"))
    return plain


def make_uscc(body: str) -> str:
    """Return the 17 characters of ``body`` with their check digit; for invented companies."""
    if len(body) != USCC_CHARS - 1 or set(body) - set(USCC_ALPHABET):
        raise ValueError("a body is 17 characters of the code's alphabet")
    return body + _check_digit(body)


def _check_digit(body: str) -> str:
    total = sum(USCC_ALPHABET.index(char) * weight for char, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def _bad_uscc(sentence: str, *, count: int = 0, char: str = "") -> Invalid:
    return Invalid(sentence, fields={"uscc": [sentence]}, count=count, char=char)


def normal_email(email: str) -> str:
    """Return the address in its stored form (small letters), or raise Invalid."""
    plain = unicodedata.normalize("NFKC", clean_line(email)).lower()
    if len(plain) > EMAIL_MAX_CHARS or ".." in plain or not _EMAIL.fullmatch(plain):
        sentence = N_("请填写完整的电子邮箱，例如 name@example.com")
        raise Invalid(sentence, fields={"email": [sentence]})
    return plain


def normal_phone(phone: str) -> str:
    """Return the phone number with plain digits, or raise Invalid; an empty one stays empty."""
    plain = unicodedata.normalize("NFKC", clean_line(phone))
    if plain and not _PHONE.fullmatch(plain):
        sentence = N_("电话只能有数字、空格、短横线和开头的 +")
        raise Invalid(sentence, fields={"phone": [sentence]})
    return plain


def check_person_name(name: str) -> str:
    """Return the name in its stored form, or raise Invalid when it is empty or too long."""
    plain = clean_line(name)
    if not 1 <= len(plain) <= 60:  # noqa: PLR2004 - the column's length
        sentence = N_("姓名为 1 到 60 个字")
        raise Invalid(sentence, fields={"name": [sentence]})
    return plain


def check_password(password: str, *, email: str, name: str) -> None:
    """Raise Invalid when the password is short, endless, common, or the person's own name or address.

    Length counts characters, the upper bound bytes; no kinds of characters are demanded.
    """
    plain = password.casefold()
    sentence = None
    if len(password) < PASSWORD_MIN_CHARS:
        sentence = N_("密码至少 10 个字符，可以用一句话")
    elif len(password.encode()) > PASSWORD_MAX_BYTES:
        sentence = N_("密码太长了，最多 1024 字节")
    elif plain in {email.casefold(), email.casefold().partition("@")[0], name.casefold()}:
        sentence = N_("密码不能与邮箱或姓名相同")
    elif plain in COMMON_PASSWORDS or len(set(plain)) <= 2:  # noqa: PLR2004 - aaaaaaaaaa, ababababab
        sentence = N_("这个密码太常见，别人很容易猜到")
    if sentence:
        raise Invalid(sentence, fields={"password": [sentence]})


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures within ``window`` lock the subject for as long."""

    failures: int
    window: timedelta


ACCOUNT_LIMIT = Limit(5, timedelta(minutes=15))
ADDRESS_LIMIT = Limit(30, timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a subject failed since ``first_at``, and until when it is locked."""

    failures: int
    first_at: datetime
    locked_until: datetime | None = None


def wait_seconds(tries: Tries | None, now: datetime) -> int:
    """Return how many seconds the subject must wait, rounded up; 0 when it may try."""
    if tries is None or tries.locked_until is None or tries.locked_until <= now:
        return 0
    return -int((now - tries.locked_until) // timedelta(seconds=1))


def one_more(tries: Tries | None, limit: Limit, now: datetime) -> Tries:
    """Return the count with one more try, taken as failed until it succeeds.

    Counting before the password is looked at keeps parallel guesses from passing the limit together.
    """
    is_over = tries is not None and (
        now - tries.first_at >= limit.window or (tries.locked_until is not None and tries.locked_until <= now)
    )
    if tries is None or is_over:
        tries = Tries(0, now)
    failures = tries.failures + 1
    return Tries(failures, tries.first_at, now + limit.window if failures >= limit.failures else None)


def one_less(tries: Tries, limit: Limit) -> Tries:
    """Return the count after a try that succeeded."""
    failures = max(tries.failures - 1, 0)
    return Tries(failures, tries.first_at, tries.locked_until if failures >= limit.failures else None)


def hashed(secret: str) -> str:
    """Return the form in which a random secret is stored: SHA-256, hexadecimal."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def subject(kind: str, value: str) -> str:
    """Return the stored name of what is counted: an account or an address, not readable."""
    return hashed(f"{kind}:{value}")


def counted_address(address: str) -> str:
    """Return what is counted for an address: itself for IPv4, its /64 network for IPv6."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))
    return str(known)


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("MicroMessenger", "WeChat"), ("Firefox", "Firefox"),
             ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def device_name(user_agent: str) -> str:
    """Return a short name of the device, like ``Chrome · Windows``; empty when nothing is known."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)
