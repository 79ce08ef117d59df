"""What every district starts from: categories, the working calendar, the default limits."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON_B = sa.JSON().with_variant(JSONB(), "postgresql")
IN_FORCE_FROM = date(2025, 1, 1)
PUBLISHED_YEARS = [2025, 2026]

# fmt: off
CATEGORIES = [
    # code, name, English name, examples, English examples
    ("TAL", "用工/人才", "Hiring and talent", "招工难, 实习生, 高层次人才认定, 人才公寓, 职称", "hiring, interns, talent recognition, talent flats, titles"),
    ("LAB", "劳动关系/社保", "Labour and social insurance", "工伤, 参保, 稳岗返还, 劳动争议", "work injury, insurance, job-retention refund, disputes"),
    ("FIN", "融资", "Finance", "贷款, 续贷, 担保, 贴息, 股权对接, 上市辅导", "loans, renewals, guarantees, interest subsidy, equity, listing"),
    ("LND", "用地/厂房", "Land and premises", "新增用地, 租厂房, 厂房改扩建, 产权证, 土地续期", "new land, renting, extensions, title deeds, renewal"),
    ("PWR", "用电", "Electricity", "增容, 停电, 电价, 光伏并网, 临时用电", "more capacity, outages, tariffs, solar, temporary supply"),
    ("WTR", "用水/排水/污水", "Water and sewage", "接水, 水压, 雨污接管, 排水许可", "connection, pressure, sewer connection, discharge permit"),
    ("GAS", "燃气/热力", "Gas and heat", "开口, 蒸汽价格, 停气", "connection, steam price, gas stops"),
    ("POL", "政策兑现", "Policy benefits", "申报咨询, 奖补未到账, 条件解释", "applications, unpaid grants, conditions explained"),
    ("APP", "行政审批", "Administrative approval", "证照, 变更注销, 办不成事, 材料反复", "licences, changes, stuck matters, repeated papers"),
    ("PRJ", "项目建设", "Construction projects", "报建, 施工许可, 验收, 临时道路", "filing, construction permit, acceptance, temporary roads"),
    ("TAX", "税务", "Tax", "退税, 发票, 优惠适用", "refunds, invoices, reliefs"),
    ("ENV", "环保", "Environment", "环评, 排污许可, 监测, 异味投诉", "assessment, discharge permit, monitoring, odour"),
    ("SAF", "安监/消防", "Safety and fire", "安全评价, 危化品仓库, 消防整改", "safety review, hazardous storage, fire rectification"),
    ("IPR", "知识产权", "Intellectual property", "专利预审, 侵权, 质押融资", "patent pre-review, infringement, pledge finance"),
    ("MKT", "市场开拓", "Market development", "订单对接, 展会, 首台套, 政府采购", "orders, fairs, first sets, public procurement"),
    ("TRA", "交通配套", "Transport", "公交线路, 信号灯, 停车, 货车通行证", "bus lines, traffic lights, parking, lorry passes"),
    ("EDU", "子女入学/就医/住房", "Schools, health, housing", "入学名额, 就医绿卡, 宿舍", "school places, health green card, dormitories"),
    ("LAW", "法律服务", "Legal services", "合同纠纷, 法律顾问, 仲裁咨询", "contracts, counsel, arbitration"),
    ("LOG", "物流", "Logistics", "仓储, 运费, 保供通道", "storage, freight, supply corridors"),
    ("TRD", "外贸/海关", "Trade and customs", "通关, 原产地证, AEO, 出口退税, 综保区业务", "clearance, certificates of origin, AEO, export refund, bonded zone"),
    ("TEC", "科技创新", "Science and innovation", "高企培育, 产学研, 研发机构, 设备共享", "high-tech status, research ties, R&D bodies, shared equipment"),
    ("DIG", "智改数转/通信", "Digital and telecoms", "智能工厂诊断, 5G 覆盖, 宽带", "smart-factory review, 5G coverage, broadband"),
    ("MKS", "市场监管/检查", "Market supervision", "检查过多, 抽检, 计量, 信用修复", "too many inspections, sampling, metrology, credit repair"),
    ("CTY", "城市管理/治安", "City management and safety", "占道, 环境, 盗窃, 周边施工", "obstruction, surroundings, theft, nearby works"),
    ("ADM", "干部作风/营商环境", "Conduct and business climate", "推诿, 乱收费, 拖欠账款", "passing the buck, wrongful fees, overdue payments"),
    ("OTH", "其他", "Other", "未归类", "not classified"),
]
# The State Council's notices for 2025 and 2026: holidays, and weekend days that work instead.
DAYS = [
    ("2025-01-01", "holiday", "元旦"),
    ("2025-01-26", "workday", "春节"),
    ("2025-01-28", "holiday", "春节"),
    ("2025-01-29", "holiday", "春节"),
    ("2025-01-30", "holiday", "春节"),
    ("2025-01-31", "holiday", "春节"),
    ("2025-02-01", "holiday", "春节"),
    ("2025-02-02", "holiday", "春节"),
    ("2025-02-03", "holiday", "春节"),
    ("2025-02-04", "holiday", "春节"),
    ("2025-02-08", "workday", "春节"),
    ("2025-04-04", "holiday", "清明节"),
    ("2025-04-05", "holiday", "清明节"),
    ("2025-04-06", "holiday", "清明节"),
    ("2025-04-27", "workday", "劳动节"),
    ("2025-05-01", "holiday", "劳动节"),
    ("2025-05-02", "holiday", "劳动节"),
    ("2025-05-03", "holiday", "劳动节"),
    ("2025-05-04", "holiday", "劳动节"),
    ("2025-05-05", "holiday", "劳动节"),
    ("2025-05-31", "holiday", "端午节"),
    ("2025-06-01", "holiday", "端午节"),
    ("2025-06-02", "holiday", "端午节"),
    ("2025-09-28", "workday", "国庆节、中秋节"),
    ("2025-10-01", "holiday", "国庆节、中秋节"),
    ("2025-10-02", "holiday", "国庆节、中秋节"),
    ("2025-10-03", "holiday", "国庆节、中秋节"),
    ("2025-10-04", "holiday", "国庆节、中秋节"),
    ("2025-10-05", "holiday", "国庆节、中秋节"),
    ("2025-10-06", "holiday", "国庆节、中秋节"),
    ("2025-10-07", "holiday", "国庆节、中秋节"),
    ("2025-10-08", "holiday", "国庆节、中秋节"),
    ("2025-10-11", "workday", "国庆节、中秋节"),
    ("2026-01-01", "holiday", "元旦"),
    ("2026-01-02", "holiday", "元旦"),
    ("2026-01-03", "holiday", "元旦"),
    ("2026-01-04", "workday", "元旦"),
    ("2026-02-14", "workday", "春节"),
    ("2026-02-15", "holiday", "春节"),
    ("2026-02-16", "holiday", "春节"),
    ("2026-02-17", "holiday", "春节"),
    ("2026-02-18", "holiday", "春节"),
    ("2026-02-19", "holiday", "春节"),
    ("2026-02-20", "holiday", "春节"),
    ("2026-02-21", "holiday", "春节"),
    ("2026-02-22", "holiday", "春节"),
    ("2026-02-23", "holiday", "春节"),
    ("2026-02-28", "workday", "春节"),
    ("2026-04-04", "holiday", "清明节"),
    ("2026-04-05", "holiday", "清明节"),
    ("2026-04-06", "holiday", "清明节"),
    ("2026-05-01", "holiday", "劳动节"),
    ("2026-05-02", "holiday", "劳动节"),
    ("2026-05-03", "holiday", "劳动节"),
    ("2026-05-04", "holiday", "劳动节"),
    ("2026-05-05", "holiday", "劳动节"),
    ("2026-05-09", "workday", "劳动节"),
    ("2026-06-19", "holiday", "端午节"),
    ("2026-06-20", "holiday", "端午节"),
    ("2026-06-21", "holiday", "端午节"),
    ("2026-09-20", "workday", "国庆节"),
    ("2026-09-25", "holiday", "中秋节"),
    ("2026-09-26", "holiday", "中秋节"),
    ("2026-09-27", "holiday", "中秋节"),
    ("2026-10-01", "holiday", "国庆节"),
    ("2026-10-02", "holiday", "国庆节"),
    ("2026-10-03", "holiday", "国庆节"),
    ("2026-10-04", "holiday", "国庆节"),
    ("2026-10-05", "holiday", "国庆节"),
    ("2026-10-06", "holiday", "国庆节"),
    ("2026-10-07", "holiday", "国庆节"),
    ("2026-10-10", "workday", "国庆节"),
]
LIMITS = [
    # metric, kind, level ("*": any), limit (None: no such clock)
    ("sign", "consult", "*", "2wh"),
    ("respond", "consult", "*", "4wh"),
    ("resolve", "consult", "*", "2wd"),
    ("sign", "help", "*", "2wh"),
    ("respond", "help", "*", "1wd"),
    ("resolve", "help", "*", "5wd"),
    ("sign", "suggestion", "*", "4wh"),
    ("respond", "suggestion", "*", "1wd"),
    ("resolve", "suggestion", "*", "10wd"),
    ("sign", "complaint", "*", "2wh"),
    ("respond", "complaint", "*", "1wd"),
    ("resolve", "complaint", "*", "10wd"),
    ("sign", "violation_report", "*", "2wh"),
    ("respond", "violation_report", "*", "1wd"),
    ("resolve", "violation_report", "*", "10wd"),
    ("sign", "praise", "*", "4wh"),
    ("respond", "praise", "*", None),
    ("resolve", "praise", "*", "5wd"),
    ("sign", "*", "urgent", "30min"),
    ("respond", "*", "urgent", "2h"),
    ("resolve", "*", "urgent", "24h"),
    ("sign", "*", "major", "2wh"),
    ("respond", "*", "major", "1wd"),
    ("resolve", "*", "major", "15wd"),
    ("revisit", "*", "*", "2wd"),
]
# fmt: on
CALENDARS = sa.table(
    "calendars",
    sa.column("id", sa.Integer),
    sa.column("name", sa.String),
    sa.column("version", sa.Integer),
    sa.column("zone", sa.String),
    sa.column("windows", JSON_B),
    sa.column("published_years", JSON_B),
    sa.column("is_current", sa.Boolean),
)
CALENDAR_DAYS = sa.table(
    "calendar_days",
    sa.column("calendar_id", sa.Integer),
    sa.column("on", sa.Date),
    sa.column("kind", sa.String),
    sa.column("name", sa.String),
)
CATEGORY_TABLE = sa.table(
    "categories",
    *(sa.column(name, sa.String) for name in ("code", "name", "name_en", "examples", "examples_en")),
    sa.column("position", sa.Integer),
)
LIMIT_RULES = sa.table(
    "limit_rules",
    *(
        sa.column(name, sa.String)
        for name in ("metric", "kind", "level", "category_code", "unit_code", "limit")
    ),
    sa.column("starts_on", sa.Date),
)


def upgrade() -> None:
    fields = ("code", "name", "name_en", "examples", "examples_en")
    op.bulk_insert(
        CATEGORY_TABLE,
        [dict(zip(fields, row, strict=True), position=place) for place, row in enumerate(CATEGORIES)],
    )
    calendar = {
        "name": "cn",
        "version": 1,
        "zone": "Asia/Shanghai",
        "windows": [["09:00", "12:00"], ["13:00", "17:00"]],
        "published_years": PUBLISHED_YEARS,
        "is_current": True,
    }
    made = (
        op.get_bind().execute(sa.insert(CALENDARS).values(**calendar).returning(CALENDARS.c.id)).scalar_one()
    )
    op.bulk_insert(
        CALENDAR_DAYS,
        [
            {"calendar_id": made, "on": date.fromisoformat(on), "kind": kind, "name": name}
            for on, kind, name in DAYS
        ],
    )
    op.bulk_insert(
        LIMIT_RULES,
        [
            {
                "metric": metric, "kind": kind, "level": level, "limit": limit,
                "category_code": "*", "unit_code": "*", "starts_on": IN_FORCE_FROM,
            }
            for metric, kind, level, limit in LIMITS
        ],
    )  # fmt: skip


def downgrade() -> None:
    for table in (LIMIT_RULES, CALENDAR_DAYS, CALENDARS, CATEGORY_TABLE):
        op.execute(sa.delete(table))
