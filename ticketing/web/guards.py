"""Who may open a route. Every route names its guard, or the application refuses to start."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask
from flask_login import current_user, login_required

from ticketing.core.actor import Actor, Role
from ticketing.core.errors import NotPermitted

View = TypeVar("View", bound=Callable[..., Any])
GUARD = "__guard__"
_FLASK_OWN = {"static"}


class UnguardedRoute(RuntimeError):
    """A route without a guard: the start stops."""


def current_actor() -> Actor:
    """Return who is acting in this request; only behind a guard that asks for signing in."""
    return cast(Actor, current_user.actor)


def public(view: View) -> View:
    """Mark a route that anyone may open."""
    setattr(view, GUARD, "public")
    return view


def signed_in(view: View) -> View:
    """Mark a route for anyone with an account."""
    guarded = login_required(view)
    setattr(guarded, GUARD, "signed_in")
    return cast(View, guarded)


def with_token(view: View) -> View:
    """Mark a route of the API: for anyone who sends a valid token; the cookie does not count there."""
    guarded = login_required(view)
    setattr(guarded, GUARD, "token")
    return cast(View, guarded)


def allow(*roles: Role) -> Callable[[View], View]:
    """Mark a route for people who hold one of ``roles`` anywhere; the others are refused with 403."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_actor().holds(*roles):
                raise NotPermitted
            return view(*args, **kwargs)

        checked = login_required(guarded)
        setattr(checked, GUARD, tuple(sorted(roles)))
        return cast(View, checked)

    return mark


def guard_of(app: Flask, endpoint: str) -> object:
    """Return the guard of an endpoint: "public", "signed_in", "token" or a tuple of roles; None without."""
    if endpoint in _FLASK_OWN:
        return "public"
    return getattr(app.view_functions[endpoint], GUARD, None)


def check_guards(app: Flask) -> None:
    """Raise UnguardedRoute naming every route whose view has no guard."""
    bare = sorted(rule.rule for rule in app.url_map.iter_rules() if guard_of(app, rule.endpoint) is None)
    if bare:
        raise UnguardedRoute(f"routes without a guard: {', '.join(bare)}")
