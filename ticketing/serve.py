"""`make run`: prepare the database, then keep the site and the worker running in the foreground."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType
from urllib.parse import urlsplit

from flask.cli import FlaskGroup

from config import BadSettings, Config

WEB_PROCESSES = 2
WEB_THREADS = 4
LOOK_EVERY_SECONDS = 0.1
KILL_AFTER_SECONDS = 8
READY_WITHIN_SECONDS = 60
WORKER = (sys.executable, "-m", "flask", "--app", "wsgi", "worker")
PREPARE = "prepare"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOCAL_NAMES = {"localhost", "127.0.0.1"}
PR_SET_PDEATHSIG = 1  # linux/prctl.h

DEMO_PASSWORD = "closed-loop-demo"  # noqa: S105 - public on purpose, demo mode only
DEMO_ACCOUNTS = {
    "enterprise": "企业管理员",
    "enterprise2": "另一家企业",
    "clerk": "受理员（区中心）",
    "dispatcher": "派单员（区中心）",
    "station": "站长",
    "station2": "另一片区的站长",
    "area": "片区中心",
    "dept": "部门联络员、经办人（供电公司）",
    "deptlead": "部门领导（供电公司）",
    "dept2": "另一部门",
    "supervisor": "督办员",
    "caller": "回访员",
    "manager": "领导",
    "policy": "政策专员",
    "project": "首席服务专员",
    "admin": "管理员",
    "auditor": "审计员",
}

Part = subprocess.Popen[bytes]


class Stopped(Exception):
    """Somebody asked for the end."""


def main() -> int:
    """Prepare and run until told to stop: 0 then, 1 when a part ends by itself, 2 for bad settings."""
    try:
        config = Config.from_env(os.environ)
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 2
    for number in SIGNALS:
        signal.signal(number, _stop)
    running: dict[str, Part] = {}
    try:
        if not _is_prepared(config, running):
            return 1
        running = {"site": _start(_gunicorn(config)), "worker": _start(WORKER)}
        return _watch(config, running)
    except Stopped:
        print("\n正在停止 / stopping …", flush=True)
        return 0
    finally:
        _stop_all(list(running.values()))


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def _start(command: tuple[str, ...]) -> Part:
    """Start a part in a session of its own, so that Ctrl-C reaches it once, through us."""
    return subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: PLW1509 - no threads here


def _end_with_parent() -> None:
    """Ask Linux to stop this part when the supervisor is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _is_prepared(config: Config, running: dict[str, Part]) -> bool:
    """Migrate and, in demo mode, fill an empty database; one process for both, for a quick start."""
    config.var_dir.mkdir(parents=True, exist_ok=True)
    running["preparing"] = _start((sys.executable, "-m", "ticketing.serve", PREPARE))
    if running["preparing"].wait() != 0:
        print("The database could not be prepared, see above.", file=sys.stderr)
        return False
    return True


def prepare() -> None:
    """Run `flask db upgrade`, and in demo mode `flask demo load --if-empty`."""
    from wsgi import app

    steps = [["db", "upgrade"]]
    if app.config["TICKETING"].is_demo:
        steps.append(["demo", "load", "--if-empty"])
    for step in steps:
        FlaskGroup(create_app=lambda: app).main(step, prog_name="flask", standalone_mode=False)


def _is_local(config: Config) -> bool:
    return urlsplit(config.base_url).hostname in LOCAL_NAMES


def _gunicorn(config: Config) -> tuple[str, ...]:
    """Listen on this machine only, unless BASE_URL says that others come too."""
    host = "127.0.0.1" if _is_local(config) else "0.0.0.0"  # noqa: S104 - asked for by BASE_URL
    return (
        *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "wsgi:app"),
        *("--bind", f"{host}:{config.port}", "--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS)),
        *("--graceful-timeout", "5", "--no-control-socket", "--log-level", "warning"),
    )


def _watch(config: Config, running: dict[str, Part]) -> int:
    """Announce the site once it answers, then look on until a part ends by itself."""
    give_up_at = time.monotonic() + READY_WITHIN_SECONDS
    is_announced = False
    while True:
        for name, part in running.items():
            if part.poll() is not None:
                print(f"The {name} ended unexpectedly (exit {part.returncode}).", file=sys.stderr)
                return 1
        if not is_announced:
            if time.monotonic() > give_up_at:
                print(f"The site does not answer after {READY_WITHIN_SECONDS} s.", file=sys.stderr)
                return 1
            is_announced = _answers(config)
            if is_announced:
                _announce(config)
        time.sleep(LOOK_EVERY_SECONDS)


def _answers(config: Config) -> bool:
    request = urllib.request.Request(f"http://127.0.0.1:{config.port}/healthz")
    request.add_header("Host", urlsplit(config.base_url).netloc)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own number
    except (urllib.error.URLError, OSError):
        return False


def _announce(config: Config) -> None:
    lines = ["", f"企诉闭环 is ready: {config.base_url}", f"Data: {config.var_dir}   Stop: Ctrl-C", ""]
    if config.is_demo:
        lines.append(f"演示账号 / demo accounts, password for all: {DEMO_PASSWORD}")
        lines += [f"  {name + '@demo.example':26}  {what}" for name, what in DEMO_ACCOUNTS.items()]
    print("\n".join(lines), flush=True)


def _stop_all(parts: list[Part]) -> None:
    """Ask every part to stop; kill with all its children what is left after ``KILL_AFTER_SECONDS``."""
    kill_at = time.monotonic() + KILL_AFTER_SECONDS
    for part in parts:
        if part.poll() is None:
            part.terminate()
    for part in parts:
        try:
            part.wait(timeout=max(0.0, kill_at - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(part.pid, signal.SIGKILL)
            part.wait()


if __name__ == "__main__":
    if sys.argv[1:] == [PREPARE]:
        prepare()
    else:
        sys.exit(main())
