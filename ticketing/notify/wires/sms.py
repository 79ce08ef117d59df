"""Short messages through the administrator's gateway: one POST of JSON each."""

from __future__ import annotations

from ticketing.notify.queries.ways import Gateway
from ticketing.notify.wires import https

SECRET_HEADER = "X-Gateway-Secret"  # noqa: S105 - the header's name


def text(gateway: Gateway, phone: str, words: str, message_id: str, net: https.Net) -> None:
    """Hand a short message to the gateway. The id stays the same when it is sent again. Raises NotTaken."""
    headers = {SECRET_HEADER: gateway.secret, "Idempotency-Key": message_id}
    https.post(gateway.url, {"to": phone, "text": words, "id": message_id}, headers, net)
