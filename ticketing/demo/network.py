"""The demo district's network: areas, stations, departments, places, and who leads in what."""

from __future__ import annotations

from dataclasses import dataclass

from ticketing.network.words import SiteKind, UnitKind


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """One unit to be made; ``parent`` is a code, None for the centre."""

    code: str
    name: str
    name_en: str
    kind: UnitKind
    parent: str | None


@dataclass(frozen=True, slots=True)
class RulePlan:
    """A routing rule beside those every district starts from: ``unit`` is proposed to lead."""

    code: str
    name: str
    name_en: str
    priority: int
    conditions: dict[str, list[str]]
    unit: str


@dataclass(frozen=True, slots=True)
class SitePlan:
    """One park or building, in the territory of the unit with ``unit``."""

    code: str
    name: str
    name_en: str
    kind: SiteKind
    unit: str


# fmt: off
_CENTRE = ("C0", "苏州高新区企业服务中心", "SND Enterprise Service Centre")
_AREAS = [
    ("A1", "狮山商务创新功能片区企业服务中心", "Shishan Business Innovation Area Service Centre"),
    ("A2", "浒墅关先进制造功能片区企业服务中心", "Xushuguan Advanced Manufacturing Area Service Centre"),
    ("A3", "太湖科学城功能片区企业服务中心", "Taihu Science City Area Service Centre"),
]
# Code, name, English name, and the unit whose territory it is. A station is named after its first place.
_PLACES = [
    ("PK01", "狮山生命健康产业园", "Shishan Life Health Park", "S101"),
    ("BD01", "云栖商务大厦", "Yunqi Business Tower", "S101"),
    ("PK02", "狮山生物医药创新基地", "Shishan Biomedicine Innovation Base", "S102"),
    ("PK03", "上市企业总部园", "Listed Companies Headquarters Park", "S103"),
    ("BD02", "澄观大厦", "Chengguan Tower", "S103"),
    ("BD03", "枫津商务中心", "Fengjin Business Centre", "S104"),
    ("BD04", "枫津商务中心B座", "Fengjin Business Centre Block B", "S104"),
    ("BD05", "横塘汇创大厦", "Hengtang Huichuang Tower", "S105"),
    ("BD06", "狮岭国际金融大厦", "Shiling International Finance Tower", "S106"),
    ("PK04", "绿色低碳产业园", "Green Low-carbon Industry Park", "S201"),
    ("BD07", "浒光制造大厦", "Huguang Manufacturing Tower", "S201"),
    ("PK05", "都可达产业园", "Dukeda Industry Park", "S202"),
    ("PK06", "苏州高新区综合保税区", "SND Integrated Free Trade Zone", "S203"),
    ("PK07", "阳山智能制造园", "Yangshan Smart Manufacturing Park", "S204"),
    ("BD08", "阳山科创中心", "Yangshan Innovation Centre", "S204"),
    ("PK08", "通安电子产业园", "Tong'an Electronics Park", "S205"),
    ("PK09", "太湖光子科技园", "Taihu Photonics Park", "S301"),
    ("PK10", "苏州科技城光电产业园", "Science City Optoelectronics Park", "S302"),
    ("PK11", "苏州市集成电路创新中心", "Suzhou Integrated Circuit Innovation Centre", "S303"),
    ("PK12", "江苏医疗器械科技产业园", "Jiangsu Medical Devices Park", "S304"),
    ("BD09", "锦峰研发大厦", "Jinfeng R&D Tower", "S304"),
    ("PK13", "上市科创园", "Listing Science and Innovation Park", "S305"),
    ("BD10", "镇湖文创大厦", "Zhenhu Creative Tower", "S306"),
    ("BD21", "塔园路商务楼", "Tayuan Road Offices", "A1"),
    ("PK21", "枫桥工业小区", "Fengqiao Industrial Estate", "A1"),
    ("PK22", "浒墅关工业坊", "Xushuguan Workshops", "A2"),
    ("BD22", "保卫路综合楼", "Baowei Road Building", "A2"),
    ("PK23", "东渚工业园", "Dongzhu Industrial Park", "A3"),
]
# Where the category alone would propose two departments, or the wrong one.
RULES = [
    RulePlan("R6", "举报干部作风由纪检处理", "Reports about officials' conduct", 100,
        {"categories": ["ADM"], "kinds": ["violation_report"]}, "D-DIS"),
    RulePlan("R7", "综保区的外贸和物流由综保办牵头", "Trade and freight in the free trade zone", 200,
        {"categories": ["TRD", "LOG"], "sites": ["PK06"]}, "D-FTZ"),
]
_DEPARTMENTS = [
    ("D-PWR", "供电公司", "Power Supply Company"),
    ("D-HRS", "人力资源和社会保障局", "Human Resources and Social Security Bureau"),
    ("D-ORG", "组织部（人才办）", "Organisation Department (Talent Office)"),
    ("D-HUD", "住房和建设局", "Housing and Construction Bureau"),
    ("D-TAX", "税务局", "Tax Bureau"),
    ("D-MIB", "医疗保障局", "Medical Insurance Bureau"),
    ("D-FIN", "金融发展和风险防范局", "Finance Office"),
    ("D-FBU", "财政局", "Fiscal Bureau"),
    ("D-NRP", "自然资源和规划分局", "Natural Resources and Planning Branch"),
    ("D-EDC", "经济发展委员会", "Economic Development Commission"),
    ("D-WTR", "水务局", "Water Bureau"),
    ("D-GAS", "燃气热力公司", "Gas and Heat Company"),
    ("D-POL", "惠企政策办公室", "Enterprise Policy Office"),
    ("D-AAB", "行政审批局", "Administrative Approval Bureau"),
    ("D-EEB", "生态环境局", "Ecology and Environment Bureau"),
    ("D-EMB", "应急管理局", "Emergency Management Bureau"),
    ("D-FIR", "消防救援大队", "Fire and Rescue Brigade"),
    ("D-MSB", "市场监督管理局（知识产权局）", "Market Supervision Bureau (IP Office)"),
    ("D-STB", "科技创新局", "Science and Innovation Bureau"),
    ("D-COM", "商务局", "Commerce Bureau"),
    ("D-FIC", "工商业联合会", "Federation of Industry and Commerce"),
    ("D-TRN", "交通运输局", "Transport Bureau"),
    ("D-TPB", "交警大队", "Traffic Police"),
    ("D-EDU", "教育局", "Education Bureau"),
    ("D-HLC", "卫生健康委员会", "Health Commission"),
    ("D-JUS", "司法局", "Justice Bureau"),
    ("D-CRT", "人民法院（涉企服务窗口）", "Court (Enterprise Desk)"),
    ("D-CPT", "贸促会", "Council for Promotion of Trade"),
    ("D-FTZ", "综合保税区管理办公室", "Free Trade Zone Office"),
    ("D-CUS", "海关办事处", "Customs Office"),
    ("D-TEL", "通信服务联席办", "Telecom Services Office"),
    ("D-URB", "城市管理局", "Urban Management Bureau"),
    ("D-PSB", "公安分局", "Public Security Branch"),
    ("D-BEO", "营商环境办公室", "Business Environment Office"),
    ("D-DIS", "纪检监察工委", "Discipline Inspection"),
    ("D-AUD", "审计局", "Audit Bureau"),
]
# Usual duties by category: who leads, who helps.
DUTIES: dict[str, tuple[list[str], list[str]]] = {
    "TAL": (["D-HRS"], ["D-ORG", "D-HUD"]),
    "LAB": (["D-HRS"], ["D-TAX", "D-MIB"]),
    "FIN": (["D-FIN"], ["D-FBU"]),
    "LND": (["D-NRP"], ["A1", "A2", "A3", "D-HUD", "D-EDC"]),
    "PWR": (["D-PWR"], ["D-EDC"]),
    "WTR": (["D-WTR"], ["D-URB", "D-EEB"]),
    "GAS": (["D-GAS", "D-HUD"], ["D-EDC"]),
    "POL": (["D-POL"], ["D-FBU", "C0"]),
    "APP": (["D-AAB"], ["D-MSB", "D-EEB"]),
    "PRJ": (["D-AAB"], ["D-HUD", "D-NRP"]),
    "TAX": (["D-TAX"], ["D-FBU"]),
    "ENV": (["D-EEB"], ["D-AAB"]),
    "SAF": (["D-EMB"], ["D-FIR", "D-HUD"]),
    "IPR": (["D-MSB"], ["D-STB", "D-CRT"]),
    "MKT": (["D-EDC", "D-COM"], ["D-FIC"]),
    "TRA": (["D-TRN", "D-TPB"], ["D-URB"]),
    "EDU": (["D-EDU"], ["D-HLC", "D-HUD"]),
    "LAW": (["D-JUS"], ["D-CRT", "D-CPT"]),
    "LOG": (["D-TRN", "D-COM"], ["D-FTZ"]),
    "TRD": (["D-COM"], ["D-CUS", "D-TAX"]),
    "TEC": (["D-STB"], ["D-EDC"]),
    "DIG": (["D-EDC"], ["D-TEL"]),
    "MKS": (["D-MSB"], ["D-JUS"]),
    "CTY": (["D-URB"], ["D-PSB"]),
    "ADM": (["D-BEO", "D-DIS"], ["D-AUD"]),
    "OTH": (["C0"], []),
}
# fmt: on


def units() -> list[UnitPlan]:
    """Return all units, each after its parent."""
    areas = [UnitPlan(code, name, en, UnitKind.AREA, _CENTRE[0]) for code, name, en in _AREAS]
    first = {unit: (name, en) for _code, name, en, unit in reversed(_PLACES) if unit.startswith("S")}
    stations = [
        UnitPlan(code, f"{name}服务站", f"{en} Station", UnitKind.STATION, f"A{code[1]}")
        for code, (name, en) in sorted(first.items())
    ]
    departments = [
        UnitPlan(code, name, en, UnitKind.DEPARTMENT, _CENTRE[0]) for code, name, en in _DEPARTMENTS
    ]
    return [UnitPlan(*_CENTRE, UnitKind.CENTRE, None), *areas, *stations, *departments]


def sites() -> list[SitePlan]:
    """Return all parks and buildings."""
    return [
        SitePlan(code, name, en, SiteKind.PARK if code.startswith("PK") else SiteKind.BUILDING, unit)
        for code, name, en, unit in _PLACES
    ]
