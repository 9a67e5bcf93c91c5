use super::texts;

texts! {
    /// Lists: filters, views, columns, actions on many rows, export.
    pub struct List {
        and: " 且 ", " and ";
        or: " 或 ", " or ";
        not: "非", "not";
        comma: "、", ", ";
        is: "是", "is";
        is_not: "不是", "is not";
        me: "我", "me";
        in_last_days: "在最近 {n} 天内", "is in the last {n} days";
        in_next_days: "在未来 {n} 天内", "is in the next {n} days";
        before_days: "早于 {n} 天前", "is more than {n} days ago";
        in_period: "在{period}", "is {period}";
        between: "介于 {from} 和 {to} 之间", "is between {from} and {to}";
        from_day: "不早于", "is on or after";
        after_day: "晚于", "is after";
        until_day: "不晚于", "is on or before";
        before_day: "早于", "is before";
        on_day: "在当天", "is on";
        not_on_day: "不在当天", "is not on";
        last_days: "在最近 … 天内", "is in the last … days";
        next_days: "在未来 … 天内", "is in the next … days";
        days_ago: "早于 … 天前", "is more than … days ago";
        days: "天", "days";

        builder: "高级筛选", "Advanced filter";
        builder_text: "按条件组合筛选；相对日期会随时间变化。", "Combine conditions. Relative dates move on with time.";
        all_of: "满足全部条件", "All of these hold";
        any_of: "满足任一条件", "Any of these holds";
        group_label: "条件组合方式", "How the conditions combine";
        negate: "取反", "Negate";
        negate_hint: "不满足时才算", "Counts when it does not hold";
        add_test: "添加条件", "Add condition";
        add_group: "添加条件组", "Add group";
        remove: "移除", "Remove";
        field: "字段", "Field";
        operator: "比较方式", "Comparison";
        value: "值", "Value";
        apply: "应用筛选", "Apply";
        no_tests: "还没有条件，添加一个开始筛选。", "No conditions yet. Add one to begin.";
        incomplete: "请填写此条件的值", "Give this condition a value";
        error_unknown: "没有这个字段", "There is no such field";
        error_type: "此处的值无效", "This value does not fit";
        error_size: "条件或值过多", "Too many conditions or values";
        error_depth: "嵌套层数过多", "Nested too deeply";
        remove_condition: "移除条件：{text}", "Remove: {text}";
        edit_condition: "编辑条件：{text}", "Edit: {text}";
        add_value: "输入后按回车", "Type, then Enter";

        bulk: "批量操作", "Actions on the chosen rows";
        select_row: "选择 {text}", "Choose {text}";
        select_page: "选择已加载的全部", "Choose all that are loaded";
        selected: "已选 {n} 条", "{n} chosen";
        selected_all: "已选全部 {n} 条", "All {n} that match";
        select_all: "选择全部符合条件的记录", "Choose all that match";
        select_none: "取消选择", "Choose none";
        bulk_title: "{action}（{n} 条）", "{action}: {n}";
        bulk_start: "应用到 {n} 条", "Apply to {n}";
        bulk_sure: "将应用到所有选中的记录，之后可以撤回。", "This applies to every chosen record. It can be taken back.";
        bulk_delete: "选中的记录将被删除，无法撤销。审计记录会保留。", "The chosen records are deleted. This cannot be undone; the audit trail is kept.";
        bulk_empty: "留空表示清除此字段。", "Left empty, the field is cleared.";
        bulk_reason: "原因（需要时填写）", "Reason, where one is needed";
        bulk_looking: "正在查找记录…", "Looking them up…";
        bulk_progress: "已处理 {done} / {all}", "{done} of {all}";
        bulk_stop: "停止", "Stop";
        bulk_stopped: "，已停止", ", then stopped";
        bulk_done: "成功 {n} 条", "{n} done";
        bulk_failed: "失败 {n} 条", "{n} failed";

        columns_reset: "恢复默认列", "Default columns";
        column_left: "向前移动", "Move to the left:";
        column_right: "向后移动", "Move to the right:";
        column_width: "列宽", "Width of";

        keys: "键盘操作", "Keyboard";
        key_move: "在行间移动", "Move between rows";
        key_mark: "选择当前行", "Choose the row";
        key_open: "打开当前行", "Open the row";
        key_edit: "编辑单元格", "Edit a cell";
        key_search: "搜索", "Search";
        key_help: "显示此帮助", "Show this help";

        view_all: "全部", "All";
        views: "视图", "Views";
        view_mine: "我的视图", "Mine";
        view_shared: "共享视图", "Shared";
        view_none: "保存常用的筛选、排序和列，下次一键打开。", "Save filter, sort and columns under a name to open them at once.";
        view_changed: "已修改", "Changed";
        view_save: "保存", "Save";
        view_save_as: "另存为视图", "Save as a view";
        view_revert: "撤销修改", "Undo the changes";
        view_name: "视图名称", "Name of the view";
        view_share: "与同事共享", "Share with colleagues";
        view_pin: "固定到标签栏", "Pin as a tab";
        view_unpin: "取消固定", "Unpin";
        view_default: "设为默认", "Open by default";
        view_undefault: "取消默认", "No longer by default";
        view_rename: "重命名和共享", "Rename and share";
        view_delete_title: "删除视图“{name}”？", "Delete the view “{name}”?";
        view_delete_text: "只删除视图，不影响记录。", "Only the view is deleted, no records.";
        view_of: "{name} 共享", "shared by {name}";
        view_saved: "视图已保存", "The view is saved";
        view_by_default: "默认", "default";

        export: "导出", "Export";
        export_csv: "CSV 文件", "CSV file";
        export_xlsx: "Excel 文件", "Excel file";
        exporting: "正在导出…", "Exporting…";
        exported: "已导出", "Exported";
    }
}
