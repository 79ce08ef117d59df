"""The blueprint of messages: inboxes, what goes out, and its settings."""

from flask import Blueprint

bp = Blueprint("notify", __name__)
