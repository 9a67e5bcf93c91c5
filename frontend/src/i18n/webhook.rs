use super::texts;

texts! {
    /// Webhooks.
    pub struct Webhook {
        title: "Webhook", "Webhooks";
        receiver: "接收方", "Receiver";
        new: "新建 Webhook", "New webhook";
        edit: "编辑 Webhook", "Edit webhook";
        empty_title: "还没有 Webhook", "No webhooks yet";
        empty_text: "把客户、订单、服务单的变化即时通知其他系统。", "Tell other systems at once what happens to customers, orders and tickets.";
        created: "Webhook 已创建", "The webhook is created";
        url_hint: "以 https:// 开头；内部网络地址需由管理员在服务器配置中放行", "Begins with https://. Private networks have to be allowed in the server's configuration";
        events: "事件", "Events";
        events_hint: "选择整类事件，或填写具体事件，例如 orders.confirmed", "Choose all events of a kind of record, or write single ones, as in orders.confirmed";
        everything: "全部", "Everything";
        active_hint: "停用期间发生的事件不会补发", "What happens while it is off is not sent later";
        state: "状态", "State";
        on: "启用", "On";
        off: "停用", "Off";
        paused: "已暂停", "Paused";
        failing: "投递失败中", "Failing";
        last_delivery: "最近送达", "Last delivery";
        never: "从未", "never";
        owner: "负责人", "Owner";

        secret_title: "签名密钥", "Signing secret";
        secret_text: "接收方用它验证消息（Standard Webhooks 规范）。请立即保存，之后不再显示。", "The receiver checks messages with it (Standard Webhooks). Keep it now: it is not shown again.";
        rotate: "更换密钥", "New secret";
        rotate_title: "更换签名密钥？", "Make a new secret?";
        rotate_text: "24 小时内消息同时用新旧两个密钥签名，请在此期间更新接收方。", "For 24 hours messages are signed with both, so that the receiver can be changed meanwhile.";
        rotating: "旧密钥有效至 {time}", "The old secret is good until {time}";
        to_webhook: "查看 Webhook", "To the webhook";

        test: "发送测试消息", "Send a test";
        test_sent: "测试消息已发送", "The test is on its way";
        resume: "恢复投递", "Resume";
        resumed: "已恢复投递", "Deliveries go on";
        paused_text: "投递已暂停：{reason}。恢复后会补发等待中的消息。", "Deliveries are paused: {reason}. What waits is sent when you resume.";
        delete_title: "删除这个 Webhook？", "Delete this webhook?";
        delete_text: "等待投递的消息和投递记录会一并删除。", "Messages that wait go with it, and so does the log.";

        deliveries: "投递记录", "Messages";
        deliveries_empty: "还没有投递过消息", "Nothing has been sent yet";
        attempts: "尝试", "Attempts";
        status: "应答", "Answer";
        no_answer: "无应答", "no answer";
        next: "下次尝试", "Next attempt";
        delivery: "消息", "Message";
        message_id: "消息编号", "Message id";
        body: "内容", "Body";
        body_hidden: "您无权查看这条消息涉及的记录，因此不显示内容", "Not shown: you may not see the record that this message tells of";
        log: "投递过程", "Attempts";
        resend: "重新投递", "Send again";
        resent: "消息已重新排队", "The message is sent again";
    }
}
