//! An empty file to fill in.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use guanxi_domain::export::ExportFormat;
use guanxi_domain::import::{ImportRecord, SEPARATORS, Target, Targets};
use guanxi_domain::{FieldKind, Lang};
use guanxi_persistence::QueryError;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::auth::Require;
use crate::csv::{BYTE_ORDER_MARK, line};
use crate::list::{FixedQuery, Known};
use crate::permission::{Create, Imports};
use crate::{ApiError, ApiResult, App};

/// The parameters of a template.
pub struct Template {
    record: ImportRecord,
    format: ExportFormat,
}

impl FixedQuery for Template {
    const NAMES: &'static [&'static str] = &["record", "format"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let invalid = |name: &str, expected: String| QueryError::Invalid(name.to_owned(), expected);
        let record = get("record").unwrap_or_default();
        let format = get("format").unwrap_or_else(|| ExportFormat::Csv.to_string());
        Ok(Self {
            record: record.parse().map_err(|e| invalid("record", e))?,
            format: format.parse().map_err(|e| invalid("format", e))?,
        })
    }
}

/// Get an empty file to fill in
///
/// With the columns that imports of this record type take, named in the caller's language; a star marks those that a new
/// record needs. The workbook has a second sheet that tells what each column takes.
#[utoipa::path(
    tag = "imports",
    params(
        ("record" = ImportRecord, Query, description = "What the rows become"),
        ("format" = Option<ExportFormat>, Query, description = "`csv` if left out")
    ),
    responses((
        status = 200,
        description = "The file",
        content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )
    ))
)]
#[get("/imports/template")]
pub async fn get_import_template(
    who: Require<Create<Imports>>,
    query: Known<Template>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let Template { record, format } = query.value;
    let lang = who.lang();
    let targets = app
        .db
        .read(move |c| guanxi_persistence::import::batch::targets(c, record))
        .await?;
    let (kind, bytes) = match format {
        ExportFormat::Csv => {
            let mut file = BYTE_ORDER_MARK.to_vec();
            let headers = targets.iter().map(|t| header_of(t, lang).into());
            line(&mut file, headers).map_err(|e| ApiError::internal(&e))?;
            ("text/csv; charset=utf-8", file)
        }
        ExportFormat::Xlsx => {
            let dictionaries = app.db.read(guanxi_persistence::dictionary::all).await?;
            let words = |dictionary: &str| -> Vec<String> {
                let entries = dictionaries.iter().map(|entry| &entry.input);
                entries
                    .filter(|e| e.dictionary.as_str() == dictionary && e.active)
                    .map(|e| e.label(lang).to_owned())
                    .collect()
            };
            let book = workbook(&targets, lang, words).map_err(|e| ApiError::internal(&e))?;
            (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                book,
            )
        }
    };
    let disposition = format!("attachment; filename=\"{record}-template.{format}\"");
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .body(bytes))
}

fn header_of(target: &Target, lang: Lang) -> String {
    let star = if target.required { "*" } else { "" };
    format!("{}{star}", target.label(lang))
}

fn workbook(
    targets: &Targets,
    lang: Lang,
    words: impl Fn(&str) -> Vec<String>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    // So that what is typed there stays as it is: 0571 is no number.
    let text = Format::new().set_num_format("@");
    let sheet = book.add_worksheet();
    sheet.set_name(targets.record.module().label(lang))?;
    sheet.set_freeze_panes(1, 0)?;
    for (at, target) in (0..).zip(targets.iter()) {
        sheet.set_column_width(at, 18)?;
        if matches!(target.kind, FieldKind::Text | FieldKind::Reference(_)) {
            sheet.set_column_format(at, &text)?;
        }
        sheet.write_string_with_format(0, at, header_of(target, lang), &bold)?;
    }
    let sheet = book.add_worksheet();
    sheet.set_name(lang.pick("填写说明", "What to fill in"))?;
    sheet.set_column_width(0, 24)?;
    sheet.set_column_width(1, 90)?;
    for (row, target) in (0..).zip(targets.iter()) {
        sheet.write_string_with_format(row, 0, header_of(target, lang), &bold)?;
        sheet.write_string(row, 1, takes(target, lang, &words))?;
    }
    book.save_to_buffer()
}

/// What a column takes, for people.
fn takes(target: &Target, lang: Lang, words: impl Fn(&str) -> Vec<String>) -> String {
    let separator = lang.pick("、", ", ");
    let text = match target.kind {
        FieldKind::Text => lang.pick("文本", "Text"),
        FieldKind::Link => lang.pick("网址", "A web address"),
        FieldKind::Choice(choices) | FieldKind::ManyOf(choices) => {
            let labels = choices.labels.iter().map(|(zh, en)| *lang.pick(zh, en));
            return labels.collect::<Vec<_>>().join(separator);
        }
        FieldKind::Dictionary(dictionary) => return words(dictionary).join(separator),
        FieldKind::Reference("users") => lang.pick("邮箱或姓名", "E-mail or name"),
        FieldKind::Reference("departments") => lang.pick("部门名称", "Name"),
        FieldKind::Reference("contacts") => lang.pick(
            "该客户的联系人：姓名、邮箱或手机",
            "Of this customer: name, e-mail or mobile",
        ),
        FieldKind::Reference("products") => lang.pick("货号或名称", "SKU or name"),
        FieldKind::Reference("orders") => lang.pick("订单号", "Number"),
        FieldKind::Reference(_) => lang.pick("编号或名称", "Code or name"),
        FieldKind::Integer => lang.pick("整数", "A whole number"),
        FieldKind::Quantity => {
            lang.pick("数字，最多三位小数", "A number with up to three decimals")
        }
        FieldKind::Money => lang.pick("金额", "An amount"),
        FieldKind::UnitPrice => lang.pick("单价，最多四位小数", "A price with up to four decimals"),
        FieldKind::Proportion => lang.pick("0 到 1 的小数", "A decimal number from 0 to 1"),
        FieldKind::Boolean => lang.pick("是、否", "Yes, No"),
        FieldKind::Date => lang.pick("日期，例如 2026-11-22", "A date, as in 2026-11-22"),
        FieldKind::Timestamp => lang.pick(
            "日期和时间，例如 2026-11-22 08:30",
            "Date and time, as in 2026-11-22 08:30",
        ),
        FieldKind::Tags => {
            let [separator, ..] = SEPARATORS;
            return lang
                .pick(
                    format_args!("多个值用 {separator} 分隔"),
                    format_args!("Several separated by {separator}"),
                )
                .to_string();
        }
    };
    text.to_owned()
}
