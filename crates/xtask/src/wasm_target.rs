//! What compiles Rust to WebAssembly on this machine: rustup's target, or, where rustup cannot
//! fetch it, Debian's compiler unpacked beside the build (nothing is installed system-wide).

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::{output, run};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// Debian packages that make up a compiler with its standard library in source and a linker.
/// The linker and LLVM belong together and carry their version in their names.
const PACKAGES: &[&str] = &[
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "libstd-rust-web-dev",
    "rust-web-llvm",
    "libgit2-1.5",
    "libmbedcrypto7",
    "libmbedtls14",
    "libmbedx509-1",
    "libhttp-parser2.9",
];

pub enum Toolchain {
    /// The usual compiler has the target.
    Rustup,
    /// Debian's compiler, unpacked in this folder; compiles the standard library along.
    Unpacked(PathBuf),
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rustup => write!(f, "{TARGET} of the installed compiler"),
            Self::Unpacked(dir) => write!(f, "Debian's compiler in {}", dir.display()),
        }
    }
}

/// Finds a compiler for WebAssembly; fetches one when there is none.
///
/// `GUANXI_WASM_TOOLCHAIN=debian` skips rustup, to try the second way on a machine that has the first.
pub fn ensure() -> Result<Toolchain> {
    let skip_rustup = std::env::var("GUANXI_WASM_TOOLCHAIN").is_ok_and(|v| v == "debian");
    if !skip_rustup {
        if has_target() {
            return Ok(Toolchain::Rustup);
        }
        println!("adding {TARGET} with rustup");
        let added = Command::new("rustup")
            .args(["target", "add", TARGET])
            .status()
            .is_ok_and(|status| status.success());
        if added && has_target() {
            return Ok(Toolchain::Rustup);
        }
        println!("rustup cannot add {TARGET}; taking Debian's compiler instead");
    }
    unpacked().map(Toolchain::Unpacked).context(
        "no compiler for WebAssembly: run `rustup target add wasm32-unknown-unknown`, \
         or make rustc-web, cargo-web, rust-web-src and lld available to apt",
    )
}

fn has_target() -> bool {
    output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))
        .is_some_and(|dir| {
            fs::read_dir(dir.trim()).is_ok_and(|mut entries| {
                entries.any(|entry| {
                    entry.is_ok_and(|e| e.file_name().to_string_lossy().starts_with("libstd-"))
                })
            })
        })
}

/// Downloads and unpacks the packages once; later calls find the finished folder.
fn unpacked() -> Result<PathBuf> {
    let dir = crate::target_dir()?.join("wasm-toolchain");
    if dir.join("complete").is_file() {
        return Ok(dir);
    }
    // A half-finished folder of an interrupted call would be mixed with other versions.
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    let debs = dir.join("debs");
    fs::create_dir_all(&debs)?;

    let (version, minor) = newest_rustc()?;
    let depends = apt_field("rust-web-llvm", &version, "Depends")?;
    let llvm = depends
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .find_map(|word| word.strip_prefix("llvm-"))
        .context("rust-web-llvm names no LLVM version")?
        .to_owned();

    let mut wanted: Vec<String> = PACKAGES
        .iter()
        .map(|&name| match name {
            "rustc-web"
            | "cargo-web"
            | "rust-web-src"
            | "libstd-rust-web-dev"
            | "rust-web-llvm" => format!("{name}={version}"),
            _ => name.to_owned(),
        })
        .collect();
    wanted.push(format!("libstd-rust-web-{minor}={version}"));
    wanted.push(format!("libllvm{llvm}"));
    wanted.push(format!("lld-{llvm}"));
    println!("fetching {}", wanted.join(" "));
    run(Command::new("apt-get")
        .arg("download")
        .args(&wanted)
        .current_dir(&debs))?;
    for entry in fs::read_dir(&debs)? {
        run(Command::new("dpkg").arg("-x").arg(entry?.path()).arg(&dir))?;
    }
    fs::remove_dir_all(&debs)?;
    fs::write(dir.join("llvm-version"), &llvm)?;
    fs::write(dir.join("complete"), version)?;
    Ok(dir)
}

/// The newest `rustc-web` that apt knows, and its `1.96` (an older one may be listed beside it).
fn newest_rustc() -> Result<(String, String)> {
    let madison = output(Command::new("apt-cache").args(["madison", "rustc-web"]))
        .context("apt-cache is not here")?;
    madison
        .lines()
        .filter_map(|line| {
            let version = line.split('|').nth(1)?.trim();
            let mut parts = version.split('.');
            let major: u32 = parts.next()?.parse().ok()?;
            let minor: u32 = parts.next()?.parse().ok()?;
            Some(((major, minor), version.to_owned()))
        })
        .max()
        .map(|((major, minor), version)| (version, format!("{major}.{minor}")))
        .context("apt knows no rustc-web; run `apt-get update`")
}

fn apt_field(package: &str, version: &str, field: &str) -> Result<String> {
    let text = output(Command::new("apt-cache").args(["show", &format!("{package}={version}")]))
        .with_context(|| format!("apt knows no {package} {version}"))?;
    let prefix = format!("{field}: ");
    text.lines()
        .find_map(|line| line.strip_prefix(&prefix))
        .map(str::to_owned)
        .with_context(|| format!("{package} has no field {field}"))
}

impl Toolchain {
    /// `cargo build` for WebAssembly, and the folder that it will use as target folder.
    pub fn cargo_build(&self) -> Result<(Command, PathBuf)> {
        let target = crate::target_dir()?;
        match self {
            Self::Rustup => {
                let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
                let mut command = Command::new(cargo);
                command.args(["build", "--target", TARGET]);
                Ok((command, target))
            }
            Self::Unpacked(dir) => {
                // A folder of its own: build scripts of two compilers would evict each other.
                let target = target.join("wasm-fallback");
                Ok((debian_cargo(dir, &target)?, target))
            }
        }
    }
}

fn debian_cargo(dir: &Path, target: &Path) -> Result<Command> {
    let llvm = fs::read_to_string(dir.join("llvm-version"))?;
    let bin = dir.join("usr/bin");
    let cargo = bin.join("cargo");
    if !cargo.is_file() {
        bail!("{} is not complete; delete it and try again", dir.display());
    }
    let libraries = [
        dir.join("usr/lib/x86_64-linux-gnu"),
        dir.join("usr/lib/aarch64-linux-gnu"),
        dir.join(format!("usr/lib/llvm-{llvm}/lib")),
    ];
    let mut search = vec![bin.clone()];
    search.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));

    let mut command = Command::new(cargo);
    command
        .args([
            "build",
            "--target",
            TARGET,
            "-Z",
            "build-std=std,panic_abort",
        ])
        .env("PATH", std::env::join_paths(search)?)
        .env("LD_LIBRARY_PATH", std::env::join_paths(libraries)?)
        .env("RUSTC", bin.join("rustc"))
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", target)
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
            bin.join(format!("wasm-ld-{llvm}")),
        )
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .env_remove("RUSTFLAGS");
    Ok(command)
}
