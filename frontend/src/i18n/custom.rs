use super::texts;

texts! {
    /// Custom fields and dictionaries.
    pub struct Custom {
        section: "其他信息", "More information";
        title: "自定义字段", "Custom fields";
        text: "为客户、联系人、订单和服务单添加自己的字段，可填写、筛选、排序、导出。", "Fields of your own for customers, contacts, orders and tickets: to fill in, filter by, sort by and export.";
        new: "新建字段", "New field";
        created: "字段已创建", "The field is created";
        empty_title: "还没有自定义字段", "No custom fields yet";
        empty_text: "例如：会员级别、合同到期日、年采购额。", "For instance membership, end of the contract, yearly purchases.";
        section_field: "字段", "Field";
        section_rules: "规则", "Rules";
        section_choices: "选项", "Choices";
        key_hint: "接口和导出中使用的名称，创建后不能修改", "What the API and exports call it; cannot be changed afterwards";
        kind_hint: "已有记录填写后不能修改", "Stays once records hold values";
        label_zh: "中文名称", "Chinese label";
        label_en: "英文名称", "English label";
        help_hint: "显示在输入框下方", "Shown below the field";
        required: "必填", "Required";
        required_hint: "新建记录时必须填写；已有记录可以暂时为空", "New records need a value; older ones may still be without";
        active_hint: "停用后不再显示和填写，已有内容保留", "Otherwise it is neither shown nor filled in; what is there is kept";
        inactive: "已停用", "Inactive";
        min_length: "最少字符", "Characters at least";
        max_length: "最多字符", "Characters at most";
        choice_code: "代码", "Code";
        choice_add: "添加选项", "Add a choice";
        choice_remove: "删除选项", "Remove choice";
        choice_active: "可选", "Offered";
        move_up: "上移", "Move up";
        move_down: "下移", "Move down";
        preview: "表单预览", "Preview of the form";
        preview_text: "填写者看到的样子，可以试填。", "What people will see. Try it.";
        delete_title: "删除字段“{name}”？", "Delete the field “{name}”?";
        delete_text: "仅当没有记录填写过时才能删除；否则请停用。", "Only possible while no record holds a value; otherwise make it inactive.";
        fields_count: "{n} 个字段", "Fields: {n}";

        dictionaries: "字典", "Dictionaries";
        dictionaries_text: "表单中可选的内容。停用的条目不再提供选择，已有记录不变。", "What can be chosen in forms. Inactive entries are no longer offered; records that hold them keep them.";
        entry_add: "添加条目", "Add an entry";
        entry_edit: "编辑条目", "Edit entry";
        entry_created: "条目已添加", "The entry is added";
        entry_code_hint: "记录中保存的值，创建后不能修改", "What records hold; cannot be changed afterwards";
        entry_delete_title: "删除条目“{name}”？", "Delete the entry “{name}”?";
        entry_delete_text: "仅当没有记录使用时才能删除；否则请停用。", "Only possible while no record holds it; otherwise make it inactive.";
        entries_empty: "还没有条目", "No entries yet";
        deactivate: "停用", "Deactivate";
        reactivate: "启用", "Activate";
    }
}
