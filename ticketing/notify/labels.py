"""What the words of messages are called on pages."""

from __future__ import annotations

from ticketing.core.text import N_
from ticketing.notify.words import Channel, DeliveryState, Reach, Reason, RobotKind

CHANNELS = {Channel.EMAIL: N_("电子邮件"), Channel.SMS: N_("短信"), Channel.ROBOT: N_("群机器人")}
STATES = {
    DeliveryState.WAITING: N_("等待发送"),
    DeliveryState.LEASED: N_("正在发送"),
    DeliveryState.SENT: N_("已送达服务器"),
    DeliveryState.DEAD: N_("发送失败"),
    DeliveryState.CANCELLED: N_("已取消"),
}
REASONS = {
    Reason.NO_RIGHT: N_("收件人已无权查看"),
    Reason.GONE: N_("账号或机器人已停用"),
    Reason.NO_ADDRESS: N_("没有地址或电话"),
    Reason.REFUSED: N_("被对方拒收"),
    Reason.EXHAUSTED: N_("多次重试仍未成功"),
    Reason.BROKEN: N_("内容无法生成"),
}
REACHES = {
    Reach.NONE: N_("不发"),
    Reach.URGENT: N_("只发紧急和超期的"),
    Reach.DUTIES: N_("只发需要处理的"),
    Reach.ALL: N_("全部"),
}
ROBOTS = {
    RobotKind.WECOM: N_("企业微信"),
    RobotKind.DINGTALK: N_("钉钉"),
    RobotKind.FEISHU: N_("飞书"),
}
# Kinds of trouble, by their first word; the number that may follow is shown as it is.
TROUBLES = {
    "timeout": N_("对方没有及时回应"),
    "cut": N_("连接中断"),
    "unreachable": N_("连接不上"),
    "tls": N_("安全连接失败"),
    "login": N_("登录邮件服务器失败"),
    "smtp": N_("邮件服务器拒绝"),
    "http": N_("对方返回错误"),
    "robot": N_("机器人返回错误"),
    "redirect": N_("对方要求跳转，未跟随"),
    "private": N_("地址指向内网，未发送"),
    "unknown": N_("域名无法解析"),
    "address": N_("地址无效"),
    "interrupted": N_("发送程序中断"),
    "not": N_("渠道没有设置"),
}
OTHER_TROUBLE = N_("其他错误")
