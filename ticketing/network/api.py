"""The network and the catalogues over the API: units, places, categories."""

from __future__ import annotations

from pydantic import Field

from ticketing.core.text import N_
from ticketing.network import queries
from ticketing.network.words import ScopePart, SiteKind, UnitKind
from ticketing.web.endpoints import Tag, get
from ticketing.web.shapes import Answer, Listed, Paged, page_of


class Scope(Answer):
    """A category a unit takes."""

    category: str
    part: ScopePart = Field(description=N_("主办或协办"))


class UnitOut(Answer):
    """A unit of the network."""

    code: str
    name: str
    name_en: str
    kind: UnitKind
    parent: str | None = Field(description=N_("上级单位代码"))
    phone: str
    sites: list[str] = Field(description=N_("负责的园区和楼宇"))
    scope: list[Scope] = Field(description=N_("承办的类别"))
    is_active: bool


class Units(Listed[UnitOut]):
    """One page of the network."""


class SiteOut(Answer):
    """A park or an office building."""

    code: str
    name: str
    name_en: str
    kind: SiteKind
    unit: str = Field(description=N_("负责的单位"))


class Sites(Listed[SiteOut]):
    """One page of the places."""


class CategoryOut(Answer):
    """What a request may be about."""

    code: str
    name: str
    name_en: str
    examples: str
    examples_en: str


class Categories(Listed[CategoryOut]):
    """One page of the categories."""


@get("/units", answer=Units, query=Paged, tag=Tag.NETWORK, summary=N_("服务网络的单位"))
def list_units(query: Paged) -> Units:
    net, sites, scopes = queries.network(), queries.sites(), queries.scopes()
    shown, more = page_of(list(net.by_id.values()), query)
    items = [
        UnitOut(
            code=unit.code,
            name=unit.name,
            name_en=unit.name_en,
            kind=unit.kind,
            parent=net.by_id[unit.parent_id].code if unit.parent_id is not None else None,
            phone=unit.phone,
            sites=[site.code for site in sites if site.unit_id == unit.id],
            scope=[Scope(category=code, part=part) for code, part in scopes.get(unit.id, ())],
            is_active=unit.is_active,
        )
        for unit in shown
    ]
    return Units(items=items, next_cursor=more)


@get("/sites", answer=Sites, query=Paged, tag=Tag.NETWORK, summary=N_("园区和楼宇"))
def list_sites(query: Paged) -> Sites:
    net = queries.network()
    shown, more = page_of(queries.sites(), query)
    items = [
        SiteOut(
            code=site.code,
            name=site.name,
            name_en=site.name_en,
            kind=site.kind,
            unit=net.by_id[site.unit_id].code,
        )
        for site in shown
    ]
    return Sites(items=items, next_cursor=more)


@get("/categories", answer=Categories, query=Paged, tag=Tag.NETWORK, summary=N_("诉求的类别"))
def list_categories(query: Paged) -> Categories:
    shown, more = page_of(queries.categories(), query)
    items = [
        CategoryOut(
            code=found.code,
            name=found.name,
            name_en=found.name_en,
            examples=found.examples,
            examples_en=found.examples_en,
        )
        for found in shown
    ]
    return Categories(items=items, next_cursor=more)
