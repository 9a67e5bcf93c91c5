use super::texts;

texts! {
    /// Words and sentences that every page needs.
    pub struct Common {
        save: "保存", "Save";
        copy: "复制", "Copy";
        copied: "已复制", "Copied";
        cancel: "取消", "Cancel";
        close: "关闭", "Close";
        edit: "编辑", "Edit";
        delete: "删除", "Delete";
        retry: "重试", "Try again";
        reload: "重新加载页面", "Reload the page";
        part_title: "页面未能加载", "This page could not be fetched";
        part_text: "可能网络中断，或系统刚刚升级。", "The network may be down, or the system has just been upgraded.";
        search: "搜索", "Search";
        search_hint: "搜索…", "Search…";
        more: "更多操作", "More actions";
        yes: "是", "Yes";
        no: "否", "No";
        colon: "：", ": ";
        choose: "请选择", "Choose";
        required: "必填", "required";
        loading: "正在加载", "Loading";
        saving: "正在保存…", "Saving…";
        saved: "已保存", "Saved";
        deleted: "已删除", "Deleted";
        not_a_number: "请输入数字", "Enter a number";
        percent_range: "请输入 0 到 100 之间的百分数", "Enter a percentage between 0 and 100";
        ratio_range: "请输入 0 到 1000 之间的数", "Enter a number between 0 and 1000";
        too_many_decimals: "最多 {n} 位小数", "At most {n} decimals";


        filter: "筛选", "Filter";
        filters_more: "更多筛选", "More filters";
        filters_clear: "清除筛选", "Clear filters";

        columns: "显示的列", "Columns";
        density_compact: "紧凑显示", "Compact rows";
        density_normal: "宽松显示", "Comfortable rows";
        total: "共 {n} 条", "{n} in all";
        seen: "第 {from}–{to} 条", "{from}–{to}";
        seen_of: "第 {from}–{to} 条，共 {n} 条", "{from}–{to} of {n}";
        to_top: "回到顶部", "To the top";

        empty_filtered_title: "没有符合条件的记录", "Nothing matches";
        empty_filtered_text: "放宽搜索或筛选条件试试。", "Try a wider search or fewer filters.";
        error_title: "加载失败", "Could not load this";
        error_offline: "无法连接服务器，请检查网络后重试。", "The server cannot be reached. Check the connection and try again.";
        error_unreadable: "服务器的回答无法识别，请重新加载页面。", "The server's answer could not be read. Reload the page.";
        error_forbidden: "您的角色没有查看权限，如有需要请联系管理员。", "Your role does not allow this. Ask an administrator if you need it.";
        error_not_found: "记录不存在，或不在您的权限范围内。", "There is no such record, or it is outside what you may see.";
        error_request: "请求编号", "Request";
        error_fields: "请检查标出的字段。", "Check the marked fields.";

        unsaved_title: "放弃未保存的修改？", "Discard your changes?";
        unsaved_text: "离开后，未保存的修改将会丢失。", "Changes that are not saved will be lost.";
        unsaved_leave: "放弃修改", "Discard";

        conflict_title: "记录已被他人修改", "Somebody changed this record meanwhile";
        conflict_text: "在您编辑期间，以下字段已有新的值。请逐项选择要保留的内容。", "These fields have a new value since you began. Choose for each which one to keep.";
        conflict_field: "字段", "Field";
        conflict_original: "原值", "Original";
        conflict_theirs: "对方的值", "Theirs";
        conflict_yours: "您的值", "Yours";
        conflict_keep_yours: "全部用我的", "Keep all of mine";
        conflict_keep_theirs: "全部用对方的", "Take all of theirs";
        conflict_save: "按选择保存", "Save the choice";

        file_drop: "把文件拖到这里，或点击选择", "Drop a file here, or click to choose";
        file_too_large: "文件过大，最多 {n}", "The file is too large, at most {n}";
        pick_hint: "输入以搜索…", "Type to search…";
        pick_nothing: "没有找到", "Nothing found";
        pick_clear: "清除", "Clear";
        tags_hint: "输入后按回车添加", "Type and press Enter";
        chart_failed: "图表无法加载", "The chart could not be loaded";
        show_password: "显示密码", "Show password";
        hide_password: "隐藏密码", "Hide password";
        page_not_found: "页面不存在", "There is no such page";
        page_not_found_text: "地址可能有误，或页面已移动。", "The address may be wrong, or the page has moved.";
        go_home: "回到首页", "Go to the start";
        changed_by: "{name} 刚刚修改了此记录。", "{name} has changed this record.";
        changed_meanwhile: "此记录刚刚被修改。", "This record has just been changed.";
        gone_meanwhile: "此记录已被删除。", "This record has been deleted.";
        show_newest: "显示最新内容", "Show the newest";
    }
}
