//! What was done, in words.

use guanxi_domain::order::OrderState;
use guanxi_domain::ticket::TicketState;

use crate::i18n::lang;
use crate::ui::Tone;

/// Words of actions: on the wire, Chinese, English. States of orders and tickets are told by their own words.
pub const ACTIONS: &[(&str, &str, &str)] = &[
    ("created", "新建", "created"),
    ("updated", "修改", "changed"),
    ("deleted", "删除", "deleted"),
    ("registered", "注册", "registered"),
    ("logged_in", "登录", "logged in"),
    ("login_failed", "登录失败", "failed to log in"),
    ("login_refused", "登录被拒绝", "was refused at the log-in"),
    ("logged_out", "退出登录", "logged out"),
    ("password_changed", "修改密码", "changed the password"),
    ("activated", "启用", "activated"),
    ("frozen", "冻结", "froze"),
    ("unfrozen", "解除冻结", "unfroze"),
    ("archived", "归档", "archived"),
    ("requested", "提交申请", "requested"),
    ("decided", "审批", "decided"),
    ("withdrawn", "撤回", "withdrawn"),
    ("expired", "过期", "expired"),
    ("shared", "共享", "shared"),
    ("unshared", "取消共享", "shared no more"),
    ("restored", "恢复", "restored"),
    ("blacklisted", "列入黑名单", "blacklisted"),
    ("unblacklisted", "移出黑名单", "lifted the blacklisting"),
    ("assigned", "分派", "assigned"),
    ("accepted", "接手", "accepted"),
    ("released", "放回队列", "released"),
    ("reopened", "重新打开", "reopened"),
    ("replied", "回复", "replied"),
    ("commented", "评论", "commented"),
    ("evaluated", "评价", "evaluated"),
    ("lost", "记录流失", "recorded as lost"),
    ("exported", "导出", "exported"),
    ("checked", "试运行", "tried"),
    ("members_added", "加入成员", "added members"),
    ("members_removed", "移出成员", "removed members"),
    ("recorded", "记录成员", "wrote down the members"),
    ("marked", "固定或设为默认", "pinned or chose"),
    ("queued", "加入队列", "queued"),
    ("token_reused", "重复使用令牌", "reused a token"),
    ("rebuilt", "重新计算", "reckoned anew"),
    ("retried", "重新执行", "repeated"),
    ("started", "开始", "started"),
    ("finished", "完成", "finished"),
    ("failed", "失败", "failed"),
    ("progressed", "进行中", "went on"),
    ("paused", "暂停", "paused"),
    ("resumed", "恢复投递", "resumed"),
    ("revoked", "撤销", "revoked"),
    ("secret_rotated", "更换密钥", "made a new secret"),
    ("tested", "发送测试", "sent a test"),
    ("scheduled", "设置定时邮件", "scheduled"),
    ("unscheduled", "取消定时邮件", "took off the schedule"),
    ("mailed", "邮件发送", "sent by mail"),
    ("subscribed", "订阅", "subscribed"),
    ("unsubscribed", "退订", "unsubscribed"),
    ("resent", "重新投递", "sent again"),
];

/// What was done, in the language that is on; the word itself if it has no other.
pub fn action_name(action: &str) -> String {
    if let Some((_, zh, en)) = ACTIONS.iter().find(|(word, _, _)| *word == action) {
        return lang().pick(*zh, *en).to_owned();
    }
    if let Ok(state) = action.parse::<OrderState>() {
        return state.label(lang()).to_owned();
    }
    if let Ok(state) = action.parse::<TicketState>() {
        return state.label(lang()).to_owned();
    }
    action.replace('_', " ")
}

pub fn tone(action: &str) -> Tone {
    match action {
        "created" | "registered" | "activated" | "restored" => Tone::Success,
        "deleted" | "frozen" | "blacklisted" | "cancelled" | "login_failed" | "login_refused"
        | "token_reused" => Tone::Error,
        "updated" => Tone::Info,
        _ => Tone::Plain,
    }
}
