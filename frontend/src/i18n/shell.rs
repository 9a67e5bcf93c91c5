use super::texts;

texts! {
    /// Frame around the pages.
    pub struct Shell {
        product: "关系 CRM", "Guanxi CRM";
        navigation: "主导航", "Main navigation";
        group_sell: "客户与销售", "Customers and sales";
        group_service: "服务", "Service";
        group_analyse: "分析", "Analysis";
        group_manage: "管理", "Administration";
        customers: "客户", "Customers";
        contacts: "联系人", "Contacts";
        open_menu: "打开菜单", "Open menu";
        close_menu: "关闭菜单", "Close menu";
        notifications: "通知", "Notifications";
        notifications_unread: "通知，{n} 条未读", "Notifications, {n} unread";
        read_all: "全部标为已读", "Mark all as read";
        no_notifications: "没有通知", "No notifications";
        language: "语言", "Language";
        theme: "外观", "Theme";
        theme_light: "浅色", "Light";
        theme_dark: "深色", "Dark";
        theme_system: "跟随系统", "System";
        account: "我的账号", "My account";
        log_out: "退出登录", "Log out";
        skip: "跳到内容", "Skip to content";
        nothing_allowed: "您的账号还没有任何权限，请联系管理员分配角色。", "Your account has no permissions yet. Ask an administrator to give you a role.";
        session_ended: "登录已过期，请重新登录。", "Your log-in has ended. Please log in again.";
    }
}
