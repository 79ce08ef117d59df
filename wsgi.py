"""The application for gunicorn and for `flask --app wsgi`."""

import os

from config import Config
from ticketing.app import create_app

app = create_app(Config.from_env(os.environ))
