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
        all: "查看全部", "See all";
        quality: "客户资料质量", "Quality of customer data";
        completeness: "平均完整度 {n}%，共 {customers} 个客户", "{n}% complete on average, {customers} customers";
        fine: "资料齐全，没有发现问题。", "Nothing to mend.";
        birthdays: "近两周的生日", "Birthdays, next two weeks";
        no_birthdays: "近两周没有客户联系人过生日。", "None of your contacts has one soon.";
        today: "今天", "today";
        in_days: "{n} 天后", "in {n} d";
    }
}
