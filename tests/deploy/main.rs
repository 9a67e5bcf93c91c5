//! What docs/deploy and the documents say is true of the program, as far as can be seen without Docker.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use guanxi_api::Config;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The lines of a Dockerfile, each instruction in one.
fn instructions() -> Vec<String> {
    let text = read("docs/deploy/Dockerfile").replace("\\\n", " ");
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// What the image is built from, as .dockerignore lets it through: `*`, then what it takes back.
fn let_through() -> BTreeSet<String> {
    let text = read(".dockerignore");
    assert!(
        text.lines().any(|line| line == "*"),
        "everything else stays out"
    );
    text.lines()
        .filter_map(|line| line.strip_prefix('!'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_image_is_built_from_files_that_are_there() {
    let let_through = let_through();
    let mut copied = BTreeSet::new();
    for line in instructions() {
        let Some(arguments) = line.strip_prefix("COPY ") else {
            continue;
        };
        if arguments.starts_with("--from=") {
            continue;
        }
        let mut paths: Vec<&str> = arguments.split_whitespace().collect();
        paths.pop();
        for path in paths {
            assert!(root().join(path).exists(), "{path} is copied");
            assert!(
                let_through.contains(path),
                "{path} is kept out by .dockerignore"
            );
            copied.insert(path.to_owned());
        }
    }
    assert_eq!(copied, let_through);
    // Every member of the workspace is there, or cargo stops.
    let manifest = read("Cargo.toml");
    let members = manifest.lines().find(|line| line.starts_with("members"));
    for member in members.expect("members").split('"').skip(1).step_by(2) {
        let top = member.split('/').next().unwrap_or_default();
        assert!(copied.contains(top), "{member}");
    }
}

#[test]
fn the_image_runs_as_nobody_in_particular_from_pinned_bases() {
    let lines = instructions();
    for base in lines.iter().filter_map(|line| line.strip_prefix("FROM ")) {
        let image = base.split_whitespace().next().expect("an image");
        let (_, tag) = image.split_once(':').expect("a tag");
        assert_ne!(tag, "latest", "{image}");
    }
    let last = lines
        .iter()
        .rposition(|line| line.starts_with("FROM "))
        .expect("a base");
    let of_image = &lines[last..];
    let has = |start: &str| of_image.iter().any(|line| line.starts_with(start));
    assert!(has("USER guanxi") && has("HEALTHCHECK "));
    let rust = read("Cargo.toml");
    let version = rust
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \""))
        .expect("a version")
        .trim_end_matches('"')
        .to_owned();
    let builds_with = format!("FROM rust:{version}-");
    assert!(
        lines.iter().any(|line| line.starts_with(&builds_with)),
        "{builds_with}"
    );
}

/// Whether the program knows a setting. Its value may be wrong.
fn is_known(name: &str) -> bool {
    let variables = [(name.to_owned(), "true".to_owned())];
    match Config::default().with(variables.into_iter()) {
        Ok(_) => true,
        Err(error) => !error.contains("no such setting"),
    }
}

/// The names and values of an env file.
fn env_file(path: &str) -> Vec<(String, String)> {
    read(path)
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            line.split_once('=')
                .unwrap_or_else(|| panic!("{path}: {line}"))
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn compose() -> Value {
    serde_saphyr::from_str(&read("docs/deploy/compose.yaml")).expect("YAML")
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members.keys().cloned().collect(),
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_services_of_the_compose_file_fit_together() {
    let compose = compose();
    let services = compose["services"].as_object().expect("services");
    let volumes = names(&compose["volumes"]);
    for (name, service) in services {
        assert!(service["image"].is_string(), "{name}");
        let checked = service["healthcheck"].is_object() || service["build"].is_object();
        assert!(checked, "{name} has a health check, or that of our image");
        for other in names(&service["depends_on"]) {
            assert!(services.contains_key(&other), "{name} needs {other}");
        }
        for mount in names(&service["volumes"]) {
            let source = mount.split(':').next().unwrap_or_default();
            match source.strip_prefix("./") {
                Some(file) => assert!(root().join("docs/deploy").join(file).is_file(), "{mount}"),
                None => assert!(volumes.iter().any(|v| v == source), "{mount}"),
            }
        }
        if let Some(file) = service["env_file"].as_str() {
            let example = root().join(format!("docs/deploy/{file}.example"));
            assert!(example.is_file(), "{file}");
        }
    }
    let proxied = read("docs/deploy/Caddyfile");
    for server in services.keys().filter(|name| name.starts_with("server")) {
        assert!(proxied.contains(&format!("{server}:8080")), "{server}");
    }
}

#[test]
fn the_servers_of_the_compose_file_are_configured_as_the_program_understands() {
    let compose = compose();
    let mut checked = 0;
    for (name, service) in compose["services"].as_object().expect("services") {
        if !service["build"].is_object() {
            continue;
        }
        let context = service["build"]["context"].as_str().expect("a folder");
        let file = service["build"]["dockerfile"].as_str().expect("a file");
        let folder = root().join("docs/deploy").join(context);
        assert!(folder.join(file).is_file(), "{name}");
        let mut variables = env_file(&format!(
            "docs/deploy/{}.example",
            service["env_file"].as_str().expect("an env file")
        ));
        for (name, value) in service["environment"].as_object().expect("settings") {
            variables.push((name.clone(), value.as_str().expect("text").to_owned()));
        }
        let config = Config::default()
            .with(variables.into_iter())
            .expect("good settings");
        assert!(config.trust_proxy && config.secure_cookies && config.backup_schedule().is_some());
        checked += 1;
    }
    assert_eq!(checked, 2);
    // The password stands in two files: the examples agree.
    let database: Vec<_> = env_file("docs/deploy/database.env.example");
    let of = |name: &str| {
        database
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    };
    let (user, password, name) = (
        of("POSTGRES_USER"),
        of("POSTGRES_PASSWORD"),
        of("POSTGRES_DB"),
    );
    let url = format!(
        "postgres://{}:{}@database/{}",
        user.expect("a user"),
        password.expect("a password"),
        name.expect("a name")
    );
    let servers = env_file("docs/deploy/guanxi.env.example");
    assert!(servers.contains(&("DATABASE_URL".to_owned(), url)));
}

/// Words that look like settings of the program.
fn settings_in(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.split(|c| !is_part(c))
        .filter(|word| word.starts_with("GUANXI_") && word.len() > 8 && !word.ends_with('_'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_setting_that_is_written_about_exists_and_every_one_is_written_about() {
    let mut documents = vec!["README.md".to_owned(), "README.zh-CN.md".to_owned()];
    for folder in ["docs", "docs/deploy"] {
        let entries = fs::read_dir(root().join(folder)).expect("documents");
        let files = entries.map(|entry| entry.expect("an entry").path());
        documents.extend(files.filter(|path| path.is_file()).map(|path| {
            format!(
                "{folder}/{}",
                path.file_name().expect("a name").to_string_lossy()
            )
        }));
    }
    for document in &documents {
        for name in settings_in(&read(document)) {
            assert!(is_known(&name), "{document}: {name}");
        }
    }
    let of_program = settings_in(&read("crates/api/src/config.rs"));
    for document in ["docs/OPERATIONS.md", "docs/OPERATIONS.zh-CN.md"] {
        let told = settings_in(&read(document));
        for name in of_program.iter().filter(|name| is_known(name)) {
            assert!(told.contains(name), "{document} says nothing of {name}");
        }
    }
}

#[test]
fn the_unit_is_one_that_systemd_understands() {
    let unit = read("docs/deploy/guanxi.service");
    for (name, value) in unit
        .lines()
        .filter_map(|line| line.strip_prefix("Environment="))
        .flat_map(str::split_whitespace)
        .filter_map(|pair| pair.split_once('='))
    {
        let variables = [(name.to_owned(), value.to_owned())];
        Config::default()
            .with(variables.into_iter())
            .expect("a good setting");
    }
    if Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("systemd-analyze is not here: the unit was not looked at");
        return;
    }
    // The program is not installed where the tests run.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("guanxi.service");
    let installed = unit.replace("/usr/local/bin/guanxi serve", "/bin/true");
    assert_ne!(installed, unit);
    fs::write(&path, installed).expect("a file");
    let output = Command::new("systemd-analyze")
        .arg("verify")
        .arg(&path)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let of_ours: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("guanxi.service"))
        .collect();
    assert!(output.status.success() && of_ours.is_empty(), "{said}");
}
