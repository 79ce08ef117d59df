"""The words of duty: how a unit's new tickets find a handler."""

from enum import StrEnum

from ticketing.core.text import N_


class Way(StrEnum):
    """How a ticket that a unit has signed for finds a handler."""

    NOBODY = "nobody"
    TURN = "turn"
    LOAD = "load"


WAYS = {
    Way.NOBODY: N_("不自动指定，谁认领谁经办"),
    Way.TURN: N_("轮流：按顺序指定在岗的经办人"),
    Way.LOAD: N_("均衡：指定在办最少的在岗经办人"),
}
