use super::texts;

texts! {
    /// The start page.
    pub struct Home {
        title: "首页", "Home";
        morning: "早上好，{name}", "Good morning, {name}";
        afternoon: "下午好，{name}", "Good afternoon, {name}";
        evening: "晚上好，{name}", "Good evening, {name}";
        my_tickets: "我的未结服务单", "My open tickets";
        unassigned: "待认领服务单", "Unassigned tickets";
        to_confirm: "待确认订单", "Orders to confirm";
        no_owner: "无负责人的客户", "Customers without an owner";
        recent_orders: "最近的订单", "Recent orders";
        no_tickets_title: "没有待处理的服务单", "No open tickets";
        no_tickets_text: "分派给您的服务单会显示在这里。", "Tickets that are given to you appear here.";
        no_orders_title: "还没有订单", "No orders yet";
        urgent: "紧急服务单", "Urgent tickets";
        open_tickets: "未结服务单", "Open tickets";
        oldest: "等待最久的服务单", "Waiting longest";
        my_open_orders: "我的未完成订单", "My open orders";
        users_waiting: "等待启用的用户", "Users waiting";
        jobs_failed: "失败的后台任务", "Failed jobs";
        webhooks_paused: "已暂停的 Webhook", "Paused webhooks";
        month: "本月至今的销售，与上月同期相比", "Sales this month so far, against the same days of the last";
        own_month: "我的订单本月至今，与上月同期相比", "My orders this month so far, against the same days of the last";
        against: "{change}，上月同期 {before}", "{change} against {before}";
        before: "上月同期 {before}", "before: {before}";
        trend: "近 12 个月销售趋势", "Sales of the last 12 months";
        no_sales: "近 12 个月还没有销售。", "No sales in the last 12 months.";
        top_customers: "近 12 个月最重要的客户", "Top customers, 12 months";
        classes: "价值分类", "Value classes";
        returns_by_category: "近 12 个月各类别退货", "Returns by category, 12 months";
        leaving: "流失风险高的客户", "Likely to leave";
        nobody_leaves: "没有流失风险高的客户。", "None of your customers is likely to leave.";
        pinned: "我固定的报表", "Pinned reports";
        no_pinned: "还没有固定的报表，可在报表页的菜单中固定。", "None yet: pin one in the menu of a report.";
        all: "查看全部", "See all";
        quality: "客户资料质量", "Quality of customer data";
        completeness: "平均完整度 {n}%，共 {customers} 个客户", "{n}% complete on average, {customers} customers";
        fine: "资料齐全，没有发现问题。", "Nothing to mend.";
        birthdays: "近两周的生日", "Birthdays, next two weeks";
        by_state: "服务单状态", "Tickets by state";
        segments: "客户细分", "Segments";
        segments_text: "成员数，以及近 30 天的变化", "Members, and their change over 30 days";
        no_segments: "还没有客户细分。", "No segments yet.";
        first_title: "开始使用", "First steps";
        first_text: "三步就能看到自己公司的数据。", "Three steps, and you see your own company here.";
        step_orders: "导入订单", "Import orders";
        step_orders_text: "从 Excel 或 CSV 文件导入历史订单，客户和产品会一并建立，分析随即可用。", "Bring past orders from an Excel or CSV file: customers and products come with them, and the analyses have something to work on.";
        step_orders_do: "导入订单", "Import orders";
        step_customers: "添加客户", "Add customers";
        step_customers_text: "手工录入第一个客户，或从表格导入全部客户。", "Enter the first customer by hand, or bring all from a spreadsheet.";
        step_customers_do: "新建客户", "New customer";
        step_customers_import: "导入客户", "Import customers";
        step_people: "邀请同事", "Invite colleagues";
        step_people_text: "为同事建立账户，并选择角色和部门，每个人只看到该看的。", "Make accounts for your colleagues: role and department decide what each of them sees.";
        step_people_do: "新建用户", "New user";
        step_done: "已完成", "done";
        no_birthdays: "近两周没有客户联系人过生日。", "None of your contacts has one soon.";
        today: "今天", "today";
        in_days: "{n} 天后", "in {n} d";
    }
}
