//! What the members of settings, filters, reports and figures are called in the audit trail.

use guanxi_domain::export::ExportFormat;
use guanxi_domain::import::ImportMode;
use guanxi_domain::mail::MailTls;
use guanxi_domain::report::schedule::ReportRhythm;
use guanxi_domain::report::{
    ReportChart, ReportCompare, ReportDimension, ReportMeasure, ReportPeriod,
};
use guanxi_domain::segmentation::churn::ChurnType;
use guanxi_domain::segmentation::kmeans::{Feature, Missing, Transform};
use guanxi_domain::segmentation::lifetime::{PurchaseModel, TimeUnit};
use guanxi_domain::segmentation::rfm::RfmScoring;
use guanxi_domain::segmentation::rules::{BasketKind, ItemKind};
use guanxi_domain::segmentation::run::RunFailure;
use guanxi_domain::view::Density;
use guanxi_domain::{Choices, Field, FieldKind};

const fn number(name: &'static str, zh: &'static str, en: &'static str) -> Field {
    Field::new(name, FieldKind::Integer, zh, en)
}

const fn money(name: &'static str, zh: &'static str, en: &'static str) -> Field {
    Field::new(name, FieldKind::Money, zh, en)
}

const fn text(name: &'static str, zh: &'static str, en: &'static str) -> Field {
    Field::new(name, FieldKind::Text, zh, en)
}

const fn choice(name: &'static str, choices: Choices, zh: &'static str, en: &'static str) -> Field {
    Field::new(name, FieldKind::Choice(choices), zh, en)
}

pub const SETTINGS: &[Field] = &[
    // Imports, exports and views.
    number("bytes", "字节数", "Bytes"),
    choice("mode", ImportMode::CHOICES, "方式", "Mode"),
    choice("density", Density::CHOICES, "行距", "Density"),
    number("width", "列宽", "Width"),
    // Filters.
    text("and", "全部满足", "All of"),
    text("or", "任一满足", "Any of"),
    text("not", "不满足", "Not"),
    text("field", "字段", "Field"),
    text("op", "条件", "Operator"),
    text("value", "值", "Value"),
    // Mail.
    text("host", "服务器", "Server"),
    number("port", "端口", "Port"),
    choice("tls", MailTls::CHOICES, "加密方式", "Encryption"),
    text("user", "用户名", "User"),
    text("password", "密码", "Password"),
    text("sender_name", "发件人名称", "Sender's name"),
    text("sender_address", "发件人地址", "Sender's address"),
    text("reply_to", "回复地址", "Answers go to"),
    text("app_url", "系统地址", "Address of this app"),
    text("time_zone", "时区", "Time zone"),
    // Reports and their schedules.
    text("query", "报表设置", "Report"),
    choice("column", ReportDimension::CHOICES, "列", "Columns"),
    choice("rows", ReportDimension::CHOICES, "行", "Rows"),
    choice("measures", ReportMeasure::CHOICES, "指标", "Measures"),
    choice("period", ReportPeriod::CHOICES, "时段", "Period"),
    choice("compare", ReportCompare::CHOICES, "对比", "Compared with"),
    choice("chart", ReportChart::CHOICES, "图表", "Chart"),
    number("top", "只看前", "First rows"),
    text("descending", "从高到低", "Largest first"),
    Field::new(
        "recipients",
        FieldKind::Reference("users"),
        "收件人",
        "Recipients",
    ),
    text("subscribed", "已订阅", "Subscribed"),
    choice("rhythm", ReportRhythm::CHOICES, "频率", "How often"),
    number("weekday", "星期", "Day of the week"),
    number("day", "日", "Day of the month"),
    number("hour", "时", "Hour"),
    choice("attachment", ExportFormat::CHOICES, "附件", "Attachment"),
    // Losses and figures of customers.
    choice(
        "churn_type",
        ChurnType::CHOICES,
        "流失类型",
        "Why they left",
    ),
    Field::new("lost_on", FieldKind::Date, "流失日期", "Lost on"),
    text("metrics", "指标", "Figures"),
    number("complaints", "投诉数", "Complaints"),
    money(
        "sales_30d_before",
        "上一期 30 天销售额",
        "Sales, the 30 days before",
    ),
    money(
        "sales_90d_before",
        "上一期 90 天销售额",
        "Sales, the 90 days before",
    ),
    money(
        "sales_365d_before",
        "上一年销售额",
        "Sales, the year before",
    ),
    // Segmentation runs. Shares are whole numbers, of 10,000.
    text("rfm", "RFM", "RFM"),
    number("window_days", "回看天数", "Days looked back"),
    choice("scoring", RfmScoring::CHOICES, "评分方式", "Scored by"),
    text("limits", "分数界限", "Limits of the scores"),
    text("recency_days", "近度界限（天）", "Limits of recency (days)"),
    text("frequency", "频度界限", "Limits of frequency"),
    text(
        "monetary",
        "金额界限（分）",
        "Limits of the amount (minor units)",
    ),
    number("high_from", "高的下限", "High from"),
    number(
        "medium_from",
        "中的下限（万分之）",
        "Medium from (of 10,000)",
    ),
    number(
        "model_weight",
        "模型权重（万分之）",
        "Weight of the model (of 10,000)",
    ),
    text("lifetime", "终身价值", "Lifetime value"),
    choice(
        "model",
        PurchaseModel::CHOICES,
        "购买模型",
        "Model of purchases",
    ),
    choice("time_unit", TimeUnit::CHOICES, "时间单位", "Time unit"),
    number("horizon_months", "预测月数", "Months ahead"),
    number(
        "discount_rate",
        "年折现率（万分之）",
        "Discount rate a year (of 10,000)",
    ),
    number("margin_rate", "毛利率（万分之）", "Margin rate (of 10,000)"),
    number(
        "min_repeat_buyers",
        "最少重复购买客户数",
        "Repeat buyers needed at least",
    ),
    text("lifecycle", "生命周期", "Lifecycle"),
    number("new_days", "新客户天数", "Days of being new"),
    number("lost_days", "流失天数", "Days until lost"),
    number(
        "lost_alive",
        "流失：活跃概率低于（万分之）",
        "Lost below a probability (of 10,000)",
    ),
    number(
        "decline_alive",
        "衰退：活跃概率低于（万分之）",
        "Declining below a probability (of 10,000)",
    ),
    text(
        "decline_gaps",
        "衰退：平均间隔倍数",
        "Declining after mean gaps",
    ),
    number(
        "decline_sales",
        "衰退：销售额下降（万分之）",
        "Declining when sales fell by (of 10,000)",
    ),
    number(
        "growth_sales",
        "成长：销售额上升（万分之）",
        "Growing when sales rose by (of 10,000)",
    ),
    text("churn", "流失风险", "Risk of churn"),
    number("holdout_days", "检验天数", "Days held out"),
    number("purchases", "购买次数", "Purchases"),
    choice("failure", RunFailure::CHOICES, "失败原因", "Why it failed"),
    // Cluster runs.
    choice("features", Feature::CHOICES, "特征", "Features"),
    choice("transform", Transform::CHOICES, "数值变换", "Transform"),
    choice(
        "missing",
        Missing::CHOICES,
        "缺少特征的客户",
        "Customers without a feature",
    ),
    number("clusters", "聚类数", "Clusters"),
    number("min_clusters", "最少聚类数", "Clusters at least"),
    number("max_clusters", "最多聚类数", "Clusters at most"),
    number("restarts", "重复次数", "Restarts"),
    number("max_iterations", "最多迭代次数", "Iterations at most"),
    number(
        "silhouette_sample",
        "轮廓系数样本数",
        "Sample of the silhouette",
    ),
    number("seed", "随机种子", "Seed"),
    text("names", "聚类名称", "Names of the clusters"),
    // Rule runs.
    choice(
        "baskets",
        BasketKind::CHOICES,
        "一次购物指",
        "Bought together means",
    ),
    choice("items", ItemKind::CHOICES, "按", "Rules about"),
    number(
        "min_support",
        "最低支持度（百万分之）",
        "Support at least (of 1,000,000)",
    ),
    number(
        "min_confidence",
        "最低置信度（百万分之）",
        "Confidence at least (of 1,000,000)",
    ),
    number(
        "min_lift",
        "最低提升度（千分之）",
        "Lift at least (thousandths)",
    ),
    number("max_items", "每条规则最多项数", "Items in a rule at most"),
    number(
        "max_consequent",
        "右边最多项数",
        "Items on the right side at most",
    ),
    number("max_sets", "频繁项集上限", "Frequent sets at most"),
];
