use super::texts;

texts! {
    /// Outgoing mail.
    pub struct Mail {
        title: "邮件", "Mail";
        tab_log: "发送记录", "Outgoing";
        tab_settings: "设置", "Settings";
        empty: "还没有发送过邮件", "No mail has left yet";
        empty_text: "设置好邮件账号后，报表可以定时发送给同事。", "Once an account is set up, reports can be sent to colleagues by schedule.";
        off: "外发邮件已停用：待发送的邮件在队列中等待。", "Outgoing mail is turned off: what is to be sent waits.";
        off_link: "去设置", "To the settings";
        recipient: "收件人", "Recipient";
        attempts: "尝试", "Attempts";
        next: "下次尝试", "Next attempt";
        mail: "邮件", "Mail";
        answer: "服务器应答", "The server's answer";
        message_id: "邮件编号（Message-ID）", "Message-ID";
        resend: "重新发送", "Send again";
        resent: "邮件已重新排队", "The mail is sent again";
        kept: "记录保留 30 天；已发送邮件的内容保留 3 天，之后不能再次发送", "Kept for 30 days; what a mail says for 3 days after it was sent, then it cannot be sent again";

        section_server: "邮件服务器（SMTP）", "Mail server (SMTP)";
        active: "启用外发邮件", "Send mail";
        active_hint: "停用期间邮件在队列中等待", "While it is off, mail waits";
        host: "服务器", "Server";
        host_hint: "例如 smtp.example.com", "As in smtp.example.com";
        port: "端口", "Port";
        tls: "加密方式", "Encryption";
        tls_warning: "不加密时，途经的任何人都能读到邮件和密码。只用于本机或可信的内部网络。", "Without encryption everybody on the way can read mails and password. Only for a server on this machine or in a network that you trust.";
        user: "用户名", "User";
        user_hint: "留空则不登录", "Leave empty for no log-in";
        password: "密码或授权码", "Password or app password";
        password_kept: "已保存，不再显示；填写即更换", "Kept, and not shown; write one to replace it";
        password_again: "服务器、端口、加密方式或用户名已改，请重新填写密码", "Server, port, encryption or user have changed: write the password again";
        password_lost: "已保存的密码只用于 {host} 上原来的账号：保存更改后不再保留，请在下面重新填写。", "The kept password is for the account at {host} only: it is dropped when this is saved, so write the password again below.";
        section_sender: "发件人", "Sender";
        sender_name: "名称", "Name";
        sender_address: "邮箱地址", "Address";
        sender_hint: "多数服务器要求与用户名一致", "Most servers want it to belong to the user";
        reply_to: "回复地址", "Answers go to";
        reply_hint: "留空则回复到发件人", "Leave empty for the sender";
        app_url: "系统访问地址", "Address of this app";
        app_url_hint: "邮件中的链接指向这里", "Links in mails lead there";

        test: "发送测试邮件", "Send a test";
        test_text: "按已保存的设置立即发送，启用前也可以。", "Sent at once by the settings as they are saved, also before mail is turned on.";
        test_to: "收件地址", "To";
        test_unsaved: "请先保存更改", "Save the changes first";
        test_send: "发送", "Send";
        test_good: "邮件服务器已接收测试邮件", "The mail server has taken the test";
    }
}
