"""What the words of a ticket are called: message ids for pages, letters and the API's catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from ticketing.core.text import N_
from ticketing.sla.rules.lights import Light
from ticketing.sla.words import ClockState, Metric
from ticketing.tickets.queries.conditions import Section
from ticketing.tickets.words import (
    Action,
    Card,
    Channel,
    ContactOutcome,
    ExtensionState,
    Kind,
    Level,
    MeetingPhase,
    Orphaned,
    RejectReason,
    ReturnReason,
    Solved,
    State,
    SuspendReason,
)

STATES = {
    State.DRAFT: N_("草稿"),
    State.SUBMITTED: N_("待受理"),
    State.NEED_INFO: N_("待补充"),
    State.REJECTED: N_("不予受理"),
    State.ACCEPTED: N_("待派单"),
    State.DISPATCHED: N_("待签收"),
    State.RETURN_REVIEW: N_("退单待裁定"),
    State.PROCESSING: N_("办理中"),
    State.SUSPENDED: N_("挂起"),
    State.REPLY_REVIEW: N_("答复待审"),
    State.REPLIED: N_("已答复待回访"),
    State.CLOSED: N_("办结"),
    State.WITHDRAWN: N_("已撤回"),
    State.MERGED: N_("已并单"),
}
# What the button says: what will happen.
ACTIONS = {
    Action.SUBMIT: N_("提交诉求"),
    Action.ACCEPT: N_("受理"),
    Action.REQUEST_INFO: N_("请企业补充"),
    Action.SUPPLY_INFO: N_("补充说明"),
    Action.REJECT: N_("决定不予受理"),
    Action.ANSWER_NOW: N_("当场答复"),
    Action.DISPATCH: N_("派单"),
    Action.SIGN: N_("签收"),
    Action.REQUEST_RETURN: N_("申请退单"),
    Action.RULE_RETURN: N_("裁定退单"),
    Action.TRANSFER: N_("转办"),
    Action.UP_REPORT: N_("上报"),
    Action.SEND_DOWN: N_("下派"),
    Action.CONTACT: N_("记录联系"),
    Action.SUBMIT_REPLY: N_("提交答复"),
    Action.APPROVE_REPLY: N_("审核通过并答复企业"),
    Action.SEND_BACK: N_("退回修改"),
    Action.REVISIT: N_("记录回访"),
    Action.RATE: N_("评价"),
    Action.CLAIM: N_("由我经办"),
    Action.ASSIGN: N_("指派经办人"),
    Action.INVITE: N_("邀请协办"),
    Action.ASSIGN_PART: N_("会商派任务"),
    Action.FINISH_PART: N_("提交协办意见"),
    Action.APPROVE_PART: N_("签发协办意见"),
    Action.SEND_BACK_PART: N_("退回协办意见"),
    Action.CANCEL_PART: N_("取消协办"),
    Action.REQUEST_EXTENSION: N_("申请延期"),
    Action.DECIDE_EXTENSION: N_("审批延期"),
    Action.SUSPEND: N_("挂起诉求"),
    Action.RESUME: N_("恢复办理"),
    Action.MESSAGE: N_("给企业留言"),
    Action.NOTE: N_("内部备注"),
    Action.URGE: N_("催办"),
    Action.SUPERVISE: N_("督办"),
    Action.ANSWER_SUPERVISION: N_("答复督办"),
    Action.REVOKE_CARD: N_("收回红黄牌"),
    Action.REOPEN: N_("重新办理"),
    Action.WITHDRAW: N_("撤回诉求"),
    Action.MERGE: N_("并单"),
    Action.UNMERGE: N_("取消并单"),
    Action.ATTACH: N_("添加附件"),
    Action.REVEAL: N_("查看联系方式"),
    Action.ESCALATE: N_("预警升级"),
    Action.RECOUNT: N_("重算期限"),
    Action.HAND_OVER: N_("转值班人经办"),
    Action.MEET: N_("联席会商"),
    Action.CONSULTED: N_("告知会商结果"),
}
# What the history says: what has happened.
HAPPENED = {
    Action.SUBMIT: N_("诉求已提交"),
    Action.ACCEPT: N_("已受理"),
    Action.REQUEST_INFO: N_("请企业补充材料"),
    Action.SUPPLY_INFO: N_("企业已补充说明"),
    Action.REJECT: N_("不予受理"),
    Action.ANSWER_NOW: N_("已当场答复"),
    Action.DISPATCH: N_("已派单"),
    Action.SIGN: N_("已签收"),
    Action.REQUEST_RETURN: N_("已申请退单"),
    Action.RULE_RETURN: N_("已裁定承办单位"),
    Action.TRANSFER: N_("已转办"),
    Action.UP_REPORT: N_("已上报上级单位"),
    Action.SEND_DOWN: N_("已下派"),
    Action.CONTACT: N_("已联系企业"),
    Action.SUBMIT_REPLY: N_("答复已送审"),
    Action.APPROVE_REPLY: N_("已答复企业"),
    Action.SEND_BACK: N_("答复退回修改"),
    Action.REVISIT: N_("已回访"),
    Action.RATE: N_("企业已评价"),
    Action.CLAIM: N_("经办人已认领"),
    Action.ASSIGN: N_("已指派经办人"),
    Action.INVITE: N_("已邀请协办"),
    Action.ASSIGN_PART: N_("会商定了任务"),
    Action.FINISH_PART: N_("已提交协办意见"),
    Action.APPROVE_PART: N_("协办意见已签发"),
    Action.SEND_BACK_PART: N_("协办意见退回修改"),
    Action.CANCEL_PART: N_("协办已取消"),
    Action.REQUEST_EXTENSION: N_("已申请延期"),
    Action.DECIDE_EXTENSION: N_("延期已审批"),
    Action.SUSPEND: N_("已挂起"),
    Action.RESUME: N_("已恢复办理"),
    Action.MESSAGE: N_("留言"),
    Action.NOTE: N_("内部备注"),
    Action.URGE: N_("已催办"),
    Action.SUPERVISE: N_("已督办"),
    Action.ANSWER_SUPERVISION: N_("督办已答复"),
    Action.REVOKE_CARD: N_("已收回红黄牌"),
    Action.REOPEN: N_("已转入重办"),
    Action.WITHDRAW: N_("企业已撤回"),
    Action.MERGE: N_("已并单"),
    Action.UNMERGE: N_("已取消并单"),
    Action.ATTACH: N_("已添加附件"),
    Action.REVEAL: N_("已查看联系方式"),
    Action.ESCALATE: N_("预警升级"),
    Action.RECOUNT: N_("工作日历有变，期限已重算"),
    Action.HAND_OVER: N_("无人能办，已转值班人经办"),
    Action.MEET: N_("联席会商"),
    Action.CONSULTED: N_("会商结果已告知企业"),
}
KINDS = {
    Kind.CONSULT: N_("咨询"),
    Kind.HELP: N_("求助"),
    Kind.COMPLAINT: N_("投诉"),
    Kind.VIOLATION_REPORT: N_("举报"),
    Kind.SUGGESTION: N_("建议"),
    Kind.PRAISE: N_("表扬"),
}
LEVELS = {Level.NORMAL: N_("一般"), Level.URGENT: N_("紧急"), Level.MAJOR: N_("重大")}
CHANNELS = {
    Channel.PLATFORM: N_("企业服务平台"),
    Channel.PHONE: N_("电话"),
    Channel.COUNTER: N_("窗口"),
    Channel.STATION: N_("服务站点"),
    Channel.VISIT: N_("走访"),
    Channel.MEETING: N_("座谈会"),
    Channel.HOTLINE_12345: N_("12345 热线"),
    Channel.APP_SST: N_("苏商通"),
    Channel.DEPT_REPORT: N_("部门直报"),
    Channel.CANT_DO_WINDOW: N_("办不成事窗口"),
    Channel.FORUM_HSWS: N_("寒山闻钟"),
    Channel.BIZ_ENV_LINE: N_("营商环境投诉专线"),
}
SOLVED = {Solved.YES: N_("已解决"), Solved.PARTLY: N_("部分解决"), Solved.NO: N_("未解决")}
SATISFACTION = {
    5: N_("非常满意"),
    4: N_("满意"),
    3: N_("基本满意"),
    2: N_("不满意"),
    1: N_("非常不满意"),
}
RETURN_REASONS = {
    ReturnReason.WRONG_FUNCTION: N_("职能不符"),
    ReturnReason.WRONG_TERRITORY: N_("属地不符"),
    ReturnReason.UNCLEAR_DUTY: N_("权属不清"),
    ReturnReason.OVERLAPPING_DUTY: N_("职能交叉"),
    ReturnReason.INCOMPLETE: N_("要素不全"),
    ReturnReason.DUPLICATE: N_("重复件"),
    ReturnReason.IN_STATUTORY_PROCEDURE: N_("已进入法定程序"),
    ReturnReason.OUT_OF_SCOPE: N_("不属受理范围"),
}
REJECT_REASONS = {
    RejectReason.OUT_OF_SCOPE: N_("不属受理范围"),
    RejectReason.EMERGENCY: N_("紧急事项（110/119/120）"),
    RejectReason.OTHER_BRANCH: N_("属党委、人大、政协、法院、检察院、军队事项"),
    RejectReason.LITIGATION: N_("应通过诉讼、仲裁、行政复议解决"),
    RejectReason.IN_STATUTORY_PROCEDURE: N_("已进入法定程序"),
    RejectReason.SECRET_OR_PRIVACY: N_("涉及国家秘密、商业秘密或他人隐私"),
    RejectReason.ABUSE: N_("恶意或滥用"),
}
SUSPEND_REASONS = {
    SuspendReason.AWAITING_REQUESTER: N_("等待企业提供材料"),
    SuspendReason.ENGINEERING: N_("等待工程条件"),
    SuspendReason.SEASON: N_("受季节限制"),
    SuspendReason.AWAITING_POLICY: N_("等待上级政策"),
}
OUTCOMES = {ContactOutcome.REACHED: N_("已联系上"), ContactOutcome.NO_ANSWER: N_("未接通")}
EXTENSION_STATES = {
    ExtensionState.PENDING: N_("等待审批"),
    ExtensionState.APPROVED: N_("已同意"),
    ExtensionState.REFUSED: N_("未同意"),
}
MEETING_PHASES = {
    MeetingPhase.CALLED: N_("已列入会商"),
    MeetingPhase.MOVED: N_("会商改期"),
    MeetingPhase.CANCELLED: N_("会商取消"),
    MeetingPhase.LEFT_OUT: N_("不再列入会商"),
    MeetingPhase.ISSUED: N_("会商纪要已印发"),
    MeetingPhase.AMENDED: N_("会商纪要已更正"),
}
CARDS = {Card.YELLOW: N_("黄牌"), Card.RED: N_("红牌")}
METRICS = {
    Metric.SIGN: N_("签收"),
    Metric.RESPOND: N_("联系"),
    Metric.RESOLVE: N_("办结答复"),
    Metric.REVISIT: N_("回访"),
    Metric.PART: N_("协办"),
}
CLOCK_STATES = {
    ClockState.RUNNING: N_("进行中"),
    ClockState.PAUSED: N_("已暂停"),
    ClockState.MET: N_("按时完成"),
    ClockState.BREACHED: N_("超时"),
    ClockState.CANCELLED: N_("已取消"),
}
LIGHTS = {
    Light.GREEN: N_("正常"),
    Light.YELLOW: N_("临期"),
    Light.RED: N_("超期"),
    Light.GREY: N_("挂起"),
}
SECTIONS = {
    Section.OVERDUE: N_("已超时"),
    Section.TODAY: N_("今天到期"),
    Section.REDO: N_("重办"),
    Section.WAITING: N_("等待中"),
    Section.LATER: N_("之后"),
}
ORPHANED = {
    Orphaned.DISABLED: N_("经办人账号已停用"),
    Orphaned.ABSENT: N_("经办人离岗，没有代理人"),
    Orphaned.ELSEWHERE: N_("经办人已不在本单位办理"),
    Orphaned.CLOSED: N_("单位已停用"),
    Orphaned.NOBODY: N_("单位里没有能办这一步的人在岗"),
}
# Every closed set that has labels, by its type: for forms and for the API's catalogue.
ALL: dict[type[StrEnum], Mapping[Any, str]] = {
    State: STATES,
    Action: ACTIONS,
    Kind: KINDS,
    Level: LEVELS,
    Channel: CHANNELS,
    Solved: SOLVED,
    ReturnReason: RETURN_REASONS,
    RejectReason: REJECT_REASONS,
    SuspendReason: SUSPEND_REASONS,
    ContactOutcome: OUTCOMES,
    Card: CARDS,
}
