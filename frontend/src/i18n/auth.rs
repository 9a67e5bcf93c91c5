use super::texts;

texts! {
    /// Log-in and registration.
    pub struct Auth {
        log_in: "登录", "Log in";
        log_in_text: "欢迎回来。", "Welcome back.";
        email: "邮箱", "E-mail";
        password: "密码", "Password";
        name: "姓名", "Name";
        register: "注册", "Register";
        register_text: "注册后由管理员启用账号。", "An administrator activates the account afterwards.";
        register_link: "还没有账号？注册", "No account yet? Register";
        log_in_link: "已有账号？登录", "Already have an account? Log in";
        setup: "创建管理员账号", "Create the administrator's account";
        setup_text: "系统刚刚安装，第一个账号将成为管理员。", "This is a fresh installation: the first account becomes the administrator.";
        password_hint: "至少 10 个字符，不要使用常见密码", "At least 10 characters, not a common password";
        pending_title: "账号已创建，等待启用", "The account waits for activation";
        pending_text: "管理员启用后即可登录。", "You can log in as soon as an administrator has activated it.";
        registration_closed: "注册已关闭，请联系管理员开通账号。", "Registration is closed. Ask an administrator for an account.";
        tagline: "客户的关系与价值，一目了然", "See every customer clearly: the relationship, the dealings, the value.";
        point_1: "客户、联系人、订单与服务，一页尽览", "Customers, contacts, orders and service on one page";
        point_2: "谁在贡献价值，一眼看出", "Who brings value, at a glance";
        point_3: "每一次修改都有据可查", "Every change can be traced";
    }
}
