"""Every route of the API: without a token nothing is answered, whatever the route says of itself."""

from __future__ import annotations

from ticketing.web.guards import guard_of

FILLED = {"number": "QS26-482-109-372", "token": "x" * 32, "action": "accept"}


def routes(app):
    return [
        (method, rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and guard_of(app, rule.endpoint) != "public"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_without_a_token_each_route_answers_401(app, world):
    before = world.fingerprint()
    known = routes(app)
    assert len(known) > 40

    answers = {}
    for method, rule in known:
        parts = {name: FILLED.get(name, 1) for name in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, parts, method=method)
        answers[method, path] = app.test_client().open(path, method=method, json={}).status_code

    assert {call: status for call, status in answers.items() if status != 401} == {}
    assert world.fingerprint() == before
