use super::texts;

texts! {
    /// Sharing of records.
    pub struct Share {
        share: "共享", "Share";
        title: "共享“{name}”", "Share {name}";
        text: "被共享的同事在自己的数据范围之外也能看到这条记录；共享客户会同时显示其联系人，订单和服务单需单独共享。", "A colleague sees the record beyond their own scope. A customer comes with its contacts; orders and tickets are shared by themselves.";
        text_plain: "被共享的同事在自己的数据范围之外也能看到这条记录。", "A colleague sees the record beyond their own scope.";
        with: "同事", "Colleague";
        level: "权限", "May";
        until: "截止日期", "Until";
        until_hint: "不填则一直有效", "Empty: until it is taken back";
        add: "共享", "Share";
        shared: "已共享", "Shared";
        removed: "已取消共享", "Shared no more";
        who: "谁可以看到", "Who may see it";
        reads: "查看", "sees";
        writes: "查看和修改", "sees and changes";
        remove: "取消与 {name} 的共享", "Share no more with {name}";
        ended: "已于 {date} 到期", "ended on {date}";
        lasts: "至 {date}", "until {date}";
        by: "由 {name} 共享", "shared by {name}";
        with_me: "与我共享", "Shared with me";
        with_me_read: "此记录已共享给您查看", "Shared with you to see";
        with_me_write: "此记录已共享给您，可修改", "Shared with you to see and change";
    }
}
