use super::texts;

texts! {
    /// Tickets.
    pub struct Ticket {
        title: "服务单", "Tickets";
        new: "新建服务单", "New ticket";
        edit: "编辑服务单", "Edit ticket";
        search: "单号、主题、客户", "Number, subject, customer";
        empty_title: "还没有服务单", "No tickets yet";
        empty_text: "客户的咨询、投诉和维修都从这里登记和跟进。", "Inquiries, complaints and repairs are recorded and followed up here.";
        created: "服务单已创建", "The ticket is created";

        quick: "快捷视图", "Quick views";
        quick_mine: "我的未结", "My open ones";
        quick_unassigned: "待认领", "Unassigned";
        quick_open: "全部未结", "All open";
        quick_all: "全部", "All";

        unassigned: "待认领", "Unassigned";
        responsible: "首问责任人", "Responsible";
        first_responder: "首次响应人", "First responder";
        created_by: "登记人", "Recorded by";
        reopened: "重新打开次数", "Reopened";
        facts: "服务单信息", "Ticket";
        conversation: "沟通记录", "Conversation";
        description: "问题描述", "What happened";
        description_hint: "客户的原话和已知的事实", "In the customer's words, and what is known";
        section_who: "客户与关联", "Customer and what it is about";
        section_what: "问题", "Matter";
        section_work: "分派", "Work";
        owner_hint: "留空则进入待认领队列", "Left empty: into the queue";

        reply: "回复客户", "Reply to the customer";
        internal: "内部备注", "Internal note";
        internal_badge: "内部，客户不可见", "internal, not for the customer";
        reply_badge: "回复客户", "to the customer";
        reply_placeholder: "写给客户的回复…", "Write to the customer…";
        internal_placeholder: "只有同事能看到的备注…", "Only colleagues will see this…";
        send: "发送回复", "Send the reply";
        add_note: "添加备注", "Add the note";
        send_hint: "Ctrl + 回车发送", "Ctrl + Enter sends";
        sent: "回复已记录", "The reply is recorded";
        noted: "备注已添加", "The note is added";
        earlier: "显示更早的记录", "Show earlier entries";
        no_description: "没有填写问题描述。", "No description was given.";

        take: "我来处理", "Take it";
        accept: "接手负责", "Take over responsibility";
        assign: "分派", "Assign";
        assign_title: "分派服务单", "Assign the ticket";
        assign_to: "处理人", "To whom";
        assign_hint: "留空则放回待认领队列", "Left empty: back into the queue";
        assigned: "已分派", "The ticket is assigned";
        taken: "已由您处理", "The ticket is yours";

        to_open: "开始处理", "Start work";
        to_waiting: "等待客户", "Wait for the customer";
        to_resolved: "标记已解决", "Resolve";
        to_closed: "关闭", "Close";
        reopen: "重新打开", "Reopen";
        moved: "状态已变更为“{state}”", "The ticket is now: {state}";
        event_changed: "修改了{fields}", "changed {fields}";
    }
}
