//! Why rows were rejected, in both languages.

use serde::{Deserialize, Serialize};

use super::Targets;
use crate::{ErrorCode, FieldError, Lang};

choice! {
    /// Why a row was rejected, where it is no rule of the record's that it breaks.
    pub enum RejectReason {
        CustomerMissing = "customer_missing", "缺少客户编号", "No customer";
        CustomerUnknown = "customer_unknown", "客户不存在或无权限", "No such customer, or not yours";
        CustomerDiffers = "customer_differs", "同一订单的客户不一致", "The order belongs to another customer";
        CustomerBlacklisted = "customer_blacklisted", "客户在黑名单中", "The customer is blacklisted";
        CustomerArchived = "customer_archived", "客户已归档", "The customer is archived";
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
        OrderChanged = "order_changed", "订单状态已变，不能再补充明细", "The order has moved on: it takes no more lines";
        RowRepeated = "row_repeated", "重复的行", "The row repeats another one";
        AlreadyImported = "already_imported", "该行已导入", "The row was imported before";
        ColumnsDiffer = "columns_differ", "列数与表头不符", "Not as many columns as the header";
        NotText = "not_text", "编码无法识别", "Not readable as text";
        KeyMissing = "key_missing", "缺少用于匹配的值", "Nothing to match the record by";
        NotFound = "not_found", "没有匹配的记录或无权修改", "No such record, or not yours to change";
        Ambiguous = "ambiguous", "匹配到多条记录", "Several records match";
        Failed = "failed", "写入时出错", "It could not be written";
    }
}

/// What a code of a rejection means: a reason of imports, a code of the API's errors, or of its members.
pub fn reason_text(code: &str, lang: Lang) -> &'static str {
    if let Ok(reason) = code.parse::<RejectReason>() {
        return reason.label(lang);
    }
    ErrorCode::ALL
        .iter()
        .find(|known| known.as_str() == code)
        .map_or_else(
            || ErrorCode::field_message(code, lang),
            |known| known.title(lang),
        )
}

/// One thing that is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowProblem {
    /// The column that it is wrong in: a target's name.
    pub target: Option<String>,
    /// Stable: as the API has it.
    pub code: String,
    pub zh: String,
    pub en: String,
}

impl RowProblem {
    /// Of the row as a whole.
    pub fn of_row(code: &str) -> Self {
        Self {
            target: None,
            code: code.to_owned(),
            zh: reason_text(code, Lang::Zh).to_owned(),
            en: reason_text(code, Lang::En).to_owned(),
        }
    }

    /// In a column.
    pub fn at(target: &str, code: &str) -> Self {
        Self {
            target: Some(target.to_owned()),
            ..Self::of_row(code)
        }
    }

    /// What the API would answer at a member of the input: `/company/bank` is the column `company.bank`.
    pub fn pointed(pointer: &str, code: &str) -> Self {
        match target_of(pointer) {
            Some(target) => Self::at(&target, code),
            None => Self::of_row(code),
        }
    }

    /// The same rule's messages in both languages.
    pub fn of_rules(zh: FieldError, en: FieldError) -> Self {
        Self {
            target: target_of(&zh.pointer),
            code: zh.code,
            zh: zh.message,
            en: en.message,
        }
    }

    /// For people: the column and what is wrong in it.
    pub fn text(&self, targets: &Targets, lang: Lang) -> String {
        let message = lang.pick(&self.zh, &self.en);
        match self.target.as_deref() {
            None => message.clone(),
            Some(name) => {
                let label = targets.get(name).map_or(name, |target| target.label(lang));
                format!("{label}{}{message}", lang.pick("：", ": "))
            }
        }
    }

    /// For programs: `email:email`, `order_exists`.
    pub fn word(&self) -> String {
        match &self.target {
            None => self.code.clone(),
            Some(target) => format!("{target}:{}", self.code),
        }
    }
}

fn target_of(pointer: &str) -> Option<String> {
    let name = pointer.strip_prefix('/')?.replace('/', ".");
    (!name.is_empty()).then_some(name)
}

/// How often a reason was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReasonCount {
    /// Stable: as in the errors of the API, or a word of imports.
    pub reason: String,
    /// The column that is wrong: a target's name.
    #[serde(default)]
    pub target: Option<String>,
    pub rows: i64,
}

impl ReasonCount {
    /// For people.
    pub fn text(&self, targets: &Targets, lang: Lang) -> String {
        let problem = match &self.target {
            Some(target) => RowProblem::at(target, &self.reason),
            None => RowProblem::of_row(&self.reason),
        };
        problem.text(targets, lang)
    }

    /// Counts a rejected row under the first thing that is wrong with it.
    pub fn count(all: &mut Vec<Self>, problems: &[RowProblem], rows: i64) {
        let Some(first) = problems.first() else {
            return;
        };
        let found = all
            .iter_mut()
            .find(|r| r.reason == first.code && r.target == first.target);
        match found {
            Some(found) => found.rows += rows,
            None => all.push(Self {
                reason: first.code.clone(),
                target: first.target.clone(),
                rows,
            }),
        }
        all.retain(|reason| reason.rows > 0);
        all.sort_by(|a, b| (&a.target, &a.reason).cmp(&(&b.target, &b.reason)));
    }
}

impl From<RejectReason> for RowProblem {
    fn from(reason: RejectReason) -> Self {
        Self::of_row(reason.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::ImportRecord;

    #[test]
    fn problems_are_told_in_both_languages() {
        let problem = RowProblem::pointed("/company/bank", "length");
        assert_eq!(problem.target.as_deref(), Some("company.bank"));
        let record = ImportRecord::Customers;
        let targets = Targets::new(record, record.fields());
        let text = |lang| RowProblem::at("email", "email").text(&targets, lang);
        assert_eq!(text(Lang::En), "E-mail: not a valid e-mail address");
        assert_eq!(text(Lang::Zh), "邮箱：不是有效的邮箱地址");
        assert_eq!(RowProblem::at("email", "email").word(), "email:email");
        assert_eq!(
            RowProblem::from(RejectReason::OrderExists).text(&targets, Lang::En),
            "The order exists already"
        );
        assert_eq!(reason_text("taken", Lang::En), "The value is already taken");
    }

    #[test]
    fn every_code_that_cells_are_refused_with_has_a_text() {
        let unknown = ErrorCode::field_message("no such code", Lang::En);
        for code in [
            "choice",
            "number",
            "money",
            "date",
            "boolean",
            "dictionary",
            "reference",
            "length",
            "range",
        ] {
            assert_ne!(reason_text(code, Lang::En), unknown, "{code}");
        }
    }

    #[test]
    fn rows_are_counted_by_their_first_problem() {
        let mut all = Vec::new();
        let phone = [
            RowProblem::at("phone", "phone"),
            RowProblem::at("name", "required"),
        ];
        ReasonCount::count(&mut all, &phone, 1);
        ReasonCount::count(&mut all, &phone, 1);
        ReasonCount::count(&mut all, &[RowProblem::of_row("taken")], 1);
        assert_eq!(
            all.iter()
                .map(|r| (r.reason.as_str(), r.rows))
                .collect::<Vec<_>>(),
            [("taken", 1), ("phone", 2)]
        );
        ReasonCount::count(&mut all, &phone, -2);
        assert_eq!(all.len(), 1);
    }
}
