"""What the synthetic tickets tell: requests by category and kind, and what people say along the way."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ticketing.tickets.words import Kind

_FILE = Path(__file__).with_name("stories.txt")
_ROADS = [
    "长江路",
    "竹园路",
    "金山路",
    "浒青路",
    "科技城大道",
    "太湖大道",
    "鹿山路",
    "泰山路",
    "珠江路",
    "建林路",
]
_MONTHS = ["上个月", "本月初", "上周", "去年下半年", "三季度", "节后", "近两周", "今年以来"]
_PEOPLE = [18, 25, 36, 48, 60, 85, 110, 150, 220, 300]
_AMOUNTS = [20, 35, 50, 80, 120, 200, 300, 500, 800, 1200]
_DAYS = [3, 5, 7, 10, 12, 15, 20, 30]
_POWER = [315, 400, 630, 800, 1000, 1250, 1600]


@dataclass(frozen=True, slots=True)
class Story:
    """One request: what is asked, and what was done about it in the end."""

    kind: Kind
    title: str
    description: str
    done: str

    def told(self, rng: random.Random, place: str) -> tuple[str, str, str]:
        """Return title, description and outcome with their variable parts filled in."""
        values = {
            "place": place,
            "road": rng.choice(_ROADS),
            "when": rng.choice(_MONTHS),
            "people": rng.choice(_PEOPLE),
            "amount": rng.choice(_AMOUNTS),
            "days": rng.choice(_DAYS),
            "kva": rng.choice(_POWER),
        }
        return tuple(text.format_map(values) for text in (self.title, self.description, self.done))  # type: ignore[return-value]


@cache
def stories() -> dict[str, dict[Kind, list[Story]]]:
    """Return all requests by category and kind: below ``[CODE]``, ``kind|title|description|done``."""
    found: dict[str, dict[Kind, list[Story]]] = {}
    kinds: dict[Kind, list[Story]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kinds = found[line.strip("[]")] = {}
        elif line:
            kind, title, description, done = line.split("|")
            kinds.setdefault(Kind(kind), []).append(Story(Kind(kind), title, description, done))
    return found


REPLIES = [
    "您好，您反映的“{title}”收悉。经{unit}核实：{done}如有疑问请与{name}联系，电话{phone}。",
    "贵公司关于“{title}”的诉求已办理。{unit}答复如下：{done}后续事宜可直接联系{name}（{phone}）。",
    "感谢贵公司的信任。针对“{title}”，{unit}第一时间对接了解情况，{done}承办人：{name}，电话：{phone}。",
]
PRAISE_REPLIES = ["您好，来信收悉，{unit}向贵公司致谢。{done}", "{unit}已将您的肯定转达给承办人员。{done}"]
QUICK_REPLIES = [
    "您好，关于“{title}”：{done}区企业服务中心随时为您解答，电话{phone}。",
    "已当场解答：{done}如还有问题，欢迎再次联系我们（{phone}）。",
]
DISPATCH_NOTES = [
    "请按职责办理，并在期限内答复企业。",
    "企业比较着急，请尽快联系。",
    "请主办单位牵头，一次性答复。",
    "涉及现场情况，建议先上门了解。",
    "",
]
REACHED = [
    "已电话联系企业，了解具体情况，约定上门时间。",
    "与企业负责人沟通，说明了办理流程和所需材料。",
    "已联系，企业补充了现场照片，情况属实。",
    "已联系企业经办人，对方希望尽快给出时间表。",
]
NO_ANSWER = ["电话无人接听，下午再打。", "对方正在开会，约定稍后再联系。"]
ASK_INFO = [
    "请补充：1. 营业执照复印件；2. 涉及的具体地址；3. 之前办理时的受理回执（如有）。",
    "请说明事情发生的时间、地点和目前的影响，并附现场照片一至两张。",
    "请补充申报项目名称、申报年度和系统里显示的状态截图。",
]
GIVE_INFO = [
    "材料已补充，地址和经过写在这里，请查收。",
    "已按要求补充说明，照片稍后由同事送到服务站。",
    "补充：就是我们厂区二号楼，联系人不变。",
]
REJECTIONS = {
    "out_of_scope": "该事项不属于本区受理范围，请向合同履行地的主管部门反映，或拨打 12345 转接。",
    "litigation": "该事项已由法院立案，请通过诉讼程序解决；如需法律援助，可联系区公共法律服务中心。",
    "in_statutory_procedure": "该事项正在行政复议程序中，请等待复议决定，决定作出前不重复受理。",
    "emergency": "遇到人身或火灾危险请立即拨打 110、119 或 120，平台不作应急受理。",
}
RETURN_MESSAGES = {
    "wrong_function": "按三定方案，该事项的管理职责不在我单位，建议改派。",
    "wrong_territory": "经核实，企业所述地址不在我单位辖区内。",
    "overlapping_duty": "事项主要涉及其他部门的审批环节，我单位可配合，建议由其主办。",
    "incomplete": "诉求要素不全，无法确定具体地点和设备，请补充后再派。",
}
UPHELD = ["情况属实，同意退单，改派相关单位主办。", "经会商，由新的主办单位牵头，原单位配合。"]
REFUSED = ["该事项属你单位职责，请继续办理，必要时邀请协办。", "首接负责，请先联系企业并牵头办理。"]
TRANSFERS = ["现场查看后，主要问题属于贵单位职责，转请办理。", "企业明确了真正的需求，请贵单位接办。"]
UP_REPORTS = ["超出站点能力，需要片区协调。", "涉及多个单位，请片区中心牵头。"]
SEND_DOWNS = ["请就近上门了解并办理。", "请站点先行走访，能当场解决的当场解决。"]
HANDLER_MESSAGES = [
    "我们已安排人员明天上门，请保持电话畅通。",
    "材料已收到，正在内部会签，有进展马上告诉您。",
    "方案初稿已发到您的邮箱，请确认。",
]
COMPANY_MESSAGES = [
    "请问现在进展如何？我们这边比较急。",
    "收到，谢谢，明天上午我们有人在现场。",
    "补充一张照片的说明：左侧就是出问题的位置。",
]
NOTES = [
    "已与相关科室沟通，等待书面意见。",
    "该企业上月有类似诉求，注意口径一致。",
    "现场情况较复杂，建议领导关注。",
    "企业态度配合，预计可按期办结。",
]
URGES = ["已经过了好几天，请尽快给个答复。", "影响到生产排期，请抓紧处理。", "请说明目前卡在哪个环节。"]
SUPERIOR_URGES = ["请抓紧办理，今天内联系企业。", "临近期限，请主办单位说明进展。"]
DEMANDS = ["请说明未按期推进的原因，并给出完成时间。", "请核实企业反映的问题是否重复发生，书面报告。"]
ANSWERS = [
    "已联系企业说明情况，明确完成时间，后续按节点推进。",
    "原因已查明，系材料流转延误，现已安排专人跟进。",
]
INVITES = ["请就涉及你单位的部分提出意见。", "请协助核实现场情况并反馈。"]
PART_REPLIES = [
    "经核实，我单位无异议，相关意见已反馈主办单位。",
    "已派人到现场查看，意见见附件说明，可按主办单位方案办理。",
]
EXTENSION_REASONS = [
    "需要等待设计单位出具方案，申请延期。",
    "涉及多部门会签，预计还需几个工作日。",
    "企业要求变更现场踏勘时间。",
]
GRANTS = ["同意，请按新的期限办结。", "同意延期，注意向企业说明。"]
REFUSALS = ["理由不充分，请按原期限办结。", "已有类似先例可参照，不予延期。"]
SUSPENSIONS = {
    "engineering": "需配合外线施工，完工后恢复办理，已向企业说明。",
    "awaiting_requester": "等待企业提供签字盖章的材料。",
    "awaiting_policy": "上级实施细则尚未出台，出台后立即恢复办理。",
    "season": "绿化移植需待适宜季节进行。",
}
RESUMES = ["条件已具备，恢复办理。", "施工已完成，继续办理。"]
SEND_BACKS = ["请写明依据和完成时间。", "答复过于笼统，请逐项回应。"]
PART_WAIVERS = ["协办意见不影响结论，先行答复，后续补充。"]
REVISIT_NOTES = ["企业表示问题已解决，对办理速度满意。", "企业认可答复，希望今后多上门。", "企业表示感谢。"]
REVISIT_BAD = ["企业表示问题没有实际解决，要求重新办理。", "企业认为答复只讲程序，没有结果。"]
REVISIT_MISSED = ["电话无人接听。", "号码占线，改日再拨。"]
COMMENTS = ["", "", "办得很快，谢谢。", "工作人员态度好，讲得清楚。", "希望流程再简单一点。"]
COMMENTS_BAD = ["没有解决问题。", "答复和之前一样，等于没办。"]
REOPENINGS = ["问题又出现了，请再次处理。", "承诺的事项到期没有落实。"]
WITHDRAWALS = ["问题已自行解决，撤回。", "内容填错了，准备重新提交。", "与其他部门已协商一致，不再需要。"]
MERGES = ["同一事项重复提交，合并办理。"]
