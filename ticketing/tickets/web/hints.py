"""What each action brings about, in one sentence, and what it is called for a company."""

from __future__ import annotations

from ticketing.core.actor import Actor
from ticketing.core.text import N_
from ticketing.tickets.labels import ACTIONS, HAPPENED
from ticketing.tickets.words import Action
from ticketing.web.texts import gettext

HINTS: dict[Action, str] = {
    Action.SUBMIT: N_("提交后开始计算联系和办结的时限。"),
    Action.ACCEPT: N_("受理后进入派单。类别、类型或紧急程度填错了，可以在这里改正，时限会从接到时重新计算。"),
    Action.REQUEST_INFO: N_("企业补充之前时限暂停。请一次说全需要什么。"),
    Action.SUPPLY_INFO: N_("补充之后，时限继续计算。"),
    Action.REJECT: N_("诉求到此结束。企业会看到原因，以及可以去哪里办。"),
    Action.ANSWER_NOW: N_("答复立即送达企业，诉求进入回访。"),
    Action.DISPATCH: N_("主办单位会收到消息，并开始计算签收时限。"),
    Action.SIGN: N_("签收后由本单位办理，签收时限到此完成。"),
    Action.REQUEST_RETURN: N_("由派单员裁定。裁定之前时限不停，请写明理由和依据。"),
    Action.RULE_RETURN: N_("裁定后诉求回到承办单位待签收。同一件诉求退单两次后，裁定为最终裁定。"),
    Action.TRANSFER: N_("新单位从待签收开始，对企业承诺的时限不变。"),
    Action.UP_REPORT: N_("交给上级单位办理，对企业承诺的时限不变。"),
    Action.SEND_DOWN: N_("交给下级单位办理，对企业承诺的时限不变。"),
    Action.CONTACT: N_("第一次联系上企业，联系时限即完成。没有接通也请记下来。"),
    Action.SUBMIT_REPLY: N_("送本单位领导审核，通过后才发给企业。"),
    Action.APPROVE_REPLY: N_("答复立即送达企业，诉求进入回访。"),
    Action.SEND_BACK: N_("退回经办人修改，时限不停。没有等到的协办重新开始，按原定时限计。"),
    Action.REVISIT: N_("企业表示没有解决，或评为不满意，诉求会自动进入重办。"),
    Action.RATE: N_("没有解决，或者不满意，我们会重新办理。"),
    Action.CLAIM: N_("之后这件诉求由您经办。"),
    Action.ASSIGN: N_("指派的人会收到消息。"),
    Action.INVITE: N_("协办单位在时限内提出意见，主办单位汇总答复。"),
    Action.ASSIGN_PART: N_("会商的任务成为这件诉求的协办事项，责任单位会收到消息。"),
    Action.FINISH_PART: N_(
        "经本单位领导签发后交给主办单位，由主办单位汇总答复企业。您就是领导的，提交即签发。"
    ),
    Action.APPROVE_PART: N_("签发后协办完成，意见交给主办单位。"),
    Action.SEND_BACK_PART: N_("退回本单位修改，协办时限不停。"),
    Action.CANCEL_PART: N_("协办单位会收到消息，不必再办。之后还可以重新邀请。"),
    Action.REQUEST_EXTENSION: N_("只能在到期前申请，由领导或督办员审批。"),
    Action.DECIDE_EXTENSION: N_("同意后办结时限顺延，企业会看到新的时限。原时限仍保留在记录里。"),
    Action.SUSPEND: N_("挂起期间时限暂停，到恢复日期自动继续。企业会看到原因。"),
    Action.RESUME: N_("时限从暂停的地方继续计算。"),
    Action.MESSAGE: N_("企业和办理单位都能看到。"),
    Action.NOTE: N_("只有工作人员能看到。"),
    Action.URGE: N_("办理单位会收到提醒。"),
    Action.SUPERVISE: N_("办理单位要在时限内答复督办要求。情节较重的可以同时给黄牌或红牌。"),
    Action.ANSWER_SUPERVISION: N_("答复会交给督办员。"),
    Action.REVOKE_CARD: N_("收回最近一张牌。原来的记录和收回的理由都会保留。"),
    Action.REOPEN: N_("诉求回到原办理单位，重新办理。"),
    Action.WITHDRAW: N_("诉求到此结束，以后可以另行提交。"),
    Action.MERGE: N_("并入后在那一件里一起办理，时限从较早的一件算起。以后可以取消。"),
    Action.UNMERGE: N_("恢复到并单之前的状态和时限。"),
}
_FOR_COMPANIES: dict[Action, str] = {
    Action.MESSAGE: N_("给办理单位留言"),
    Action.URGE: N_("催一催"),
    Action.REOPEN: N_("请重新办理"),
}
DANGEROUS = frozenset({Action.REJECT, Action.WITHDRAW})


def name_of(action: Action, actor: Actor) -> str:
    """Return what a button for the action says to this person."""
    plain = ACTIONS[action]
    return gettext(_FOR_COMPANIES.get(action, plain) if actor.enterprise_id is not None else plain)


def hint_of(action: Action) -> str:
    """Return what the action brings about."""
    return gettext(HINTS[action])


def happened(action: Action) -> str:
    """Return what the history says of the action."""
    return gettext(HAPPENED[action])
