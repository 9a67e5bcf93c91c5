//! A report as a mail: what people read without opening anything.

use std::fmt::Write as _;

use super::{DayRange, ReportTable};
use crate::export::Cell;
use crate::{FieldKind, Lang};

/// Rows and columns of the table in a mail, at most; the file and the app have them all.
const ROWS: usize = 50;
const COLUMNS: usize = 12;

/// What goes into a mail besides the figures.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    pub report: &'a str,
    pub company: &'a str,
    pub recipient: &'a str,
    pub currency: &'a str,
    pub range: DayRange,
    pub before: Option<DayRange>,
    pub table: &'a ReportTable,
    /// The report in the app.
    pub link: Option<&'a str>,
    pub has_attachment: bool,
    pub lang: Lang,
}

/// A mail's subject and its two bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Letter<'_> {
    pub fn write(&self) -> Written {
        Written {
            subject: format!("{} · {}", self.report, self.days(self.range)),
            text: self.text(),
            html: self.html(),
        }
    }

    fn days(&self, range: DayRange) -> String {
        let lang = self.lang;
        match (range.from, range.to) {
            (Some(from), Some(to)) if from == to => from.to_string(),
            (Some(from), Some(to)) => lang
                .pick(
                    format_args!("{from} 至 {to}"),
                    format_args!("{from} to {to}"),
                )
                .to_string(),
            (Some(from), None) => lang
                .pick(format_args!("{from} 起"), format_args!("since {from}"))
                .to_string(),
            (None, Some(to)) => lang
                .pick(format_args!("截至 {to}"), format_args!("until {to}"))
                .to_string(),
            (None, None) => lang.pick("全部时间", "all time").to_owned(),
        }
    }

    /// Lines above the table: the period, what it is compared with, the currency.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let lang = self.lang;
        let mut facts = vec![(lang.pick("时段", "Period"), self.days(self.range))];
        if let Some(before) = self.before {
            facts.push((lang.pick("对比", "Compared with"), self.days(before)));
        }
        if self.table.kinds.contains(&FieldKind::Money) {
            facts.push((lang.pick("货币", "Currency"), self.currency.to_owned()));
        }
        facts
    }

    /// What is not in the table, and where it is.
    fn left_out(&self) -> Option<String> {
        let (rows, columns) = self.shown();
        let all = self.table.rows.len().saturating_sub(1);
        if rows == all && columns == self.table.headers.len() {
            return None;
        }
        let lang = self.lang;
        let elsewhere = if self.has_attachment {
            lang.pick("完整数据见附件。", "The attachment has everything.")
        } else {
            lang.pick("完整数据请在系统中查看。", "The app has everything.")
        };
        let (of, width) = (all, self.table.headers.len());
        Some(match lang {
            Lang::Zh => {
                format!("此处显示 {of} 行中的 {rows} 行、{width} 列中的 {columns} 列。{elsewhere}")
            }
            Lang::En => format!(
                "Shown are {rows} of {of} rows and {columns} of {width} columns. {elsewhere}"
            ),
        })
    }

    /// Rows without the total, and columns, that are shown.
    fn shown(&self) -> (usize, usize) {
        let rows = self.table.rows.len().saturating_sub(1);
        (rows.min(ROWS), self.table.headers.len().min(COLUMNS))
    }

    /// The rows that are shown, the total last.
    fn rows(&self) -> impl Iterator<Item = &Vec<Cell>> {
        let (rows, _) = self.shown();
        let total = self.table.rows.last();
        self.table.rows.iter().take(rows).chain(total)
    }

    fn why(&self) -> String {
        let (report, name) = (self.report, self.recipient);
        match self.lang {
            Lang::Zh => format!(
                "{name}，您好：这封邮件由系统按计划发送，数字只包含您有权查看的订单。不想再收到“{report}”，可在报表页面退订。"
            ),
            Lang::En => format!(
                "Dear {name}, this was sent by schedule; the figures are those of the orders that you may see. To get no more of \"{report}\", unsubscribe on the report's page."
            ),
        }
    }

    fn text(&self) -> String {
        let (_, columns) = self.shown();
        let mut text = format!("{}\n{}\n\n", self.report, self.company);
        for (name, value) in self.facts() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name}: {value}");
        }
        text.push('\n');
        let line = |cells: Vec<String>| cells.join(" | ");
        let headers = self.table.headers.iter().take(columns).cloned();
        let _ = writeln!(text, "{}", line(headers.collect()));
        for row in self.rows() {
            let cells = row.iter().zip(&self.table.kinds).take(columns);
            let cells = cells.map(|(cell, kind)| shown(cell, *kind));
            let _ = writeln!(text, "{}", line(cells.collect()));
        }
        if let Some(note) = self.left_out() {
            let _ = write!(text, "\n{note}\n");
        }
        if let Some(link) = self.link {
            let open = self.lang.pick("在系统中打开", "Open in the app");
            let _ = write!(text, "\n{open}: {link}\n");
        }
        let _ = write!(text, "\n{}\n", self.why());
        text
    }

    fn html(&self) -> String {
        let (rows, columns) = self.shown();
        let mut html = String::from(HEAD);
        let _ = write!(
            html,
            "<h1 style=\"font-size:18px;margin:0 0 2px\">{}</h1><p style=\"{MUTED}\">{}",
            escaped(self.report),
            escaped(self.company)
        );
        for (name, value) in self.facts() {
            let _ = write!(html, " · {name} {}", escaped(&value));
        }
        html.push_str("</p><div style=\"overflow-x:auto\"><table style=\"border-collapse:collapse;font-size:13px\"><thead><tr>");
        let kinds = &self.table.kinds;
        for (header, kind) in self.table.headers.iter().zip(kinds).take(columns) {
            let align = side(*kind);
            let _ = write!(
                html,
                "<th style=\"{CELL};text-align:{align};background:#f3f4f6;color:#111827\">{}</th>",
                escaped(header)
            );
        }
        html.push_str("</tr></thead><tbody>");
        for (number, row) in self.rows().enumerate() {
            let weight = if number == rows {
                ";font-weight:600"
            } else {
                ""
            };
            html.push_str("<tr>");
            for (cell, kind) in row.iter().zip(kinds).take(columns) {
                let (align, text) = (side(*kind), shown(cell, *kind));
                let _ = write!(
                    html,
                    "<td style=\"{CELL};text-align:{align}{weight}\">{}</td>",
                    escaped(&text)
                );
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table></div>");
        if let Some(note) = self.left_out() {
            let _ = write!(html, "<p style=\"{MUTED}\">{note}</p>");
        }
        if let Some(link) = self.link {
            let open = self.lang.pick("在系统中打开", "Open in the app");
            let _ = write!(
                html,
                "<p style=\"margin:16px 0\"><a href=\"{}\" style=\"color:#1d4ed8\">{open}</a></p>",
                escaped(link)
            );
        }
        let _ = write!(
            html,
            "<p style=\"{MUTED}\">{}</p></body></html>",
            escaped(&self.why())
        );
        html
    }
}

const HEAD: &str = "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"></head>\
<body style=\"margin:0;padding:16px;font-family:-apple-system,'Segoe UI','PingFang SC','Microsoft YaHei',sans-serif;font-size:14px\">";
const MUTED: &str = "color:#6b7280;font-size:12px;margin:0 0 12px";
const CELL: &str = "border:1px solid #d1d5db;padding:4px 8px;white-space:nowrap";

const fn side(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "left",
        _ => "right",
    }
}

/// A cell as people read it.
fn shown(cell: &Cell, kind: FieldKind) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) if kind == FieldKind::Proportion => match number.parse::<f64>() {
            Ok(share) => format!("{:.1}%", share * 100.0),
            Err(_) => number.clone(),
        },
        Cell::Number(number) => grouped(number),
        Cell::Date(date) => date.to_string(),
        Cell::Time(time) => time.to_string(),
    }
}

/// A decimal number with its thousands apart: 1,234,567.80.
fn grouped(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let (whole, decimals) = match digits.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (digits, None),
    };
    let mut text = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(decimals) = decimals {
        text.push('.');
        text.push_str(decimals);
    }
    text
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Cell {
        Cell::Number(text.to_owned())
    }

    fn table(rows: usize) -> ReportTable {
        let row = |name: &str| {
            vec![
                Cell::Text(name.to_owned()),
                number("-1234567.80"),
                number("0.2553"),
            ]
        };
        let mut all: Vec<_> = (0..rows).map(|_| row("<b>华东</b> & \"Co\"")).collect();
        all.push(row("合计"));
        ReportTable {
            headers: ["客户地区", "销售额", "毛利率"].map(str::to_owned).into(),
            kinds: vec![FieldKind::Text, FieldKind::Money, FieldKind::Proportion],
            rows: all,
        }
    }

    fn letter(table: &ReportTable, lang: Lang) -> Written {
        let day = |text: &str| text.parse().ok();
        Letter {
            report: "各地区 <销售>",
            company: "晨光商贸",
            recipient: "李雷",
            currency: "CNY",
            range: DayRange {
                from: day("2026-11-01"),
                to: day("2026-11-22"),
            },
            before: None,
            table,
            link: Some("https://crm.example.com/reports/1?a=1&b=2"),
            has_attachment: true,
            lang,
        }
        .write()
    }

    #[test]
    fn figures_are_read_as_people_write_them() {
        let written = letter(&table(1), Lang::Zh);
        assert_eq!(written.subject, "各地区 <销售> · 2026-11-01 至 2026-11-22");
        assert!(written.text.contains("-1,234,567.80 | 25.5%"));
        assert!(written.html.contains(">-1,234,567.80</td>"));
        assert!(!written.text.contains("附件"), "everything is there");
    }

    #[test]
    fn names_are_no_markup() {
        let html = letter(&table(1), Lang::En).html;
        assert!(html.contains("&lt;b&gt;华东&lt;/b&gt; &amp; &quot;Co&quot;"));
        assert!(html.contains("a=1&amp;b=2"));
        assert!(!html.contains("<b>") && !html.contains("<销售>"));
    }

    #[test]
    fn long_tables_end_with_the_total_and_say_so() {
        let written = letter(&table(400), Lang::En);
        let note = "Shown are 50 of 400 rows and 3 of 3 columns. The attachment has everything.";
        assert!(written.text.contains(note) && written.html.contains(note));
        assert_eq!(written.html.matches("<tr>").count(), 52);
        let total = written.html.rfind("合计").expect("a total");
        assert!(total > written.html.rfind("华东").expect("a row"));
        assert!(written.html.len() < 40_000, "{}", written.html.len());
    }

    #[test]
    fn thousands_stand_apart() {
        for (plain, read) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-12345.678", "-12,345.678"),
        ] {
            assert_eq!(grouped(plain), read);
        }
    }
}
