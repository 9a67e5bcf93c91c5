//! What comes from npm: Tailwind with daisyUI, the chart library, the typeface.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::assets::Digest;
use crate::run::run;

/// `npm ci`, when `package-lock.json` is not the one that was installed last.
pub fn ensure_installed(frontend: &Path) -> Result<()> {
    let mut digest = Digest::new();
    digest.file(&frontend.join("package.json"))?;
    digest.file(&frontend.join("package-lock.json"))?;
    let wanted = digest.finish();
    let stamp = frontend.join("node_modules/.installed");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == wanted) {
        return Ok(());
    }
    run(Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(frontend))
    .context("the styles need Node.js 20 or newer with npm")?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// One module with the kinds of charts that the app draws, loaded by the pages that have charts.
pub fn charts(frontend: &Path, out: &Path) -> Result<()> {
    // A script or, after npm has optimised it away, the program itself: so not through Node.
    run(Command::new(frontend.join("node_modules/.bin/esbuild"))
        .current_dir(frontend)
        .args([
            "scripts/charts.js",
            "--bundle",
            "--minify",
            "--format=esm",
            "--target=es2022",
            "--legal-comments=none",
            "--log-level=warning",
        ])
        .arg(format!("--outfile={}", out.display())))
}

pub fn styles(frontend: &Path, out: &Path) -> Result<()> {
    run(Command::new("node")
        .arg("node_modules/@tailwindcss/cli/dist/index.mjs")
        .current_dir(frontend)
        .args(["--input", "styles/app.css", "--minify", "--output"])
        .arg(out))
}

pub fn typeface(frontend: &Path) -> PathBuf {
    frontend.join("node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2")
}
