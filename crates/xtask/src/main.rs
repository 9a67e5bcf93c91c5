//! Chores of the workspace: `cargo xtask help` lists them.

mod app;
mod run;
mod wasm_target;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

const HELP: &str = "\
cargo xtask app [--dev]     build the web app into dist/ (--dev: fast to build, not compressed)
cargo xtask wasm-target     make sure that the app can be compiled to WebAssembly
cargo xtask help            this list
";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["app"] => app::build(app::Mode::Release),
        ["app", "--dev"] => app::build(app::Mode::Dev),
        ["wasm-target"] => {
            let toolchain = wasm_target::ensure()?;
            println!("WebAssembly: {toolchain}");
            Ok(())
        }
        ["help"] | [] => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("unknown chore: {}\n\n{HELP}", other.join(" ")),
    }
}

/// The folder of the workspace's `Cargo.toml`.
fn workspace_root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .context("crates/xtask lies two folders below the workspace")
}

/// Where cargo puts what it builds: `CARGO_TARGET_DIR`, or `target/`.
fn target_dir() -> Result<PathBuf> {
    let root = workspace_root()?;
    Ok(match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root.join(dir),
        None => root.join("target"),
    })
}
