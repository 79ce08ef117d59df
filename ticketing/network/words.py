"""The words of the service network: closed sets that rules and tables share."""

from enum import StrEnum


class UnitKind(StrEnum):
    """The 1, the 3, the X, and the departments beside them."""

    CENTRE = "centre"
    AREA = "area"
    STATION = "station"
    DEPARTMENT = "department"


class SiteKind(StrEnum):
    """What a place in a unit's territory is."""

    PARK = "park"
    BUILDING = "building"


class ScopePart(StrEnum):
    """How a unit takes part in a category."""

    LEAD = "lead"
    HELP = "help"
