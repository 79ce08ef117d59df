"""The company's own way in: a new request, a draft, sending it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from ticketing.core import clock, idempotency
from ticketing.core.actor import Actor, Role
from ticketing.core.errors import ChangedMeanwhile, DomainError, KeyReused, WrongState
from ticketing.core.files import Upload
from ticketing.core.idempotency import Answer
from ticketing.core.local_day import local_date
from ticketing.intake import queries
from ticketing.intake.forms import RequestForm
from ticketing.intake.web import alike, guessing
from ticketing.intake.web.alike import Line, LooksAlike
from ticketing.intake.web.base import bp
from ticketing.intake.web.promises import kind_promises, urgent_promise
from ticketing.network import queries as network
from ticketing.network.queries import CategoryInfo
from ticketing.tickets import labels
from ticketing.tickets.actions import filing
from ticketing.tickets.actions.adding import attach_all
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import view
from ticketing.tickets.queries.alike import alike as likely
from ticketing.tickets.wishes import Submit
from ticketing.tickets.words import Kind, Level, State
from ticketing.web import errors, keeping, uploads
from ticketing.web.forms import choices, fresh_key
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

OK, UNFIT = 200, 422
SHOWN_EXAMPLES = 3
DRAFT = "draft"
# A company says how pressing it is; what is a major case the district decides.
LEVELS = (Level.NORMAL, Level.URGENT)
# What a refusal calls a field, and what the form calls it.
FORM_NAMES = {
    "contact": "contact_phone",
    "contact.name": "contact_name",
    "contact.phone": "contact_phone",
    "contact.email": "contact_email",
    "file": "files",
    "body": "description",
    "message": "description",
}


@bp.route("/requests/new", methods=["GET", "POST"])
@allow(Role.ENTERPRISE)
def new() -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    usual = queries.usual(actor)
    form = _form(
        kind=Kind.HELP.value,
        level=Level.NORMAL.value,
        site=usual.site,
        contact_name=usual.name,
        contact_phone=usual.phone,
        contact_email=usual.email,
    )
    if request.method == "POST":
        return _take(form, actor, lambda wish: filing.file(actor, wish, now=now), now=now)
    keeping.refill(form)
    return _page(form, now=now), OK


@bp.route("/requests/<number>/edit", methods=["GET", "POST"])
@allow(Role.ENTERPRISE)
def edit(number: str) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    ticket = view.ticket(actor, number)
    # A second press of "send" is answered like the first below, although the draft is sent by then.
    if ticket.status is not State.DRAFT and request.method == "GET":
        return redirect(url_for("tickets.show", number=number))
    site = next((place.code for place in network.sites() if place.id == ticket.site_id), None)
    form = _form(
        title=ticket.title,
        description=ticket.description,
        kind=ticket.kind.value,
        category=ticket.category,
        level=ticket.level.value,
        site=site,
        contact_name=ticket.contact_name,
        contact_phone=ticket.contact_phone,
        contact_email=ticket.contact_email,
        confidential=ticket.is_confidential,
        version=str(ticket.version),
    )
    if request.method == "POST":
        return _take(
            form, actor, lambda wish: filing.edit_draft(actor, number, wish, now=now), now=now, number=number
        )
    keeping.refill(form)
    return _page(form, now=now, number=number), OK


def _form(**usual: Any) -> RequestForm:
    """Return the form with its choices in the reader's language."""
    locale = language()
    form = RequestForm(**usual)
    form.kind.choices = [(kind.value, _(labels.KINDS[kind])) for kind in Kind]
    form.level.choices = [(level.value, _(labels.LEVELS[level])) for level in LEVELS]
    known = network.categories()
    form.category.choices = [(one.code, one.label(locale)) for one in known]
    form.examples = {one.code: _some(one, locale) for one in known}
    form.site.choices = choices(
        [(place.code, place.label(locale)) for place in network.sites()], empty=_("不在这些园区和楼宇里")
    )
    return form


def _some(category: CategoryInfo, locale: str) -> str:
    """Return the first examples of a category, as a list in words."""
    examples = category.examples_en if locale == "en" else category.examples
    return _("、").join(examples.split(", ")[:SHOWN_EXAMPLES])


def _page(
    form: RequestForm, *, now: datetime, number: str | None = None, found_alike: Sequence[Line] = ()
) -> str:
    found = queries.promises(local_date(now))
    return render_template(
        "intake/new.html",
        form=form,
        number=number,
        guess=guessing.for_form(form),
        alike=found_alike,
        kind_hints=kind_promises(found),
        urgent_hint=urgent_promise(found),
        has_lost_files=bool(form.uploads),
    )


def _take(
    form: RequestForm,
    actor: Actor,
    write: Callable[[Any], Ticket],
    *,
    now: datetime,
    number: str | None = None,
) -> ResponseReturnValue:
    """Take a posted form: check its shape, write and perhaps send once, answer the same to a twin."""
    is_asked = guessing.is_asked(form)
    if is_asked or not form.validate():
        return _page(form, now=now, number=number), OK if is_asked else UNFIT
    add_to = alike.chosen()
    sent = [uploads.read(chosen) for chosen in form.uploads]

    def make() -> Answer:
        if add_to:
            alike.add(actor, add_to, f"{form.title.data}\n{form.description.data}", sent, now=now)
            return Answer(303, add_to, url_for("tickets.show", number=add_to))
        return _written(form, actor, write, sent, now=now, number=number)

    try:
        answer = idempotency.once(_principal(actor), form.once.data, _digest(form), make, now=now)
    except LooksAlike as refused:
        form.anyway.data = "1"
        found = alike.lines(refused.found, actor, language())
        return _page(form, now=now, number=number, found_alike=found), OK
    except DomainError as refused:
        return _refused(form, refused, now=now, number=number)
    said = alike.said(answer.body) or (_("草稿已保存，随时可以继续填写、提交。") if _is_draft() else "")
    if said:
        flash(said, "good")
    return redirect(answer.location, code=answer.status)


def _is_draft() -> bool:
    return request.form.get("do") == DRAFT


def _written(
    form: RequestForm,
    actor: Actor,
    write: Callable[[Any], Ticket],
    sent: Sequence[Upload],
    *,
    now: datetime,
    number: str | None,
) -> Answer:
    """Write the request or draft with its files, and send it unless it stays a draft."""
    is_draft = _is_draft()
    if not is_draft and not form.anyway.data:
        _refuse_twins(form, actor, number, now)
    ticket = write(form.wish(is_draft=is_draft))
    attach_all(actor, ticket.number, sent, shelf=uploads.shelf(), now=now)
    if number and not is_draft:
        perform(actor, number, Submit(version=None), now=now)
    return Answer(303, ticket.number, _next_page(ticket.number, is_draft=is_draft))


def _next_page(number: str, *, is_draft: bool) -> str:
    if is_draft:
        return url_for("tickets.index", show="drafts")
    return url_for("intake.filed", number=number)


def _refuse_twins(form: RequestForm, actor: Actor, number: str | None, now: datetime) -> None:
    """Stop once when the company has something like it: open, or closed lately."""
    own = actor.enterprise_id
    assert own is not None  # noqa: S101 - the guard let a company in
    found = likely(actor, own, form.title.data, form.category.data, now=now, besides=number or "")
    if found:
        raise LooksAlike(found)


def _refused(
    form: RequestForm, error: DomainError, *, now: datetime, number: str | None
) -> ResponseReturnValue:
    """Show the form again with the refusal; a key already used is replaced, so that pressing again works."""
    if isinstance(error, WrongState | ChangedMeanwhile) and number:
        form.version.data = ""
    if isinstance(error, KeyReused):
        form.once.data = fresh_key()
        form.form_errors.append(
            _("这份表单刚才已经提交过，可以在“我的诉求”里看到；如果这是另一件诉求，请再按一次提交。")
        )
    else:
        fields = {FORM_NAMES.get(name, name): texts for name, texts in errors.fields_of(error).items()}
        name = error.extra.get("file_name")
        if name:
            fields["files"] = [_("%(name)s：%(why)s", name=name, why=why) for why in fields["files"]]
        loose = form.take_errors(fields)
        if loose or not fields:
            form.form_errors.append(errors.sentence_of(error))
    return _page(form, now=now, number=number), errors.status_of(error)


def _principal(actor: Actor) -> str:
    return f"user:{actor.user_id}"


def _digest(form: RequestForm) -> bytes:
    """Return what makes two posts the same: every answer and every file, not the tokens."""
    answers = sorted(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in {"csrf_token", "once", "anyway"}
    )
    files = [(upload.filename, _content_mark(upload)) for upload in form.uploads]
    return repr((request.path, answers, files)).encode()


def _content_mark(upload: FileStorage) -> str:
    mark = hashlib.file_digest(upload.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    upload.stream.seek(0)
    return mark
