use super::texts;

texts! {
    /// Value of customers: classes, Pareto, pyramid.
    pub struct Value {
        title: "客户价值", "Customer value";
        subtitle: "按销售额或毛利把客户分为 A、B、C 三类，看清谁贡献了大部分业绩。", "Ranks customers by what they bring, and shows how few make most of it.";
        run: "重新分析", "Run the analysis";
        run_title: "价值分析设置", "Settings of the analysis";
        run_text: "分析会更新每个客户的价值分类，历史结果保留。", "The classes on the customers are set anew; earlier runs are kept.";
        run_button: "开始分析", "Run";
        running: "正在分析…", "Running…";
        done: "分析完成：{n} 个客户", "Done: {n} customers";
        measure: "排名依据", "Ranked by";
        from: "起始日期", "From";
        from_hint: "留空：自第一张订单", "Left empty: from the first order";
        to: "截止日期", "To";
        to_hint: "留空：至今天", "Left empty: to today";
        a_share: "A 类累计占比至", "A reaches up to";
        b_share: "B 类累计占比至", "B reaches up to";
        share_hint: "按累计金额计算", "of the cumulative amount";
        none_title: "还没有做过价值分析", "No analysis yet";
        none_text: "有了已确认的订单后，运行一次分析，就能看到 ABC 分类、帕累托曲线和价值金字塔。", "Once there are confirmed orders, run it to see the classes, the Pareto curve and the pyramid.";
        which: "查看哪一次分析", "Which run";
        made: "{time}，{who}", "{time} by {who}";
        window: "{from} 至 {to}", "{from} to {to}";
        window_all: "截至 {to} 的全部订单", "all orders up to {to}";
        customers: "客户数", "Customers";
        total: "净额合计", "Net total";
        gini: "基尼系数", "Gini coefficient";
        gini_note: "0 表示完全平均，接近 1 表示高度集中", "0: all alike; towards 1: one has all";
        a_customers: "A 类客户", "Class A";
        a_note: "{customers} 的客户贡献 {amount}", "{customers} of customers make {amount}";
        curve: "帕累托曲线", "Pareto curve";
        curve_text: "客户按金额从高到低排列，曲线越靠左上，业绩越集中。", "Customers from the best down: the steeper the curve, the fewer make most of it.";
        curve_equal: "完全平均", "all alike";
        curve_line: "实际", "actual";
        curve_customers: "客户累计占比", "Share of customers";
        curve_amount: "金额累计占比", "Share of the amount";
        classes: "ABC 分类", "Classes";
        class: "分类", "Class";
        pyramid: "价值金字塔", "Value pyramid";
        pyramid_text: "按名次：前 5%、其后 15%、其余 80%", "By rank: the first 5%, the next 15%, the rest";
        level: "层级", "Level";
        amount: "金额", "Amount";
        customer_share: "客户占比", "Of customers";
        amount_share: "金额占比", "Of the amount";
        movements: "类别变动", "Movements";
        movements_text: "与上一次分析相比的客户数；行为上次，列为本次。", "Customers since the run before: rows then, columns now.";
        movements_none: "这是第一次分析，下次起可以看到客户在类别间的升降。", "This is the first run; from the next on you see who went up and who went down.";
        no_class: "无", "none";
        up: "{n} 升级", "{n} went up";
        down: "{n} 降级", "{n} went down";
        top: "客户排名", "Ranking";
        rank: "名次", "Rank";
        customer: "客户", "Customer";
        cumulative: "累计占比", "Cumulative";
        before: "上次", "Before";
        table: "数据表", "Table";
        chart: "图表", "Chart";
        csv: "导出 CSV", "CSV";
        empty_title: "时间范围内没有订单", "No orders in this window";
        empty_text: "换一个时间范围再分析一次。", "Run it again with another window.";
        no_curve: "没有正的金额，无法绘制曲线。", "There is no positive amount to draw.";
        of_class_all: "全部", "All";
        not_better: "没有客户属于此类", "No customer is in this class";
    }
}
