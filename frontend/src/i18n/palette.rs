use super::texts;

texts! {
    /// The command palette.
    pub struct Palette {
        title: "搜索与命令", "Search and commands";
        open: "搜索或输入命令", "Search or type a command";
        hint: "客户、联系人、订单、产品、页面、操作…", "Customers, contacts, orders, pages, actions…";
        results: "结果", "Results";
        recent: "最近打开", "Recently opened";
        pages: "页面", "Pages";
        actions: "操作", "Actions";
        count: "{n} 项结果", "Results: {n}";
        nothing: "没有找到“{text}”", "Nothing found for “{text}”";
        nothing_hint: "可以输入名称、拼音或首字母、编号、电话的任意三位以上数字。", "Try a name, pinyin or initials, a code, or three digits of a telephone number.";
        searching: "正在搜索…", "Searching…";
        key_move: "移动", "move";
        key_open: "打开", "open";
        key_close: "关闭", "close";
        new_customer: "新建客户", "New customer";
        new_contact: "新建联系人", "New contact";
        new_order: "新建订单", "New order";
        new_product: "新建产品", "New product";
        new_ticket: "新建服务单", "New ticket";
        new_import: "导入文件", "Import a file";
        to_chinese: "切换到中文", "Switch to Chinese";
        to_english: "切换到英文", "Switch to English";
        to_light: "浅色外观", "Light theme";
        to_dark: "深色外观", "Dark theme";
        to_system: "外观跟随系统", "Theme of the system";
    }
}
