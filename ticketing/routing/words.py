"""The words of routing: what a rule decides, whom it means, and why one was passed over."""

from enum import StrEnum

from ticketing.core.text import N_


class Decides(StrEnum):
    """What a rule decides: who takes a request in, or which unit is proposed to lead."""

    INTAKE = "intake"
    LEAD = "lead"


class Target(StrEnum):
    """Whom a rule means: one unit by name, or one that depends on the request."""

    STATION = "station"
    AREA = "area"
    OWN = "own"
    CATEGORY_LEAD = "category_lead"
    UNIT = "unit"
    TRIAGE = "triage"


class Miss(StrEnum):
    """Why a rule was passed over: the first of its conditions that does not hold, or nobody to give it to."""

    CATEGORY = "category"
    KIND = "kind"
    LEVEL = "level"
    CHANNEL = "channel"
    SITE = "site"
    AREA = "area"
    WORDS = "words"
    NO_PLACE = "no_place"
    PLACE_DECIDES = "place_decides"
    NOT_REGISTERED = "not_registered"
    NOBODY = "nobody"


class Why(StrEnum):
    """How a decision came about."""

    RULE = "rule"
    NOTHING_FITS = "nothing_fits"
    TARGET_CLOSED = "target_closed"


DECIDES = {Decides.INTAKE: N_("由谁受理"), Decides.LEAD: N_("建议派给谁")}
TARGETS = {
    Target.STATION: N_("地点所在的服务站"),
    Target.AREA: N_("地点所在的片区中心"),
    Target.OWN: N_("登记人自己的服务站或片区"),
    Target.CATEGORY_LEAD: N_("类别的主办部门"),
    Target.UNIT: N_("指定的单位"),
    Target.TRIAGE: N_("区中心分拨台"),
}
# Which targets make sense for what is decided.
TARGETS_OF = {
    Decides.INTAKE: (Target.STATION, Target.AREA, Target.OWN, Target.UNIT, Target.TRIAGE),
    Decides.LEAD: (Target.CATEGORY_LEAD, Target.UNIT, Target.STATION, Target.AREA, Target.TRIAGE),
}
MISSES = {
    Miss.CATEGORY: N_("类别不符"),
    Miss.KIND: N_("类型不符"),
    Miss.LEVEL: N_("紧急程度不符"),
    Miss.CHANNEL: N_("来源渠道不符"),
    Miss.SITE: N_("地点不符"),
    Miss.AREA: N_("不在这个辖区"),
    Miss.WORDS: N_("没有这些词"),
    Miss.NO_PLACE: N_("没有写地点"),
    Miss.PLACE_DECIDES: N_("写了地点，不看谁登记"),
    Miss.NOT_REGISTERED: N_("不是工作人员登记的"),
    Miss.NOBODY: N_("没有可接的启用单位"),
}
WHYS = {
    Why.RULE: N_("按规则"),
    Why.NOTHING_FITS: N_("没有规则适用，由区中心分拨台处理"),
    Why.TARGET_CLOSED: N_("规则指定的单位已停用，由区中心分拨台处理"),
}
# Channels belong to the feature above; rules know them as plain words, like limits know kinds and levels.
CHANNELS = {
    "platform": N_("企业服务平台"),
    "phone": N_("电话"),
    "counter": N_("窗口"),
    "station": N_("服务站点"),
    "visit": N_("走访"),
    "meeting": N_("座谈会"),
    "hotline_12345": N_("12345 热线"),
    "app_sst": N_("苏商通"),
    "dept_report": N_("部门直报"),
    "cant_do_window": N_("办不成事窗口"),
    "forum_hsws": N_("寒山闻钟"),
    "biz_env_line": N_("营商环境投诉专线"),
}
