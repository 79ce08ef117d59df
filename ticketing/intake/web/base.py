"""The blueprint of the ways in; what a request was filed as is shown on one page for everybody."""

from flask import Blueprint

bp = Blueprint("intake", __name__)
