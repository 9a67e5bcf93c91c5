//! The file of a backup: the database's own format, and behind it the manifest, its length and a mark.
//!
//! `sqlite3` and `pg_restore` read such a file as it is: neither minds what follows.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Take, Write};
use std::path::Path;

use guanxi_domain::backup::Manifest;
use sha2::{Digest, Sha256};

use super::{at_path, failed};
use crate::Result;
use crate::hex::hex;

/// How the file is made up.
pub const FORMAT: i32 = 1;
const MARK: &[u8; 8] = b"GXBACKUP";
/// The length of the manifest and the mark.
const FOOTER: u64 = 16;
/// No manifest is longer.
const LONGEST: u64 = 1 << 20;

fn hash(mut content: impl Read) -> std::io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut size = 0;
    loop {
        let read = content.read(&mut buffer)?;
        if read == 0 {
            return Ok((size, hex(&hash.finalize())));
        }
        hash.update(&buffer[..read]);
        size += read as u64;
    }
}

/// Appends the manifest to a database, made of its size and hash, and sees to it that all is on the disk.
pub fn seal(path: &Path, manifest: impl FnOnce(i64, String) -> Manifest) -> Result<Manifest> {
    let open = || OpenOptions::new().read(true).append(true).open(path);
    let mut file = open().map_err(at_path(path))?;
    let (size, sha256) = hash(&mut file).map_err(at_path(path))?;
    let manifest = manifest(i64::try_from(size).map_err(failed)?, sha256);
    let mut footer = serde_json::to_vec(&manifest)?;
    let length = footer.len() as u64;
    footer.extend(length.to_le_bytes());
    footer.extend(MARK);
    file.write_all(&footer)
        .and_then(|()| file.sync_all())
        .map_err(at_path(path))?;
    Ok(manifest)
}

/// What the file says of itself. Only its end is read.
pub fn manifest(path: &Path) -> Result<Manifest> {
    let none = || failed(format!("{}: not a complete backup", path.display()));
    let mut file = File::open(path).map_err(at_path(path))?;
    let all = file.metadata().map_err(at_path(path))?.len();
    let end = all.checked_sub(FOOTER).ok_or_else(none)?;
    let mut footer = [0; 16];
    file.seek(SeekFrom::Start(end))
        .and_then(|_| file.read_exact(&mut footer))
        .map_err(at_path(path))?;
    let (length, mark) = footer.split_at(8);
    let length = length.try_into().map(u64::from_le_bytes).map_err(failed)?;
    let start = end.checked_sub(length).ok_or_else(none)?;
    if mark != MARK || length > LONGEST {
        return Err(none());
    }
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(start))
        .and_then(|_| file.take(length).read_to_end(&mut text))
        .map_err(at_path(path))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| none())?;
    if manifest.format != FORMAT {
        return Err(failed(format!(
            "{}: format {} is not known to this version",
            path.display(),
            manifest.format
        )));
    }
    if u64::try_from(manifest.size) == Ok(start) {
        Ok(manifest)
    } else {
        Err(none())
    }
}

/// The database in the file.
pub fn database(path: &Path, manifest: &Manifest) -> Result<Take<File>> {
    let size = u64::try_from(manifest.size).map_err(failed)?;
    Ok(File::open(path).map_err(at_path(path))?.take(size))
}

/// The manifest, if the database is to the byte what it says.
pub fn verify(path: &Path) -> Result<Manifest> {
    let manifest = manifest(path)?;
    let (_, sha256) = hash(database(path, &manifest)?).map_err(at_path(path))?;
    if sha256 == manifest.sha256 {
        Ok(manifest)
    } else {
        Err(failed(format!(
            "{}: damaged: its content is not what its manifest says",
            path.display()
        )))
    }
}
