use super::texts;

texts! {
    /// What somebody may do, and why.
    pub struct Rights {
        title: "权限一览", "Rights";
        mine: "我的权限", "What I may do";
        of: "{name} 的权限", "What {name} may do";
        role: "角色", "Role";
        no_role: "没有角色", "No role";
        department: "部门", "Department";
        shares: "他人共享的记录", "Shared by others";
        inactive: "账号未启用：在启用之前不能做任何操作。", "The account is not active: until then nothing is allowed.";
        nothing: "无权限", "nothing";
        sees: "可见记录", "Records seen";
        seen: "{n} / {of}", "{n} of {of}";
        check: "检查一条记录", "Check a record";
        check_text: "能否对这条记录执行操作，以及原因。", "Whether something may be done with a record, and why.";
        record_type: "类型", "Type";
        record: "记录", "Record";
        operation: "操作", "Operation";
        yes: "可以", "Allowed";
        no: "不可以", "Not allowed";
        lacks: "角色没有这项权限", "The role lacks this operation";
        out_of_reach: "记录不在角色的数据范围（{scope}）内，也没有为此共享", "The record is outside the role's scope ({scope}) and not shared for this";
        show: "查看权限", "What they may do";
    }
}
