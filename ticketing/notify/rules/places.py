"""Where messages may go: known robots, https gateways, never an address inside the house."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from ticketing.core.errors import Invalid
from ticketing.core.text import N_
from ticketing.notify.words import RobotKind

HTTPS_PORT = 443
# Host and path of each known robot; the address an administrator pastes must be one of these.
ROBOTS = {
    RobotKind.WECOM: ("qyapi.weixin.qq.com", "/cgi-bin/webhook/send", "key"),
    RobotKind.DINGTALK: ("oapi.dingtalk.com", "/robot/send", "access_token"),
    RobotKind.FEISHU: ("open.feishu.cn", "/open-apis/bot/v2/hook/", ""),
}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,128}")
_MAX_ADDRESS = 300


class BadAddress(Invalid):
    """An address messages must not be sent to."""

    sentence = N_("这个地址不能用来发送消息")


@dataclass(frozen=True, slots=True)
class RobotPlace:
    """A robot as it is stored: whose it is, and the token in its address."""

    kind: RobotKind
    token: str

    @property
    def host(self) -> str:
        """The host that takes its messages."""
        return ROBOTS[self.kind][0]

    @property
    def path(self) -> str:
        """The address on that host."""
        _host, path, field = ROBOTS[self.kind]
        return f"{path}?{field}={self.token}" if field else f"{path}{self.token}"


def read_robot(address: str) -> RobotPlace:
    """Return the robot whose webhook address was pasted. Raises BadAddress with the reason."""
    parts = _https(address)
    for kind, (host, path, field) in ROBOTS.items():
        if parts.hostname != host:
            continue
        if field:
            token = parse_qs(parts.query).get(field, [""])[0] if parts.path == path else ""
        else:
            token = parts.path.removeprefix(path) if parts.path.startswith(path) else ""
        if not _TOKEN.fullmatch(token):
            raise BadAddress(N_("地址里没有机器人的令牌，请从群机器人的设置里完整复制"))
        return RobotPlace(kind, token)
    raise BadAddress(
        N_("只能用企业微信、钉钉、飞书群机器人的地址：%(hosts)s"),
        hosts=", ".join(host for host, _path, _field in ROBOTS.values()),
    )


def read_gateway(address: str) -> str:
    """Return an SMS gateway's address as it is stored. Raises BadAddress with the reason."""
    parts = _https(address)
    host = parts.hostname or ""
    is_inside = not is_public(host) if is_literal(host) else _is_inner_name(host)
    if is_inside:
        raise BadAddress(N_("不能用内网或本机的地址"))
    return address


def _https(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadAddress(N_("这不是一个网址")) from None
    if parts.scheme != "https":
        raise BadAddress(N_("地址须以 https:// 开头"))
    if not parts.hostname or len(address) > _MAX_ADDRESS or not address.isascii():
        raise BadAddress(N_("这不是一个网址"))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadAddress(N_("地址里不能有用户名、密码或 #"))
    if port not in {None, HTTPS_PORT}:
        raise BadAddress(N_("只能用 443 端口"))
    return parts


def _is_inner_name(host: str) -> bool:
    return "." not in host or host.rpartition(".")[2] in {"local", "localhost", "internal", "lan", ""}


def is_literal(host: str) -> bool:
    """Return whether ``host`` is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public net: not private, loopback, link-local, shared, reserved.

    An IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64) is judged by itself.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast and not found.is_reserved


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
