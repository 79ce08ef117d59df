"""A person's own settings of messages."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.accounts.queries import identity
from ticketing.core.errors import NotFound
from ticketing.notify import labels
from ticketing.notify.actions import settings
from ticketing.notify.forms import SwitchForm
from ticketing.notify.queries import ways
from ticketing.notify.web.base import bp
from ticketing.notify.web.channels import hours
from ticketing.notify.words import PERSONAL, Channel, Reach
from ticketing.web import keeping
from ticketing.web.guards import current_actor, signed_in


@bp.route("/me/messages", methods=["GET", "POST"])
@signed_in
def mine() -> ResponseReturnValue:
    actor = current_actor()
    me = ways.listener(actor)
    if me is None:
        raise NotFound
    known = ways.rules()
    form = SwitchForm(email=me.reach(Channel.EMAIL, known) is Reach.ALL)
    keeping.refill(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            settings.switch_channel(actor, Channel.EMAIL, is_on=form.email.data)
            flash(_("已保存"), "good")
            return redirect(url_for("notify.mine"), code=303)
    own = identity.own_data(actor)
    addresses = {Channel.EMAIL: own.email, Channel.SMS: own.phone}
    lines = [
        (
            _(labels.CHANNELS[channel]),
            addresses[channel],
            _(labels.REACHES[me.reach(channel, known)]),
            _("、").join(dict.fromkeys(filter(None, map(hours, ways.quiet_hours(me.roles, channel, known))))),
        )
        for channel in PERSONAL
    ]
    return render_template("notify/mine.html", form=form, lines=lines), status
