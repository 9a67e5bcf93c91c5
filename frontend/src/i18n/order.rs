use super::texts;

texts! {
    /// Orders.
    pub struct Order {
        title: "订单", "Orders";
        new: "新建订单", "New order";
        edit: "编辑订单", "Edit order";
        search: "单号、客户名称", "Number, customer";
        import: "导入订单", "Import orders";
        empty_title: "还没有订单", "No orders yet";
        empty_text: "新建第一张订单，或从 Excel / CSV 文件导入历史订单。", "Create the first one, or import your history from a CSV file.";
        created: "订单已创建", "The order is created";

        lines: "明细", "Lines";
        line_count: "明细数", "Lines";
        open: "查看订单", "Open the order";
        lines_count: "{n} 行明细", "Lines: {n}";
        more: "交付与备注", "Delivery and remarks";
        not_draft_title: "只有草稿可以编辑", "Only drafts can be edited";
        not_draft_text: "订单提交后内容不再变动。需要修改时，请先退回草稿。", "Once submitted an order stays as it is. Move it back to draft to change it.";
        head: "订单信息", "Order";
        history: "状态变更", "State changes";
        discount: "折扣合计", "Discounts";
        margin_share: "毛利率 {n}", "{n} of the total";
        payment_terms: "付款条件", "Payment terms";
        payment_terms_hint: "如：月结 30 天", "30 days net, for example";
        ship_to: "收货地址", "Ship to";
        note: "备注", "Note";
        number_hint: "留空则自动编号", "Left empty, one is made";
        owner_hint: "留空则为客户的负责人", "Left empty: the customer's owner";
        ordered_hint: "留空则为当前时间", "Left empty: now";
        cancelled_because: "取消原因：{reason}", "Cancelled because: {reason}";
        promised_late: "已过承诺交期", "past the promised date";

        product: "产品", "Product";
        description: "品名", "Description";
        quantity: "数量", "Quantity";
        unit_price: "单价", "Unit price";
        line_discount: "折扣额", "Discount";
        amount: "金额", "Amount";
        total: "合计", "Total";
        add_line: "添加明细", "Add a line";
        remove_line: "删除此行", "Remove this line";
        keys: "回车：下一行或新增　Ctrl + ⌫：删除此行　可直接粘贴 Excel 行", "Enter: next or new line · Ctrl + ⌫: remove it · rows from Excel can be pasted right here";
        too_large: "金额过大", "too large";
        paste: "粘贴 Excel 行", "Paste rows";
        paste_title: "从 Excel 粘贴明细", "Paste lines from Excel";
        paste_text: "列的顺序：货号、品名（可省略）、数量、单价（可省略）、折扣额（可省略）。带表头时按表头识别。", "Columns: SKU, description (may be left out), quantity, unit price (may be left out), discount (may be left out). With a header row the columns are found by their names.";
        paste_button: "添加 {n} 行", "Add these lines: {n}";
        paste_done: "已添加 {n} 行", "Lines added: {n}";
        paste_unknown: "已添加 {n} 行，其中 {unknown} 行的货号没有对应产品，按品名录入", "Lines added: {n}. With a SKU that no product has, kept as text: {unknown}";
        paste_nothing: "没有识别到数据行", "No rows were found in it";

        submit: "提交", "Submit";
        confirm: "确认订单", "Confirm";
        ship_part: "部分发货", "Ship a part";
        ship: "发货", "Ship";
        deliver: "确认送达", "Delivered";
        complete: "完成", "Complete";
        to_draft: "退回草稿", "Back to draft";
        cancel: "取消订单", "Cancel the order";
        cancel_title: "取消订单 {number}？", "Cancel order {number}?";
        cancel_text: "取消后不能恢复，也不再计入客户的销售额。", "A cancelled order cannot be taken up again and no longer counts as a sale.";
        cancel_reason: "取消原因", "Why";
        moved: "状态已变更为“{state}”", "The order is now: {state}";
        by_system: "系统", "the system";
        delete_title: "删除草稿 {number}？", "Delete draft {number}?";
        delete_text: "此操作无法撤销。", "This cannot be undone.";
    }
}
