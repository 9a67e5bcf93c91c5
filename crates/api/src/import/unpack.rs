//! What an uploaded file is, by its first bytes, and that it unpacks to no more than it may.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::reader::ReadError;
use super::workbook::write_csv;

/// How a file is packed.
enum Packing {
    Workbook,
    Gzip,
    None,
}

impl Packing {
    fn of(path: &Path) -> io::Result<Self> {
        let mut first = Vec::new();
        File::open(path)?.take(4).read_to_end(&mut first)?;
        Ok(match first.as_slice() {
            b"PK\x03\x04" => Self::Workbook,
            [0x1f, 0x8b, ..] => Self::Gzip,
            _ => Self::None,
        })
    }
}

/// If a file is a workbook, the first sheet of it as CSV takes its place; says whether it was.
///
/// `limit`: the bytes that it may unpack to.
pub fn unpack_in_place(path: &Path, limit: u64) -> Result<bool, ReadError> {
    match Packing::of(path)? {
        Packing::None => Ok(false),
        Packing::Gzip => measure(path, limit).map(|()| false),
        Packing::Workbook => {
            let folder = path.parent().unwrap_or(Path::new("."));
            let csv = tempfile::NamedTempFile::new_in(folder)?;
            write_csv(path, csv.path(), limit)?;
            csv.persist(path).map_err(|e| ReadError::Io(e.error))?;
            Ok(true)
        }
    }
}

/// Refuses a file that unpacks to more than it may.
fn measure(path: &Path, limit: u64) -> Result<(), ReadError> {
    let unpacked = MultiGzDecoder::new(io::BufReader::new(File::open(path)?));
    let bytes = io::copy(&mut unpacked.take(limit.saturating_add(1)), &mut io::sink())?;
    if bytes > limit {
        return Err(ReadError::TooLarge);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("room on the disk");
        file
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&vec![b'\n'; 1 << 20]).expect("memory");
        let mut packed = packed.finish().expect("memory");
        assert!(packed.len() < 2_000);
        let file_of = file(&packed);
        assert!(matches!(
            unpack_in_place(file_of.path(), 1 << 20),
            Ok(false)
        ));
        let refused = unpack_in_place(file_of.path(), (1 << 20) - 1);
        assert!(matches!(refused, Err(ReadError::TooLarge)), "{refused:?}");
        // Several such pieces are one file.
        packed.extend_from_slice(&packed.clone());
        let refused = unpack_in_place(file(&packed).path(), 1 << 20);
        assert!(matches!(refused, Err(ReadError::TooLarge)), "{refused:?}");
    }

    #[test]
    fn what_is_short_is_no_workbook() {
        assert!(matches!(unpack_in_place(file(b"PK").path(), 1), Ok(false)));
    }
}
