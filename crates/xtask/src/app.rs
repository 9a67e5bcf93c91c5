//! The web app: WebAssembly, styles, charts and typeface into `dist/`, under names that carry a
//! hash of the content (so that browsers may keep them for good) and, for a release, compressed.

mod assets;
mod npm;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::Options;

use crate::run::run;
use crate::{target_dir, wasm_target, workspace_root};
use assets::{Digest, Dist};

/// What fetches the parts of the app.
const LINK: &str = "__wasm_split.js";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Small and compressed; minutes to build.
    Release,
    /// Seconds to build; large.
    Dev,
}

impl Mode {
    const fn profile(self) -> &'static str {
        match self {
            Self::Release => "wasm-release",
            Self::Dev => "wasm-dev",
        }
    }
}

pub fn build(mode: Mode) -> Result<()> {
    let root = workspace_root()?;
    let frontend = root.join("frontend");
    let dist = root.join("dist");
    let work = target_dir()?.join("app").join(mode.profile());
    fs::create_dir_all(&work)?;

    let wasm = compile(mode)?;
    npm::ensure_installed(&frontend)?;

    let inputs = inputs(&frontend, &wasm)?;
    let stamp = target_dir()?.join("app").join("built");
    let built = format!("{} {inputs}", mode.profile());
    if dist.join("index.html").is_file()
        && fs::read_to_string(&stamp).is_ok_and(|text| text == built)
    {
        println!("{} is up to date", dist.display());
        return Ok(());
    }

    let parts = split(&wasm, &work)?;
    npm::styles(&frontend, &work.join("app.css"))?;
    npm::charts(&frontend, &work.join("charts.js"))?;
    assemble(mode, &frontend, &work, &parts, &dist)?;
    fs::write(stamp, built)?;
    println!("{} is built", dist.display());
    Ok(())
}

/// Compiles the crate; gives the path of the `.wasm` file.
fn compile(mode: Mode) -> Result<PathBuf> {
    let toolchain = wasm_target::ensure()?;
    let (mut cargo, target) = toolchain.cargo_build()?;
    run(cargo
        .args(["--package", "guanxi-frontend", "--profile", mode.profile()])
        .current_dir(workspace_root()?))?;
    Ok(target
        .join(wasm_target::TARGET)
        .join(mode.profile())
        .join("guanxi-frontend.wasm"))
}

/// One hash over everything that `dist/` is made from.
fn inputs(frontend: &Path, wasm: &Path) -> Result<String> {
    let mut digest = Digest::new();
    digest.file(wasm)?;
    digest.file(&frontend.join("index.html"))?;
    digest.file(&frontend.join("package-lock.json"))?;
    digest.folder(&frontend.join("styles"))?;
    digest.folder(&frontend.join("scripts"))?;
    digest.folder(&frontend.join("public"))?;
    // The styles contain the classes that the sources name.
    digest.folder(&frontend.join("src"))?;
    Ok(digest.finish())
}

/// Splits the app into what every page needs and the parts that are fetched later (`part!` in the sources); gives all files that
/// name each other.
fn split(wasm: &Path, work: &Path) -> Result<Vec<PathBuf>> {
    let folder = work.join("split");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let whole = fs::read(wasm)?;
    let main = work.join("main.wasm");
    let mut options = Options::new(&whole);
    options.output_dir = &folder;
    options.main_out_path = &main;
    options.main_module = "./app.js";
    let parts = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("the app cannot be split: {error:?}"))?;
    let bound = work.join("bound");
    Bindgen::new()
        .input_path(&main)
        .web(true)?
        .typescript(false)
        .keep_lld_exports(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name("app")
        .generate(&bound)
        .context("wasm-bindgen cannot write the JavaScript side of the app")?;
    for part in &parts.split_modules {
        fs::write(part, bare(&fs::read(part)?)?)?;
    }
    let mut files = vec![
        bound.join("app.js"),
        bound.join("app_bg.wasm"),
        folder.join(LINK),
    ];
    files.extend(parts.split_modules);
    files.sort();
    Ok(files)
}

/// A module without its names and remarks, which are for people who look into it.
fn bare(module: &[u8]) -> Result<Vec<u8>> {
    let mut out = wasm_encoder::Module::new();
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        let payload = payload?;
        if matches!(payload, wasmparser::Payload::CustomSection(_)) {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let data = &module[usize::try_from(range.start)?..usize::try_from(range.end)?];
            out.section(&wasm_encoder::RawSection { id, data });
        }
    }
    Ok(out.finish())
}

/// Puts the parts under hashed names into a new folder, which then takes the place of `dist/`.
fn assemble(
    mode: Mode,
    frontend: &Path,
    work: &Path,
    parts: &[PathBuf],
    dist: &Path,
) -> Result<()> {
    let fresh = dist.with_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let mut out = Dist::new(&fresh)?;

    let font = out.add_file(&npm::typeface(frontend), "inter", "woff2")?;
    let css = fs::read_to_string(work.join("app.css"))?.replace("inter.woff2", &font);
    let css = out.add("app", "css", css.as_bytes())?;

    let app = out.add_together("app", parts)?;
    let (glue, wasm) = (format!("{app}/app.js"), format!("{app}/app_bg.wasm"));
    let charts = out.add_file(&work.join("charts.js"), "charts", "js")?;
    let boot = fs::read_to_string(frontend.join("scripts/boot.js"))?
        .replace("{{app.js}}", &glue)
        .replace("{{app.wasm}}", &wasm)
        .replace("{{charts.js}}", &charts);
    let boot = out.add("boot", "js", boot.as_bytes())?;

    out.copy_folder(&frontend.join("public"))?;
    let index = fs::read_to_string(frontend.join("index.html"))?
        .replace("{{boot.js}}", &boot)
        .replace("{{app.css}}", &css)
        .replace("{{app.js}}", &glue)
        .replace("{{app.wasm}}", &wasm)
        .replace("{{inter.woff2}}", &font);
    fs::write(fresh.join("index.html"), index)?;

    if mode == Mode::Release {
        assets::compress_folder(&fresh)?;
    }
    if dist.exists() {
        fs::remove_dir_all(dist)?;
    }
    fs::rename(&fresh, dist)?;
    Ok(())
}
