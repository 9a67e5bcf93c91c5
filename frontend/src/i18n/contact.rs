use super::texts;

texts! {
    /// Contacts.
    pub struct Contact {
        title: "联系人", "Contacts";
        new: "新建联系人", "New contact";
        search: "姓名、职务、电话", "Name, title, phone";
        empty_title: "还没有联系人", "No contacts yet";
        empty_text: "记录客户那边和您打交道的人。", "Keep the people you deal with at your customers.";
        empty_customer_text: "添加该客户的第一位联系人。", "Add the first person at this customer.";
        section_person: "个人", "Person";
        section_reach: "联系方式", "How to reach them";
        section_personal: "个人情况", "Personal";
        section_consent: "同意的联系方式", "Consent to be contacted";
        phone: "座机", "Telephone";
        wechat: "微信", "WeChat";
        interests: "兴趣爱好", "Interests";
        education: "教育背景", "Education";
        family: "家庭情况", "Family";
        temperament: "性格", "Temperament";
        reports_to: "上级", "Reports to";
        note: "备注", "Note";
        relationship_hint: "1 不熟，5 密切", "1 hardly knows us, 5 close";
        is_primary: "主要联系人", "Primary contact";
        consent_phone: "电话", "Telephone";
        consent_sms: "短信", "Text message";
        consent_email: "邮件", "E-mail";
        consent_wechat: "微信", "WeChat";
        created: "联系人已创建", "The contact is created";
        deleted: "联系人已删除", "The contact is deleted";
        delete_title: "删除联系人“{name}”？", "Delete the contact “{name}”?";
        delete_text: "此操作无法撤销。", "This cannot be undone.";
        birthdays: "近期生日", "Birthdays soon";
        birthday_today: "今天", "today";
        birthday_in: "{n} 天后", "in {n} d";
        customer_first: "先选择客户", "Choose the customer first";
    }
}
