use super::texts;

texts! {
    /// API keys.
    pub struct ApiKey {
        title: "API 密钥", "API keys";
        new: "新建密钥", "New key";
        empty_title: "还没有 API 密钥", "No API keys yet";
        empty_text: "其他系统用密钥以某位用户的名义调用 API，权限可以精确到模块和操作。", "By a key another system uses the API in somebody's name, for just the areas and operations that it needs.";
        all: "全选", "All";
        none: "全不选", "None";
        created: "密钥已生成", "The key is made";
        acts_for_hint: "密钥的数据范围就是此人角色的数据范围；此人被冻结时密钥即失效。建议为集成单独建立账号。", "The key sees what this person sees, and stops when the account is frozen. An account of its own for each integration is best.";
        expires_hint: "留空则一直有效，直到撤销。", "Empty: until it is revoked.";
        rights: "权限", "Permissions";
        rights_text: "实际权限是这里所选与此人角色的交集。审批，以及修改用户、角色、设置和 Webhook，只能由人进行。", "What is chosen here, as far as the person's role allows it at that moment. Only people approve, and change users, roles, settings and webhooks.";
        rights_count: "{n} 项", "{n}";
        secret_title: "请立即保存密钥", "Keep this key now";
        secret_text: "它不会再次显示。请求时放在请求头 Authorization: Bearer 之后。", "It is not shown again. Send it after Authorization: Bearer.";
        to_key: "查看密钥", "To the key";
        prefix: "密钥", "Key";
        state: "状态", "State";
        good: "有效", "Good";
        expired: "已过期", "Expired";
        revoked: "已撤销", "Revoked";
        never_used: "从未使用", "never";
        always: "长期有效", "no end";
        used_from: "最近使用地址", "Last used from";
        created_by: "创建人", "Made by";
        revoke: "撤销", "Revoke";
        revoke_title: "撤销密钥“{name}”？", "Revoke key {name}?";
        revoke_text: "使用它的系统会立即被拒绝。撤销后不能恢复。", "The system that uses it is refused at once. This cannot be undone.";
        revoke_done: "密钥已撤销", "The key is revoked";
        mine_text: "以您的名义调用 API 的密钥。可以随时撤销。", "Keys by which other systems act in your name. Revoke what you do not need.";
        mine_none: "没有以您的名义使用的密钥", "No key acts in your name";
    }
}
