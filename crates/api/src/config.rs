//! How the program is set up: environment variables over an optional TOML file over defaults.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::webhook::Network;

/// The settings of one process.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `GUANXI_LISTEN`: where to serve.
    pub listen: SocketAddr,
    /// `DATABASE_URL`: `postgres://…`, or the path of a SQLite file.
    pub database_url: Option<String>,
    /// `GUANXI_DATA_DIR`: where the SQLite file and uploads lie.
    pub data_dir: PathBuf,
    /// `GUANXI_APP_DIR`: the built web app.
    pub app_dir: PathBuf,
    /// `GUANXI_CURRENCY`: ISO 4217.
    pub currency: String,
    /// `GUANXI_WORKERS`: threads that serve requests.
    pub workers: usize,
    /// `GUANXI_CORS_ORIGINS`: other origins, comma-separated, whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// `GUANXI_SECURE_COOKIES`: the app is reached over HTTPS.
    pub secure_cookies: bool,
    /// `GUANXI_TRUST_PROXY`: take the caller's address from `X-Forwarded-For`.
    pub trust_proxy: bool,
    /// `GUANXI_UPLOAD_LIMIT`: the largest upload in bytes.
    pub upload_limit: u64,
    /// `GUANXI_WEBHOOK_NETWORKS`: private networks, comma-separated (`10.1.0.0/16`), that webhooks may send to.
    pub webhook_networks: Vec<Network>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database_url: None,
            data_dir: PathBuf::from("data"),
            app_dir: PathBuf::from("dist"),
            currency: "CNY".to_owned(),
            workers: 2,
            cors_origins: Vec::new(),
            secure_cookies: false,
            trust_proxy: false,
            upload_limit: 1 << 30,
            webhook_networks: Vec::new(),
        }
    }
}

impl Config {
    /// Reads the file, if there is one, and the environment. The error is a line for people.
    pub fn load(file: Option<&Path>) -> Result<Self, String> {
        let default = Path::new("guanxi.toml");
        let config = match file.or_else(|| default.exists().then_some(default)) {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|e| format!("{}: {e}", path.display()))?;
                toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?
            }
            None => Self::default(),
        };
        config.with(std::env::vars())
    }

    /// The configuration with these environment variables on top.
    pub fn with(
        mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, String> {
        for (name, value) in variables {
            let wrong = |expected: &str| format!("{name}={value:?}: expected {expected}");
            match name.as_str() {
                "DATABASE_URL" => self.database_url = Some(value),
                "GUANXI_LISTEN" => {
                    self.listen = value
                        .parse()
                        .map_err(|_| wrong("an address and port as in 127.0.0.1:8080"))?;
                }
                "GUANXI_DATA_DIR" => self.data_dir = value.into(),
                "GUANXI_APP_DIR" => self.app_dir = value.into(),
                "GUANXI_CURRENCY" => self.currency = value,
                "GUANXI_WORKERS" => {
                    self.workers = value.parse().map_err(|_| wrong("a number of threads"))?;
                }
                "GUANXI_CORS_ORIGINS" => {
                    self.cors_origins = value
                        .split(',')
                        .map(|o| o.trim().to_owned())
                        .filter(|o| !o.is_empty())
                        .collect();
                }
                "GUANXI_SECURE_COOKIES" => {
                    self.secure_cookies = value.parse().map_err(|_| wrong("true or false"))?;
                }
                "GUANXI_TRUST_PROXY" => {
                    self.trust_proxy = value.parse().map_err(|_| wrong("true or false"))?;
                }
                "GUANXI_UPLOAD_LIMIT" => {
                    self.upload_limit = value.parse().map_err(|_| wrong("a number of bytes"))?;
                }
                "GUANXI_WEBHOOK_NETWORKS" => {
                    self.webhook_networks = value
                        .split(',')
                        .map(str::trim)
                        .filter(|n| !n.is_empty())
                        .map(str::parse)
                        .collect::<Result<_, _>>()
                        .map_err(|_| wrong("networks as in 10.1.0.0/16,fd00::/8"))?;
                }
                other if other.starts_with("GUANXI_") => {
                    return Err(format!("{other}: no such setting"));
                }
                _ => {}
            }
        }
        self.check()
    }

    fn check(self) -> Result<Self, String> {
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(format!(
                "GUANXI_CURRENCY={:?}: expected three capital letters as in CNY",
                self.currency
            ));
        }
        if !(1..=256).contains(&self.workers) {
            return Err(format!(
                "GUANXI_WORKERS={}: expected 1 to 256",
                self.workers
            ));
        }
        Ok(self)
    }

    /// Where the data is.
    pub fn database_url(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| self.data_dir.join("guanxi.db").display().to_string())
    }

    /// Decimals of the currency (ISO 4217): most have two.
    pub fn minor_digits(&self) -> u8 {
        match self.currency.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF"
            | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" => 4,
            _ => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> Result<Config, String> {
        Config::default().with([(name.to_owned(), value.to_owned())].into_iter())
    }

    #[test]
    fn wrong_values_are_named() {
        assert_eq!(
            with("GUANXI_LISTEN", "0.0.0.0:9")
                .expect("good")
                .listen
                .port(),
            9
        );
        for (name, value) in [
            ("GUANXI_LISTEN", "here"),
            ("GUANXI_WORKERS", "0"),
            ("GUANXI_CURRENCY", "yuan"),
            ("GUANXI_WEBHOOK_NETWORKS", "10.0.0.0/33"),
            ("GUANXI_COLOUR", "red"),
        ] {
            let error = with(name, value).expect_err(name);
            assert!(error.starts_with(name), "{error}");
        }
    }

    #[test]
    fn a_file_with_an_unknown_key_is_refused() {
        assert!(toml::from_str::<Config>("colour = \"red\"").is_err());
        assert_eq!(
            toml::from_str::<Config>("currency = \"JPY\"")
                .expect("good")
                .minor_digits(),
            0
        );
    }
}
