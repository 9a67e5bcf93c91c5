use super::texts;

texts! {
    /// Stock levels.
    pub struct Stock {
        title: "库存", "Stock";
        text: "盘点或 ERP 给出的在库数量，按成本计值；每条记录从当日起有效，直到下一条。订单不会改变库存。", "What an ERP or a stocktaking says is on hand, valued at cost. A level holds from its day until the next one; orders do not change it.";
        new: "记录库存", "Record a level";
        edit: "修改库存", "Change a level";
        import: "批量导入", "Import a file";
        none: "还没有库存记录。", "No stock levels yet.";
        none_text: "有了库存，交易分析才能算出库存周转率、交叉比率和贡献度。", "With them the trading analysis can tell stock turnover, cross ratio and contribution.";
        on_hand: "在库", "On hand";
        since: "{day}起", "since {day}";
        value: "库存金额", "Value";
        unit_cost: "单位成本", "Unit cost";
        unit_cost_hint: "留空则取产品当前成本", "Without one the product's cost of today";
        replaces: "当天已有记录，保存后将被替换", "There is a level of this day: it will be replaced";
        actions: "操作", "Actions";
        saved: "库存已保存", "The stock level is saved";
        delete_title: "删除 {day} 的库存记录？", "Delete the stock level of {day}?";
        delete_text: "此操作无法撤销。之前的一条记录将有效到下一条。", "This cannot be undone. The level before it then holds until the next one.";
        older: "显示全部 {count} 条", "Show all {count}";
    }
}
