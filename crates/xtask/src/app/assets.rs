//! Files of `dist/`: hashed names, copies, compression.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// A hash over files and folders, in a fixed order.
pub struct Digest(Sha256);

impl Digest {
    pub fn new() -> Self {
        Self(Sha256::new())
    }

    pub fn file(&mut self, path: &Path) -> Result<()> {
        self.named(&path.to_string_lossy(), path)
    }

    /// A file that goes by this name.
    pub fn named(&mut self, name: &str, path: &Path) -> Result<()> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        // Name and length keep two different sets of files from looking the same.
        self.0.update(name.as_bytes());
        self.0.update(bytes.len().to_le_bytes());
        self.0.update(&bytes);
        Ok(())
    }

    pub fn folder(&mut self, path: &Path) -> Result<()> {
        for entry in sorted(path)? {
            if entry.is_dir() {
                self.folder(&entry)?;
            } else {
                self.file(&entry)?;
            }
        }
        Ok(())
    }

    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// The folder that is being filled.
pub struct Dist {
    folder: PathBuf,
}

impl Dist {
    pub fn new(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_path_buf(),
        })
    }

    /// Writes `name-<hash>.extension`; gives that name.
    pub fn add(&mut self, name: &str, extension: &str, bytes: &[u8]) -> Result<String> {
        let hash = hex(&Sha256::digest(bytes));
        let file = format!("{name}-{}.{extension}", &hash[..16]);
        fs::write(self.folder.join(&file), bytes)?;
        Ok(file)
    }

    /// Copies files that name each other into a folder `name-<hash>`; gives that name.
    pub fn add_together(&mut self, name: &str, files: &[PathBuf]) -> Result<String> {
        let mut digest = Digest::new();
        for file in files {
            digest.named(&file_name(file)?, file)?;
        }
        let folder = format!("{name}-{}", &digest.finish()[..16]);
        let path = self.folder.join(&folder);
        fs::create_dir_all(&path)?;
        for file in files {
            fs::copy(file, path.join(file_name(file)?))?;
        }
        Ok(folder)
    }

    pub fn add_file(&mut self, path: &Path, name: &str, extension: &str) -> Result<String> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.add(name, extension, &bytes)
    }

    /// Copies files that are asked for by a fixed name (icon, manifest).
    pub fn copy_folder(&mut self, folder: &Path) -> Result<()> {
        for path in sorted(folder)? {
            fs::copy(&path, self.folder.join(file_name(&path)?))?;
        }
        Ok(())
    }
}

/// Puts `.br` and `.gz` beside every file that gets smaller by it.
pub fn compress_folder(folder: &Path) -> Result<()> {
    for path in sorted(folder)? {
        if path.is_dir() {
            compress_folder(&path)?;
            continue;
        }
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        if !["css", "html", "js", "svg", "wasm", "webmanifest"].contains(&extension) {
            continue;
        }
        let bytes = fs::read(&path)?;
        fs::write(with_suffix(&path, "br"), brotli(&bytes)?)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&bytes)?;
        fs::write(with_suffix(&path, "gz"), gzip.finish()?)?;
    }
    Ok(())
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params)?;
    Ok(out)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> Result<String> {
    let name = path.file_name().context("a file has a name")?;
    Ok(name.to_string_lossy().into_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
