"""The words of learning: what can be suggested."""

from enum import StrEnum


class Target(StrEnum):
    """What a model suggests."""

    CATEGORY = "category"
    DEPARTMENT = "department"
