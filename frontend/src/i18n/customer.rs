use super::texts;

texts! {
    /// Customers.
    pub struct Customer {
        title: "客户", "Customers";
        new: "新建客户", "New customer";
        edit: "编辑客户", "Edit customer";
        search: "名称、编号、电话", "Name, code, phone";
        empty_title: "还没有客户", "No customers yet";
        empty_text: "新建第一个客户，或从文件导入历史订单。", "Create the first one, or import your order history from a file.";
        created: "客户已创建", "The customer is created";

        tab_details: "资料", "Details";
        tab_contacts: "联系人", "Contacts";
        tab_orders: "订单", "Orders";
        tab_tickets: "服务单", "Tickets";
        tab_evaluations: "评价", "Evaluations";

        section_basic: "基本信息", "Basics";
        section_contact: "联系方式", "How to reach them";
        section_company: "公司资料", "Company";
        section_profile: "经营状况", "Business profile";
        section_more: "其他", "More";

        website: "网站", "Website";
        address: "地址", "Address";
        latitude: "纬度", "Latitude";
        longitude: "经度", "Longitude";
        note: "备注", "Note";
        code_hint: "留空则自动编号", "Left empty, one is made";
        owner_hint: "留空则进入公海", "Left empty: the public pool";
        legal_representative: "法定代表人", "Legal representative";
        tax_number: "税号", "Tax number";
        bank: "开户银行", "Bank";
        bank_account: "银行账号", "Bank account";
        founded_on: "成立日期", "Founded on";
        registered_capital: "注册资本", "Registered capital";
        market_area: "市场区域", "Market area";
        sales_capability: "销售能力", "Sales capability";
        growth_potential: "发展潜力", "Growth potential";
        management_philosophy: "经营理念", "Management philosophy";
        policy: "经营方针", "Policy";
        brands: "经营品牌", "Brands carried";
        stores: "门店数", "Stores";
        staff: "员工数", "Staff";
        vehicles: "车辆数", "Vehicles";
        warehouse_area: "仓库面积（㎡）", "Warehouse (m²)";

        no_owner: "公海客户", "Public pool";
        archived: "已归档", "Archived";
        blacklisted: "黑名单", "Blacklisted";
        blacklisted_text: "已列入黑名单，不能下新订单。原因：{reason}", "Blacklisted, no new orders. Reason: {reason}";
        blacklisted_until: "至 {date}", "until {date}";
        archived_text: "此客户已归档，不再出现在日常列表中。", "This customer is archived and left out of daily lists.";
        archive: "归档", "Archive";
        archive_title: "归档此客户？", "Archive this customer?";
        archive_text: "归档后不再出现在日常列表中，随时可以恢复。", "It leaves the daily lists. You can restore it at any time.";
        restore: "恢复", "Restore";
        blacklist: "列入黑名单", "Blacklist";
        blacklist_title: "列入黑名单", "Blacklist this customer";
        blacklist_text: "列入后将拒绝该客户的新订单。", "New orders of this customer will be refused.";
        blacklist_reason: "原因", "Reason";
        blacklist_until: "截止日期", "Until";
        blacklist_until_hint: "留空表示一直有效", "Left empty: until it is lifted";
        unblacklist: "移出黑名单", "Lift the blacklisting";
        delete: "彻底删除", "Delete for good";
        delete_title: "彻底删除此客户？", "Delete this customer for good?";
        delete_text: "此操作无法撤销。审计记录会保留。", "This cannot be undone. The audit trail is kept.";

        sales: "累计销售额", "Sales";
        sales_year: "近一年销售额", "Sales, 365 days";
        margin: "毛利", "Margin";
        average_order: "平均订单额", "Average order";
        last_order: "最近下单", "Last order";
        orders_count: "{n} 个订单", "Orders: {n}";
        every_days: "平均 {n} 天一次", "every {n} days";
        before: "上一年 {amount}", "{amount} the year before";
        no_orders: "尚无订单", "No orders yet";
        open_tickets: "未结服务单", "Open tickets";
        returns_note: "退货 {amount}", "{amount} returned";

        no_orders_title: "还没有订单", "No orders yet";
        no_tickets_title: "还没有服务单", "No tickets yet";
        no_tickets_text: "该客户的咨询、投诉和报修会显示在这里。", "This customer's questions, complaints and repairs will appear here.";
        no_orders_text: "该客户的订单会显示在这里。", "This customer's orders will appear here.";

        evaluation_new: "新增评价", "New evaluation";
        evaluation_none: "还没有评价", "No evaluation yet";
        evaluation_none_text: "定期评价客户的积极性、经营能力、信誉和社会关系，可以看到变化趋势。", "Rate keenness, capability, credit and social standing now and then, and see how they change.";
        evaluation_trend: "评价趋势", "Trend";
        evaluated_on: "评价日期", "Date";
        keenness: "积极性", "Keenness";
        capability: "经营能力", "Capability";
        credit: "信誉", "Credit";
        social_standing: "社会关系", "Social standing";
        comment: "说明", "Comment";
        score_hint: "1 最差，5 最好", "1 is worst, 5 is best";
        evaluation_saved: "评价已保存", "The evaluation is saved";
    }
}
