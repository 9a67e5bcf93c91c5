//! CSV as it is handed out: RFC 4180, in UTF-8 with a mark that says so.

use std::borrow::Cow;

/// Tells spreadsheets that the text is UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Adds a line. The cells have been made safe for spreadsheets: see [`guanxi_domain::formula`].
pub fn line<'a>(
    text: &mut Vec<u8>,
    cells: impl Iterator<Item = Cow<'a, str>>,
) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(text);
    for cell in cells {
        writer.write_field(cell.as_bytes())?;
    }
    writer.write_record(None::<&[u8]>)?;
    Ok(writer.flush()?)
}
