"""Builds the application: the only module that knows every feature."""

from __future__ import annotations

import importlib
import logging
from datetime import timedelta
from pathlib import Path

from flask import Flask, request
from flask_babel import Babel, get_locale, gettext
from flask_login import current_user
from flask_migrate import Migrate

from config import Config
from ticketing import worker
from ticketing.accounts import cli as accounts_cli
from ticketing.accounts.queries import identity
from ticketing.accounts.rules import ROLE_NAMES
from ticketing.accounts.web import entry
from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.demo import cli as demo_cli
from ticketing.duty import web as duty_pages
from ticketing.escalation import cli as escalation_cli
from ticketing.escalation import web as escalation_pages
from ticketing.insight.web import figures as insight_pages
from ticketing.intake.web import base as intake_pages
from ticketing.intake.web import public as public_pages
from ticketing.meetings.web import base as meeting_pages
from ticketing.network import web as network_pages
from ticketing.notify.queries import inbox as notify
from ticketing.notify.web import base as notify_pages
from ticketing.routing.web import base as routing_pages
from ticketing.sla import cli as sla_cli
from ticketing.sla.web import base as sla_pages
from ticketing.tickets import cli as tickets_cli
from ticketing.tickets.actions.filing import FILING_ROLES
from ticketing.tickets.web import base as tickets_pages
from ticketing.web import endpoints, errors, filters, frame, health, language, security, texts
from ticketing.web.guards import check_guards
from ticketing.web.templating import Environment

ROOT = Path(__file__).resolve().parent.parent
TABLES = tuple(
    f"{feature}.models"
    for feature in (
        "accounts",
        "network",
        "duty",
        "sla",
        "learning",
        "routing",
        "tickets",
        "escalation",
        "meetings",
        "notify",
    )
)
PAGES = (
    *(f"tickets.web.{part}" for part in ("kept", "live", "panel")),
    *(f"tickets.web.{part}" for part in ("queue", "bulk", "helping", "desk", "show", "similar")),
    *(f"tickets.web.{part}" for part in ("acting", "attachment")),
    *(f"intake.web.{part}" for part in ("desk", "filed", "portal", "guessing")),
    *(f"routing.web.{part}" for part in ("rules", "trying")),
    *("insight.web.catalogue", "insight.web.compare", "tickets.web.orphans"),
    *(f"notify.web.{part}" for part in ("inbox", "live", "mine", "delivery", "channels", "trying")),
    *(f"sla.web.{part}" for part in ("limits", "calendars")),
    *(f"meetings.web.{part}" for part in ("index", "editing", "agenda", "papers")),
)
API = (
    *(f"tickets.api.{part}" for part in ("tickets", "actions", "attachments", "words")),
    *("network.api", "escalation.api", "insight.api", "accounts.api", "web.openapi"),
)
KIT_TABLES = ("core.outbox", "core.idempotency", "core.marks", "core.notices")
BLUEPRINTS = (
    *(endpoints, tickets_pages, intake_pages, public_pages, notify_pages),
    *(insight_pages, duty_pages, network_pages, routing_pages, sla_pages, escalation_pages),
    meeting_pages,
)
COMMANDS = (
    sla_cli.cli, accounts_cli.token, accounts_cli.user, demo_cli.cli, tickets_cli.ledger, tickets_cli.tickets,
    tickets_cli.search,
    tickets_cli.calendar, tickets_cli.suggestions,
    worker.command,
)  # fmt: skip
migrate = Migrate(render_as_batch=True)


def create_app(config: Config) -> Flask:
    """Return the application for ``config``; raise UnguardedRoute when a route has no guard."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.jinja_environment = Environment
    config.var_dir.mkdir(parents=True, exist_ok=True)
    app.config.from_mapping(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config),
        PERMANENT_SESSION_LIFETIME=timedelta(days=config.session_days),
        BABEL_DEFAULT_LOCALE=language.DEFAULT,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "ticketing" / "translations"),
        TESTING=config.is_testing,
        TICKETING=config,
    )
    _set_up_kit(app, config)
    _set_up_features(app, config)
    check_guards(app)
    return app


def _set_up_kit(app: Flask, config: Config) -> None:
    logging.getLogger("ticketing").setLevel(logging.INFO)
    security.set_up(app, config)
    for module in (*TABLES, *KIT_TABLES):
        importlib.import_module(f"ticketing.{module}")
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    Babel(app, locale_selector=language.chosen_locale)
    texts.set_up(app)
    errors.set_up(app)
    filters.register(app)
    app.register_blueprint(language.bp)
    app.register_blueprint(health.bp)
    app.context_processor(lambda: _frame(config))


def _set_up_features(app: Flask, config: Config) -> None:
    entry.set_up(app, config)
    identity.carry(unread=notify.UNREAD)
    for module in (*PAGES, *API):
        importlib.import_module(f"ticketing.{module}")
    for edge in BLUEPRINTS:
        app.register_blueprint(edge.bp)
    sla_cli.cli.add_command(escalation_cli.sweep)
    for command in COMMANDS:
        app.cli.add_command(command)


def _frame(config: Config) -> dict[str, object]:
    """What the frame of every page shows: who is here, the menu, the inbox, the language."""
    shown: dict[str, object] = {"demo_mode": config.is_demo, "locale": get_locale().language, "actor": None}
    if current_user and current_user.is_authenticated:
        actor = current_user.actor
        shown |= {
            "actor": actor,
            "actor_about": gettext("、").join(_duties(actor)),
            "may_file": actor.holds(*FILING_ROLES),
            **frame.parts(actor),
            "inbox_count": _unread(actor),
            "page_at": int(clock.now().timestamp()),
            "has_stream": config.has_stream,
        }
    return shown


def _unread(actor: Actor) -> int:
    """What came along with the person; asked anew where something may have been read since."""
    carried: int | None = current_user.carried.get("unread") if request.method == "GET" else None
    return notify.unread(actor) if carried is None else carried


def _duties(actor: Actor) -> list[str]:
    """The person's roles, in words."""
    return [gettext(name) for role, name in ROLE_NAMES.items() if actor.holds(role)]


def _engine_options(config: Config) -> dict[str, object]:
    """Pool and connection settings: a dead connection is noticed, a failover is followed."""
    if config.is_sqlite:
        return {"hide_parameters": True, **config.engine_options}
    return {
        "hide_parameters": True,
        "isolation_level": "AUTOCOMMIT",  # of reading; core.db.transaction() writes
        "pool_size": 4,
        "max_overflow": 2,
        "pool_timeout": 5,
        "pool_recycle": 1800,
        "connect_args": {
            "connect_timeout": 5,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
        },
        **config.engine_options,
    }
