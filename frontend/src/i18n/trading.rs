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
        mean_stock: "平均库存", "Mean stock";
        mean_stock_note: "时段内已知库存按成本的日加权平均值", "What was on hand, at cost, weighted by the days that it was; over the part of the period that is known";
        turnover_note: "按成本计的销售额 ÷ 平均库存，时段内的次数；类别和月份只计有库存记录的产品", "Sales at cost ÷ mean stock: how many times in the period. Of categories and months only products with stock levels count";
        cross_ratio_note: "毛利率 × 库存周转率", "Margin rate × stock turnover";
        contribution_note: "交叉比率 × 销售额", "Cross ratio × sales";
        no_stock: "{why}：平均库存、库存周转率、交叉比率和贡献度显示为“—”。", "{why}: mean stock, turnover, cross ratio and contribution are shown as “—”.";
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
