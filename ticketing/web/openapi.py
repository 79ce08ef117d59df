"""The API's own description: an OpenAPI 3.1 document made from the models in use, and a page of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, cast

from flask import Response, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from pydantic import BaseModel, Field
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from ticketing.core.idempotency import MAX_KEY_CHARS
from ticketing.core.paging import MAX_LIMIT
from ticketing.core.text import N_
from ticketing.web import errors
from ticketing.web.endpoints import JSON, KEY_HEADER, Endpoint, Tag, bp, endpoints
from ticketing.web.guards import public
from ticketing.web.shapes import Answer, Query

REF = "#/components/schemas/{model}"
_PART = re.compile(r"\{(\w+)\}")
_INTRODUCTION = N_(
    "调用者以 Authorization: Bearer 令牌表明身份，能看到什么、能做什么与其在网站上的岗位一致。"
    "时间为带时区的 RFC 3339。出错时返回 application/problem+json（RFC 9457）。"
    "每个 POST 都接受 Idempotency-Key：同一个键和内容再发一次，得到第一次的答复。"
)
_PARTS = {
    "number": (N_("诉求单号"), "QS26-482-109-375"),
    "token": (N_("附件的编号"), "f0J1x0m8nQ2rWc7dLk5A3g"),
}
_REFUSALS = {
    400: N_("请求无法理解"),
    401: N_("没有有效的令牌"),
    403: N_("看得到，但不归调用者办"),
    404: N_("没有，或者调用者无权查看"),
    409: N_("当前状态不能这样做，或看到的版本已过期"),
    413: N_("内容太大"),
    415: N_("不支持的格式"),
    422: N_("有内容需要修改"),
    429: N_("操作过于频繁"),
}


class Problem(Answer):
    """What every refusal says (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: dict[str, list[str]] = Field({}, description=N_("要修改的内容，按名称"))
    available_actions: list[str] = Field([], description=N_("调用者现在能做的动作"))


@bp.get("/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    return Response(json.dumps(document(), ensure_ascii=False), content_type=JSON)


@bp.get("/docs")
@public
def docs() -> ResponseReturnValue:
    return render_template("api/docs.html", api=document(), tags=list(Tag), limit=MAX_LIMIT, kind=kind_of)


def document() -> dict[str, Any]:
    """Return the OpenAPI document in the reader's language; made once for each."""
    made: dict[str, dict[str, Any]] = current_app.extensions.setdefault("openapi", {})
    locale = get_locale().language
    if locale not in made:
        made[locale] = _translated(_document(current_app.config["BASE_URL"]))
    return made[locale]


class Schemas:
    """The schema of every model in use and of what those hold; models of one name are told apart."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
        for endpoint in endpoints:
            if endpoint.answer:
                wanted[endpoint.answer, "serialization"] = None
            for model in filter(None, (endpoint.query, endpoint.body)):
                wanted[model, "validation"] = None
        refs, found = models_json_schema(list(wanted), by_alias=True, ref_template=REF)
        self._refs = {wanted: found["$ref"] for wanted, found in refs.items()}
        self._all = dict(found["$defs"])
        self.of(Problem)["required"] = ["type", "title", "status", "detail"]

    def ref(self, model: type[BaseModel], mode: JsonSchemaMode = "serialization") -> dict[str, str]:
        """Return the reference to a model's schema."""
        return {"$ref": self._refs[model, mode]}

    def of(self, model: type[BaseModel], mode: JsonSchemaMode = "serialization") -> dict[str, Any]:
        """Return a model's schema."""
        return cast(dict[str, Any], self._all[self._name(model, mode)])

    def shown(self, queries: Iterable[type[Query]]) -> dict[str, Any]:
        """Return all schemas by name, but those of queries: their parts are listed as parameters."""
        hidden = {self._name(query, "validation") for query in queries}
        return {name: schema for name, schema in self._all.items() if name not in hidden}

    def _name(self, model: type[BaseModel], mode: JsonSchemaMode) -> str:
        return str(self._refs[model, mode].rpartition("/")[2])


def _document(base_url: str) -> dict[str, Any]:
    schemas = Schemas(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": N_("企诉闭环 API"), "version": "1", "description": _INTRODUCTION},
        "servers": [{"url": f"{base_url}{bp.url_prefix}"}],
        "security": [{"token": []}],
        "tags": [{"name": tag.name.lower(), "description": tag.value} for tag in Tag],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": N_("flask token create 打印的令牌"),
                }
            },
            "schemas": schemas.shown(endpoint.query for endpoint in endpoints if endpoint.query),
        },
    }


def _operation(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.tag.name.lower()],
        "summary": endpoint.summary,
        "description": endpoint.help,
        "parameters": [*_path_parts(endpoint), *_query_parts(endpoint, schemas), *_headers(endpoint)],
        "responses": {str(endpoint.status): _success(endpoint, schemas), **_refused(endpoint, schemas)},
    }
    if endpoint.form:
        found["requestBody"] = {
            "required": True,
            "content": {"multipart/form-data": {"schema": endpoint.form}},
        }
    elif endpoint.body:
        found["requestBody"] = {
            "required": bool(schemas.of(endpoint.body, "validation").get("required")),
            "content": {JSON: {"schema": schemas.ref(endpoint.body, "validation")}},
        }
    return found


def _path_parts(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PARTS[name][0],
            "schema": {"type": "string", "minLength": 1},
            "example": _PARTS[name][1],
        }
        for name in _PART.findall(endpoint.path)
    ]


def _query_parts(endpoint: Endpoint, schemas: Schemas) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    fields = schemas.of(endpoint.query, "validation").get("properties", {})
    return [
        {
            "name": name,
            "in": "query",
            "description": schema.get("description", ""),
            "schema": {key: value for key, value in schema.items() if key not in {"description", "title"}},
        }
        for name, schema in ((name, _without_null(schema)) for name, schema in fields.items())
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a query field's schema as it can be sent: left out, but never null."""
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if not options:
        return schema
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
    return {**options[0], **rest} if len(options) == 1 else {"anyOf": options, **rest}


def _headers(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.method != "post":
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARS, "pattern": r"^[!-~]+$"}
    return [
        {
            "name": KEY_HEADER,
            "in": "header",
            "description": N_("同一个键和内容只生效一次，再发得到同样的答复"),
            "schema": schema,
        }
    ]


def _success(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    if endpoint.answer is None:
        return {
            "description": N_("文件本身"),
            "content": {"application/octet-stream": {"schema": {}}},
        }
    found: dict[str, Any] = {
        "description": N_("完成"),
        "content": {JSON: {"schema": schemas.ref(endpoint.answer)}},
    }
    if endpoint.status == 201:  # noqa: PLR2004 - Created
        found["headers"] = {"Location": {"schema": {"type": "string"}, "description": N_("新内容的地址")}}
    return found


def _refused(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    return {
        str(status): {
            "description": _REFUSALS[status],
            "content": {errors.PROBLEM_TYPE: {"schema": schemas.ref(Problem)}},
        }
        for status in _statuses(endpoint)
    }


def _statuses(endpoint: Endpoint) -> Iterable[int]:
    if endpoint.method == "post":
        return _REFUSALS
    found = [401, 403]
    if "{" in endpoint.path:
        found.append(404)
    if endpoint.query:
        found.append(422)
    return found


def _translated(node: Any, name: str = "") -> Any:
    """Return the document with its words in the reader's language, without titles that only repeat names."""
    if isinstance(node, list):
        return [_translated(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _translated(value, key) for key, value in node.items()}
    for word in ("title", "description", "summary"):
        text = found.get(word)
        if not isinstance(text, str):
            continue
        if not text or (word == "title" and text.replace(" ", "").lower() == name.replace("_", "").lower()):
            del found[word]
        else:
            found[word] = gettext(text)
    return found


def kind_of(schema: dict[str, Any]) -> str:
    """Return in a few words what a schema holds: ``string``, ``Contact``, ``[Clock]``, ``integer | null``."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(kind_of(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{kind_of(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or schema.get("const") or "object")
