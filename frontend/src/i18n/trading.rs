use super::texts;

texts! {
    /// Trading analysis.
    pub struct Trading {
        title: "交易分析", "Trading analysis";
        subtitle: "看每类客户、每个客户和每种产品贡献了多少，逐层深入到订单。", "What each type, customer and product contributes, down to the orders.";
        by: "分析对象", "Compare";
        measure: "排名依据", "Ranked by";
        all: "全部", "All";
        none: "（无）", "(none)";
        rank: "名次", "Rank";
        name: "名称", "Name";
        sales: "销售额", "Sales";
        share: "占比", "Share";
        before: "上期销售额", "Sales before";
        growth: "增长率", "Growth";
        margin: "毛利", "Margin";
        margin_rate: "毛利率", "Margin rate";
        turnover: "库存周转率", "Stock turnover";
        cross_ratio: "交叉比率", "Cross ratio";
        contribution: "贡献度", "Contribution";
        no_stock: "尚无库存数据，库存周转率、交叉比率和贡献度无法计算，显示为“—”。", "Stock is not kept yet: turnover, cross ratio and contribution cannot be reckoned and are shown as “—”.";
        deeper: "深入：{what}", "Go into: {what}";
        orders: "订单", "Orders";
        list_orders: "查看订单", "List the orders";
        total: "合计", "Total";
        chart: "{measure}，按{by}", "{measure}: {by}";
        empty_title: "此时段没有销售", "No sales in this period";
        empty_text: "换一个时段再看。", "Choose another period.";
        top_note: "只列出销售额最大的 100 项，其余合为一行。", "The 100 with the largest sales are listed; the others are one row.";
        path: "所在位置", "Where you are";
    }
}
