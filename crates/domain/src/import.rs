//! Imports: files of rows that become records.

pub(crate) mod cell;
mod contact;
pub mod correction;
mod customer;
mod order;
mod product;
mod reason;
mod row;
mod rows;
mod stock;
mod target;
mod ticket;
mod value;

pub use reason::{ReasonCount, RejectReason, RowProblem, reason_text};
pub use row::{OrderColumns, OrderRow};
pub use rows::{Parsed, RowReader, check_mapping};
pub use target::{Key, Layout, Mapping, Target, Targets, guess_mapping};
pub use value::{CellValue, Columns, Dictionaries, Reading, SEPARATORS, Values, needed};

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::order::OrderState;
use crate::permission::{Module, Operation};
use crate::{Field, FieldKind, FieldSet, ImportId, Timestamp, UserId};

choice! {
    /// What the rows of a file become.
    pub enum ImportRecord {
        Customers = "customers", "客户", "Customers";
        Contacts = "contacts", "联系人", "Contacts";
        Products = "products", "产品", "Products";
        StockLevels = "stock_levels", "库存", "Stock levels";
        Orders = "orders", "订单（含明细）", "Orders with lines";
        Tickets = "tickets", "服务单", "Tickets";
    }
}

impl ImportRecord {
    /// Whose permissions govern it.
    pub const fn module(self) -> Module {
        match self {
            Self::Customers => Module::Customers,
            Self::Contacts => Module::Contacts,
            Self::Products => Module::Products,
            Self::StockLevels => Module::Stock,
            Self::Orders => Module::Orders,
            Self::Tickets => Module::Tickets,
        }
    }
}

choice! {
    /// What rows may do.
    pub enum ImportMode {
        Create = "create", "仅新增", "Only add new ones";
        Update = "update", "仅更新已有记录", "Only update what is there";
        Upsert = "upsert", "新增或更新", "Add or update";
    }
}

impl ImportMode {
    /// The operations on records that it takes the right to.
    pub const fn operations(self) -> &'static [Operation] {
        match self {
            Self::Create => &[Operation::Create],
            Self::Update => &[Operation::Update],
            Self::Upsert => &[Operation::Create, Operation::Update],
        }
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
        RightsLost = "rights_lost", "启动导入的人已没有所需的权限", "Whoever started the import does not have the rights any more";
        Internal = "internal", "服务器内部错误", "Something went wrong in the server";
    }
}

/// What is wrong with a mapping: the target, and `missing_mapping` (a needed target has no column) or `reference` (no such
/// target or column).
pub type MappingError = (String, &'static str);

/// How an import treats what it meets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportSettings {
    /// What rows may do.
    pub mode: ImportMode,
    /// The key that tells which record a row means, where there are several; the first one if left out.
    pub match_by: Option<String>,
    /// A blank cell empties what an update finds there; else it leaves it.
    pub clear_blank: bool,
    /// Of orders: the state that they get; not `cancelled`, which needs a reason for each.
    #[validate(custom(function = "not_cancelled"))]
    pub order_state: OrderState,
    /// Of orders: make customers that do not exist yet.
    pub create_customers: bool,
    /// Of orders: make products that do not exist yet.
    pub create_products: bool,
    /// Of orders: refuse a row that repeats another row of its order exactly.
    pub refuse_repeats: bool,
    /// Of orders: the customer code for rows without one; without it they are rejected.
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
            mode: ImportMode::Create,
            match_by: None,
            clear_blank: false,
            order_state: OrderState::Completed,
            create_customers: true,
            create_products: true,
            refuse_repeats: false,
            default_customer: None,
            utc_offset_minutes: 0,
        }
    }
}

impl ImportSettings {
    /// What does not go together for this record type: member and code.
    pub fn check(&self, record: ImportRecord) -> Result<(), (&'static str, &'static str)> {
        if !record.layout().modes.contains(&self.mode) {
            return Err(("mode", "choice"));
        }
        if record.key(self.match_by.as_deref()).is_none() {
            return Err(("match_by", "choice"));
        }
        Ok(())
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
    /// `utf-8`, `gb18030` or `xlsx`.
    pub encoding: String,
    /// As guessed, then as run.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, String>))]
    pub mapping: Mapping,
    pub settings: ImportSettings,
    /// Rows read so far.
    pub read: i64,
    pub imported: i64,
    /// Of those imported: rows whose record was there already.
    pub updated: i64,
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

/// What an import would do, as far as that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportCheck {
    /// Rows that were tried, from the first one on.
    pub rows: i64,
    /// Those are all.
    pub complete: bool,
    /// Rows whose record would be made.
    pub created: i64,
    /// Rows whose record is there already.
    pub updated: i64,
    pub rejected: i64,
    /// Rows that refer to a record which is not there; a row further down may make it.
    pub waiting: i64,
    pub reasons: Vec<ReasonCount>,
    /// The first rows that would be rejected.
    pub findings: Vec<Finding>,
}

/// A row that would be rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// From 1, without the header.
    pub row: i64,
    /// Everything that is wrong with it, for people.
    pub messages: Vec<String>,
    pub cells: Vec<String>,
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
