use super::texts;

texts! {
    /// Products.
    pub struct Product {
        title: "产品", "Products";
        new: "新建产品", "New product";
        edit: "编辑产品", "Edit product";
        search: "货号、名称", "SKU, name";
        empty_title: "还没有产品", "No products yet";
        empty_text: "新建第一个产品，或在导入订单时自动建立。", "Create the first one, or let an import of orders make them.";
        created: "产品已创建", "The product is created";
        inactive: "停售", "Not sold";
        active_hint: "停售的产品不能再下单", "Without it nobody can order it";
        section_basic: "基本信息", "Basics";
        section_price: "价格与成本", "Price and cost";
        section_details: "资料", "Details";
        name_en: "英文名称", "English name";
        name_en_hint: "在英文界面显示", "Shown where the language is English";
        unit_hint: "件、箱、公斤…", "piece, box, kg …";
        price_hint: "下单时的默认单价，最多四位小数", "What orders begin with; up to four decimals";
        cost_hint: "用于计算毛利；留空则毛利等于全部售价", "For the margin; without it the whole price counts";
        description: "说明", "Description";
        margin: "毛利率", "Margin";
        deactivate: "停售", "Stop selling";
        activate: "恢复销售", "Sell again";
        delete_title: "删除此产品？", "Delete this product?";
        delete_text: "此操作无法撤销。已有订单或库存记录的产品不能删除，可改为停售。", "This cannot be undone. A product that orders or stock levels name cannot be deleted: stop selling it instead.";
        per_unit: "每{unit}", "per {unit}";
        changed: "最近更新", "Last change";
    }
}
