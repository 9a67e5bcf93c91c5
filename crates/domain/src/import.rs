//! Imports: files of rows that become records.

pub(crate) mod cell;
pub mod correction;
mod row;

pub use row::{MappingError, OrderColumns, OrderRow};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::order::OrderState;
use crate::{Field, FieldKind, FieldSet, ImportId, Lang, Timestamp, UserId};

choice! {
    /// What the rows of a file become.
    pub enum ImportRecord {
        Orders = "orders", "订单（含明细）", "Orders with lines";
    }
}

choice! {
    pub enum ImportState {
        /// Uploaded; the mapping is still open.
        Uploaded = "uploaded", "待映射", "Uploaded";
        /// Waits for its turn.
        Queued = "queued", "排队中", "Queued";
        Running = "running", "进行中", "Running";
        Done = "done", "已完成", "Done";
        Cancelled = "cancelled", "已取消", "Cancelled";
        Failed = "failed", "失败", "Failed";
    }
}

choice! {
    /// Why an import ended before the file did.
    pub enum ImportFailure {
        FileMissing = "file_missing", "上传的文件已不存在", "The uploaded file is gone";
        FileUnreadable = "file_unreadable", "文件损坏，无法继续读取", "The file is damaged and cannot be read on";
        RowTooLong = "row_too_long", "有一行过长，可能缺少右引号", "A row is too long; a closing quotation mark may be missing";
        MappingInvalid = "mapping_invalid", "列的对应关系与文件不符", "The mapping does not fit the file";
        AccountClosed = "account_closed", "启动导入的账号已停用", "The account that started the import may not be used any more";
        Internal = "internal", "服务器内部错误", "Something went wrong in the server";
    }
}

/// A column that an import can take.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub name: &'static str,
    pub required: bool,
    pub zh: &'static str,
    pub en: &'static str,
    /// Headers that mean this column, in lower case without blanks, `_`, `-` and `.`.
    pub headers: &'static [&'static str],
}

impl Target {
    pub const fn label(&self, lang: Lang) -> &'static str {
        lang.pick(self.zh, self.en)
    }
}

/// The columns of an import of orders: one row is one line.
pub const ORDER_TARGETS: &[Target] = &[
    Target {
        name: "order_number",
        required: true,
        zh: "订单号",
        en: "Order number",
        headers: &[
            "invoice",
            "invoiceno",
            "invoicenumber",
            "order",
            "orderno",
            "ordernumber",
            "orderid",
            "number",
            "订单号",
            "单号",
            "发票号",
            "订单编号",
            "单据编号",
        ],
    },
    Target {
        name: "ordered_at",
        required: true,
        zh: "下单时间",
        en: "Ordered at",
        headers: &[
            "invoicedate",
            "orderdate",
            "orderedat",
            "date",
            "datetime",
            "time",
            "日期",
            "下单时间",
            "订单日期",
            "下单日期",
            "单据日期",
        ],
    },
    Target {
        name: "customer_code",
        required: true,
        zh: "客户编号",
        en: "Customer code",
        headers: &[
            "customer",
            "customerid",
            "customercode",
            "customerno",
            "customernumber",
            "client",
            "客户",
            "客户编号",
            "客户编码",
            "客户代码",
        ],
    },
    Target {
        name: "customer_name",
        required: false,
        zh: "客户名称",
        en: "Customer name",
        headers: &["customername", "clientname", "客户名称", "客户名"],
    },
    Target {
        name: "region",
        required: false,
        zh: "国家或地区",
        en: "Country or region",
        headers: &["country", "region", "国家", "地区", "区域"],
    },
    Target {
        name: "sku",
        required: true,
        zh: "货号",
        en: "SKU",
        headers: &[
            "sku",
            "stockcode",
            "productcode",
            "item",
            "itemcode",
            "product",
            "productid",
            "货号",
            "产品编码",
            "商品编码",
            "物料编码",
        ],
    },
    Target {
        name: "description",
        required: false,
        zh: "品名",
        en: "Description",
        headers: &[
            "description",
            "productname",
            "itemname",
            "name",
            "品名",
            "商品名称",
            "产品名称",
            "描述",
        ],
    },
    Target {
        name: "quantity",
        required: true,
        zh: "数量",
        en: "Quantity",
        headers: &["quantity", "qty", "amount", "数量"],
    },
    Target {
        name: "unit_price",
        required: true,
        zh: "单价",
        en: "Unit price",
        headers: &["unitprice", "price", "单价", "价格"],
    },
    Target {
        name: "discount",
        required: false,
        zh: "折扣额",
        en: "Discount",
        headers: &["discount", "折扣", "折扣额"],
    },
];

/// The columns that a kind of import takes.
pub const fn targets(record: ImportRecord) -> &'static [Target] {
    match record {
        ImportRecord::Orders => ORDER_TARGETS,
    }
}

/// Which column of the file feeds which target: target name → header.
pub type Mapping = BTreeMap<String, String>;

/// Guesses the mapping from the headers; each header is used once.
pub fn guess_mapping(record: ImportRecord, headers: &[String]) -> Mapping {
    let plain = |h: &str| h.trim().to_lowercase().replace([' ', '_', '-', '.'], "");
    let mut mapping = Mapping::new();
    for target in targets(record) {
        let found = target.headers.iter().find_map(|wanted| {
            headers
                .iter()
                .find(|h| plain(h) == *wanted && !mapping.values().any(|used| used == *h))
        });
        if let Some(header) = found {
            mapping.insert(target.name.to_owned(), header.clone());
        }
    }
    mapping
}

/// How an import treats what it meets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportSettings {
    /// The state that imported orders get; not `cancelled`, which needs a reason for each.
    #[validate(custom(function = "not_cancelled"))]
    pub order_state: OrderState,
    /// Make customers that do not exist yet.
    pub create_customers: bool,
    /// Make products that do not exist yet.
    pub create_products: bool,
    /// Refuse a row that repeats another row of its order exactly.
    pub refuse_repeats: bool,
    /// The customer code for rows without one; without it they are rejected.
    #[validate(
        length(min = 1, max = 40),
        custom(function = "crate::customer::check_code")
    )]
    pub default_customer: Option<String>,
    /// Minutes that the file's local times are ahead of UTC.
    #[validate(range(min = -840, max = 840))]
    pub utc_offset_minutes: i32,
}

fn not_cancelled(state: &OrderState) -> Result<(), ValidationError> {
    if *state == OrderState::Cancelled {
        Err(ValidationError::new("reason"))
    } else {
        Ok(())
    }
}

impl Default for ImportSettings {
    fn default() -> Self {
        Self {
            order_state: OrderState::Completed,
            create_customers: true,
            create_products: true,
            refuse_repeats: false,
            default_customer: None,
            utc_offset_minutes: 0,
        }
    }
}

/// Starts an import.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportRun {
    /// Target name → header of the file.
    pub mapping: Mapping,
    #[serde(default)]
    #[validate(nested)]
    pub settings: ImportSettings,
}

choice! {
    /// Why a row was rejected.
    pub enum RejectReason {
        CustomerMissing = "customer_missing", "缺少客户编号", "No customer";
        CustomerUnknown = "customer_unknown", "客户不存在或无权限", "No such customer, or not yours";
        CustomerDiffers = "customer_differs", "同一订单的客户不一致", "The order belongs to another customer";
        CodeInvalid = "code_invalid", "编号含有不允许的字符或过长", "A code is too long or has characters that are not allowed";
        ProductUnknown = "product_unknown", "产品不存在", "No such product";
        SkuMissing = "sku_missing", "缺少货号", "No SKU";
        NumberMissing = "number_missing", "缺少订单号", "No order number";
        DateInvalid = "date_invalid", "日期无法识别", "The date cannot be read";
        QuantityInvalid = "quantity_invalid", "数量无法识别", "The quantity cannot be read";
        QuantityZero = "quantity_zero", "数量为零", "The quantity is zero";
        PriceInvalid = "price_invalid", "单价无法识别", "The price cannot be read";
        PriceNegative = "price_negative", "单价为负", "The price is negative";
        DiscountInvalid = "discount_invalid", "折扣无法识别", "The discount cannot be read";
        AmountTooLarge = "amount_too_large", "金额过大", "The amount is too large";
        OrderExists = "order_exists", "订单已存在", "The order exists already";
        RowRepeated = "row_repeated", "重复的行", "The row repeats another one";
        AlreadyImported = "already_imported", "该行已导入", "The row was imported before";
        ColumnsDiffer = "columns_differ", "列数与表头不符", "Not as many columns as the header";
        NotText = "not_text", "编码无法识别", "Not readable as text";
    }
}

/// How often a reason was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReasonCount {
    pub reason: RejectReason,
    pub rows: i64,
}

/// An import as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Import {
    pub id: ImportId,
    pub version: i64,
    pub record: ImportRecord,
    pub state: ImportState,
    pub filename: String,
    pub bytes: i64,
    /// The file's header.
    pub headers: Vec<String>,
    /// The first rows.
    pub samples: Vec<Vec<String>>,
    /// `utf-8` or `gb18030`.
    pub encoding: String,
    /// As guessed, then as run.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, String>))]
    pub mapping: Mapping,
    pub settings: ImportSettings,
    /// Rows read so far.
    pub read: i64,
    pub imported: i64,
    pub rejected: i64,
    pub reasons: Vec<ReasonCount>,
    /// 0 to 100, by the bytes read.
    pub percent: i32,
    /// Why it failed.
    pub failure: Option<ImportFailure>,
    pub by: Option<UserId>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// The fields of an import.
pub const FIELDS: FieldSet = FieldSet {
    record: "imports",
    default_sort: "-created_at",
    fields: &[
        Field::new("filename", FieldKind::Text, "文件名", "File"),
        Field::new(
            "record",
            FieldKind::Choice(ImportRecord::CHOICES),
            "导入内容",
            "Record",
        )
        .unsorted(),
        Field::new(
            "state",
            FieldKind::Choice(ImportState::CHOICES),
            "状态",
            "State",
        )
        .unsorted(),
        Field::new("by", FieldKind::Reference("users"), "导入人", "Imported by")
            .optional()
            .unsorted(),
        Field::new("created_at", FieldKind::Timestamp, "上传时间", "Uploaded"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_guessed_in_both_languages() {
        let guess = |headers: &[&str]| {
            guess_mapping(
                ImportRecord::Orders,
                &headers.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>(),
            )
        };
        let retail = guess(&[
            "invoice",
            "stock_code",
            "description",
            "quantity",
            "invoice_date",
            "unit_price",
            "customer_id",
            "country",
        ]);
        assert_eq!(retail.len(), 8);
        assert_eq!(retail["order_number"], "invoice");
        assert_eq!(retail["sku"], "stock_code");
        let chinese = guess(&["订单号", "日期", "客户编号", "货号", "数量", "单价"]);
        assert_eq!(chinese.len(), 6);
        assert!(guess(&["foo"]).is_empty());
    }
}
