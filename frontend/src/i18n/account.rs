use super::texts;

texts! {
    /// A person's own account.
    pub struct Account {
        title: "我的账号", "My account";
        profile: "个人资料", "Profile";
        password: "密码", "Password";
        sessions: "登录记录", "Log-ins";
        email: "邮箱", "E-mail";
        role: "角色", "Role";
        department: "部门", "Department";
        language: "消息语言", "Language of messages";
        current_password: "当前密码", "Current password";
        new_password: "新密码", "New password";
        change_password: "修改密码", "Change password";
        password_changed: "密码已修改，其他登录已全部退出", "The password is changed; all other log-ins have ended";
        sessions_text: "正在使用您账号的设备。不认识的请立即退出，并修改密码。", "Devices that use your account. End those you do not know, and change your password.";
        this_device: "当前设备", "This device";
        last_used: "最近使用", "Last used";
        signed_in: "登录时间", "Logged in";
        end_session: "退出", "End";
        end_session_title: "退出该设备的登录？", "End this log-in?";
        end_session_text: "该设备需要重新登录才能使用。", "That device will have to log in again.";
        session_ended: "已退出", "Ended";
    }
}
