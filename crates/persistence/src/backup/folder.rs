//! The folder of backups.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use guanxi_domain::Timestamp;
use guanxi_domain::backup::Backup;

use super::{archive, at_path, failed};
use crate::Result;

const COMPLETE: &str = ".backup";
const PARTIAL: &str = ".partial";
const LOCK: &str = ".lock";

/// `guanxi-20261122T021000Z.backup`
pub fn name_at(time: Timestamp) -> String {
    let seconds = time.to_string();
    let digits: String = seconds
        .chars()
        .take_while(|c| *c != '.' && *c != 'Z')
        .filter(|c| c.is_ascii_digit() || *c == 'T')
        .collect();
    format!("guanxi-{digits}Z{COMPLETE}")
}

/// The backups of a folder, the newest first; none if there is no folder.
pub fn list(folder: &Path) -> Result<Vec<Backup>> {
    let mut backups = Vec::new();
    if !folder.exists() {
        return Ok(backups);
    }
    for entry in fs::read_dir(folder).map_err(at_path(folder))? {
        let entry = entry.map_err(at_path(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(COMPLETE) {
            continue;
        }
        let size = entry.metadata().map_err(at_path(folder))?.len();
        backups.push(Backup {
            name,
            size: i64::try_from(size).unwrap_or(i64::MAX),
            manifest: archive::manifest(&entry.path()).ok(),
        });
    }
    backups.sort_by(|a, b| b.name.cmp(&a.name));
    Ok(backups)
}

/// The right to change a folder of backups: one process at a time has it, and loses it when it ends, however it ends.
pub struct Lock {
    folder: PathBuf,
    _file: File,
}

impl Lock {
    /// Makes the folder if need be: backups hold everything, so only the program's own account may look in.
    pub fn take(folder: &Path) -> Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(at_path(folder))?;
        let path = folder.join(LOCK);
        let file = private().open(&path).map_err(at_path(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self {
                folder: folder.to_owned(),
                _file: file,
            }),
            Err(fs::TryLockError::WouldBlock) => Err(failed(format!(
                "{}: another backup is being written",
                folder.display()
            ))),
            Err(fs::TryLockError::Error(error)) => Err(at_path(&path)(error)),
        }
    }

    /// An empty file for the backup of this name. Nobody else writes, so whatever was begun before was not finished and goes.
    pub fn new_partial(&self, name: &str) -> Result<PathBuf> {
        for entry in fs::read_dir(&self.folder).map_err(at_path(&self.folder))? {
            let path = entry.map_err(at_path(&self.folder))?.path();
            let left_over = path.file_name().is_some_and(|name| {
                let name = name.to_string_lossy();
                name.starts_with('.') && name.contains(PARTIAL)
            });
            if left_over {
                log::info!(
                    "removing {}: a backup that was not finished",
                    path.display()
                );
                fs::remove_file(&path).map_err(at_path(&path))?;
            }
        }
        let path = self.folder.join(format!(".{name}{PARTIAL}"));
        private().open(&path).map_err(at_path(&path))?;
        Ok(path)
    }

    /// Gives a complete file its name, for good.
    pub fn publish(&self, partial: &Path, name: &str) -> Result<()> {
        fs::rename(partial, self.folder.join(name)).map_err(at_path(partial))?;
        sync(&self.folder)
    }
}

/// Readable by the program's own account only.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options
}

/// Sees to it that the names in a folder are on the disk.
pub fn sync(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(at_path(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_time_and_sort_by_it() {
        let name = |text: &str| name_at(text.parse().expect("a time"));
        assert_eq!(
            name("2026-11-22T02:10:00.123456Z"),
            "guanxi-20261122T021000Z.backup"
        );
        assert_eq!(
            name("2026-11-22T02:10:00Z"),
            "guanxi-20261122T021000Z.backup"
        );
        assert!(name("2026-11-22T02:10:00Z") < name("2026-11-22T15:00:00Z"));
    }

    #[test]
    fn one_process_at_a_time_and_leftovers_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("backups");
        let lock = Lock::take(&path).expect("nobody has it");
        assert!(Lock::take(&path).is_err(), "somebody has it");
        let first = lock.new_partial("a.backup").expect("a file");
        assert!(list(&path).expect("a list").is_empty());
        let second = lock.new_partial("b.backup").expect("a file");
        assert!(!first.exists() && second.exists());
        drop(lock);
        Lock::take(&path).expect("free again");
    }
}
