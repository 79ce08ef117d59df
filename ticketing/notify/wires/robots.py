"""Speaking in a group chat through its robot: WeCom, DingTalk, Feishu."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ticketing.notify.queries.ways import RobotInfo
from ticketing.notify.wires import https
from ticketing.notify.wires.outcome import NotTaken
from ticketing.notify.words import RobotKind

# Bytes of text each takes; WeCom counts bytes, not characters.
MAX_BYTES = {RobotKind.WECOM: 2048, RobotKind.DINGTALK: 18_000, RobotKind.FEISHU: 18_000}
_CUT = "…"


def say(robot: RobotInfo, text: str, now: datetime, net: https.Net) -> None:
    """Say ``text`` in the robot's group. Raises NotTaken, also at an error code in the answer."""
    shown = shorten(text, MAX_BYTES[robot.kind])
    path, body = _REQUESTS[robot.kind](robot, shown, now)
    answer = https.post(f"https://{robot.place.host}{path}", body, {}, net).body
    code = answer.get("errcode", answer.get("code")) if isinstance(answer, dict) else None
    if code != 0:
        raise NotTaken(f"robot {code}" if isinstance(code, int) else "robot")


def shorten(text: str, max_bytes: int) -> str:
    """Return ``text`` within so many bytes: whole lines while there are several, marked when cut."""
    if len(text.encode()) <= max_bytes:
        return text
    room = max_bytes - len(_CUT.encode()) - 1
    kept = text.encode()[:room].decode(errors="ignore")
    whole_lines = kept.rpartition("\n")[0]
    return f"{whole_lines or kept}\n{_CUT}" if whole_lines else f"{kept}{_CUT}"


def _wecom(robot: RobotInfo, text: str, _now: datetime) -> tuple[str, dict[str, Any]]:
    return robot.place.path, {"msgtype": "text", "text": {"content": text}}


def _dingtalk(robot: RobotInfo, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
    path = robot.place.path
    if robot.secret:
        stamp = str(int(now.timestamp() * 1000))
        key = robot.secret.encode()
        mark = hmac.new(key, f"{stamp}\n{robot.secret}".encode(), hashlib.sha256).digest()
        path += f"&timestamp={stamp}&sign={quote(base64.b64encode(mark), safe='')}"
    return path, {"msgtype": "text", "text": {"content": text}}


def _feishu(robot: RobotInfo, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if robot.secret:
        stamp = str(int(now.timestamp()))
        mark = hmac.new(f"{stamp}\n{robot.secret}".encode(), b"", hashlib.sha256).digest()
        body |= {"timestamp": stamp, "sign": base64.b64encode(mark).decode()}
    return robot.place.path, body


_REQUESTS: dict[RobotKind, Callable[[RobotInfo, str, datetime], tuple[str, dict[str, Any]]]] = {
    RobotKind.WECOM: _wecom,
    RobotKind.DINGTALK: _dingtalk,
    RobotKind.FEISHU: _feishu,
}
