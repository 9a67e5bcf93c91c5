use super::texts;

texts! {
    /// Reports: pivots over sales.
    pub struct Report {
        title: "报表", "Reports";
        subtitle: "把销售按时间、客户、产品和人员拆开来看，保存常用的报表。", "Break sales down by time, customer, product and person, and keep the reports you use.";
        new: "新建报表", "New report";
        saved: "已保存的报表", "Saved reports";
        ready: "现成报表", "Ready-made reports";
        none_title: "还没有保存的报表", "No saved reports yet";
        none_text: "打开一个现成报表或新建一个，然后保存。", "Open a ready-made one or make your own, then save it.";
        name: "名称", "Name";
        broken_down: "维度", "Broken down by";
        owner: "创建人", "By";
        changed: "最近修改", "Changed";
        shared: "共享", "Shared";
        pinned: "在首页显示", "On the start page";
        pin: "固定到首页", "Put on the start page";
        unpin: "从首页移除", "Take off the start page";
        rows: "行", "Rows";
        then_by: "再按", "Then by";
        column: "列", "Columns";
        measures: "指标", "Measures";
        nothing: "不拆分", "None";
        period: "时段", "Period";
        all_time: "全部", "All time";
        days: "自选日期", "Days";
        from: "从", "From";
        to: "到", "To";
        compare: "对比", "Compare with";
        no_compare: "不对比", "Nothing";
        sort: "排序", "Sort";
        sort_natural: "按维度", "As it comes";
        descending: "从高到低", "Largest first";
        ascending: "从低到高", "Smallest first";
        top: "只看前", "First rows";
        top_all: "全部行", "All";
        top_n: "前 {n} 名", "First {n}";
        chart: "图表", "Chart";
        chart_label: "{measure}，按{by}", "{measure} by {by}";
        total: "合计", "Total";
        others: "其他", "Others";
        whole: "全部", "All";
        orders_behind: "查看这些订单", "List the orders";
        before: "对比期 {from} 至 {to}", "Compared with {from} to {to}";
        range: "{from} 至 {to}", "{from} to {to}";
        until: "截至 {to}", "until {to}";
        since: "自 {from} 起", "since {from}";
        change_of: "对比期 {before}，差额 {difference}", "before {before}, difference {difference}";
        points: "{n} 个百分点", "{n} points";
        empty_title: "没有符合条件的销售", "No sales match";
        empty_text: "换一个时段，或去掉一些筛选条件。", "Choose another period, or take filters away.";
        save: "保存", "Save";
        save_as: "另存为", "Save as";
        save_name: "报表名称", "Name of the report";
        share: "与可查看报表的同事共享（各人只看到自己有权查看的数据）", "Share with colleagues who may read reports (each sees the figures that they may see)";
        saved_done: "报表已保存", "The report is saved";
        delete: "删除报表", "Delete the report";
        delete_title: "删除“{name}”？", "Delete “{name}”?";
        delete_text: "报表会被删除，销售数据不受影响。", "The report goes; sales stay as they are.";
        deleted: "报表已删除", "The report is deleted";
        unsaved: "有未保存的更改", "Not saved yet";
        note_lines: "合计中的订单数、客户数、平均订单额和毛利率按整体计算，不是各行之和。", "Orders, customers, averages and rates of a total are those of the whole, not sums of the rows.";
    }
}
