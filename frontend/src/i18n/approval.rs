use super::texts;

texts! {
    /// Requests that another person decides.
    pub struct Approval {
        title: "审批", "Approvals";
        one: "审批申请", "Request";
        waiting: "待我审批", "Waiting for me";
        mine: "我的申请", "Mine";
        all: "全部", "All";
        none_waiting: "没有待您审批的申请", "Nothing waits for you";
        none_mine: "您还没有提出申请", "You have asked for nothing";
        none: "没有申请", "No requests";
        empty_text: "需要他人批准的操作（如解除黑名单）会出现在这里。", "What takes another person's approval, such as lifting a blacklisting, appears here.";
        waiting_count: "{n} 项待审批", "Waiting for you: {n}";
        asked_by: "{name} 申请", "{name} asks";
        reason: "申请理由", "Reason";
        basis: "申请时的情况", "As it stood";
        decision: "审批", "Decision";
        note: "意见", "Note";
        note_hint: "拒绝时必填", "Needed to reject";
        approve: "批准", "Approve";
        reject: "拒绝", "Reject";
        withdraw: "撤回申请", "Withdraw";
        approved: "已批准并执行", "Approved and done";
        rejected: "已拒绝", "Rejected";
        withdrawn: "已撤回", "Withdrawn";
        own: "这是您自己的申请，需由他人审批。", "This is your own request: somebody else decides.";
        request: "提交申请", "Ask for it";
        requested: "申请已提交，等待他人审批", "Asked for; somebody else decides";
        lift_title: "申请解除黑名单", "Ask to lift the blacklisting";
        lift_text: "解除黑名单需由另一位有客户审批权限的同事批准。", "Another colleague who may approve customers decides.";
        alone_title: "直接解除黑名单？", "Lift the blacklisting at once?";
        alone_text: "目前没有其他人可以审批，可由您直接解除。此操作会记入审计日志。", "Nobody else may approve it just now, so you may lift it yourself. The audit trail keeps it.";
        pending: "{name} 申请{kind}：{reason}", "{name} asks: {kind}. {reason}";
        open: "查看申请", "Open the request";
    }
}
