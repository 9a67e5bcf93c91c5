//! How the program is set up: environment variables over an optional TOML file over defaults.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use guanxi_domain::backup::Retention;
use guanxi_domain::job::Schedule;
use guanxi_persistence::Backend;
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
    /// `GUANXI_UNPACK_LIMIT`: what a packed upload (gzip, XLSX) may unpack to, in bytes.
    pub unpack_limit: u64,
    /// `GUANXI_BACKUP_AT`: when to back up the database each day, as `02:10` (UTC), or `off`. If left out 02:10 on SQLite, and never on
    /// PostgreSQL, which has means of its own.
    pub backup_at: Option<BackupTime>,
    /// `GUANXI_BACKUP_DIR`: where backups lie; `backups` in the data folder if left out. Several replicas need a folder that they share.
    pub backup_dir: Option<PathBuf>,
    /// `GUANXI_BACKUP_KEEP_DAILY`, `_WEEKLY`, `_MONTHLY`: for how many days, weeks and months the newest backup of each is kept.
    pub backup_keep_daily: u16,
    pub backup_keep_weekly: u16,
    pub backup_keep_monthly: u16,
    /// `GUANXI_WEBHOOK_NETWORKS`: private networks, comma-separated (`10.1.0.0/16`), that webhooks may send to.
    pub webhook_networks: Vec<Network>,
    /// `GUANXI_MAIL_TIMEOUT`: seconds that the mail server may take until it wants to hear what a mail says; ten times as many for that.
    pub mail_timeout: u16,
}

/// When the database is backed up each day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum BackupTime {
    Off,
    /// Minutes after midnight, UTC.
    At(i64),
}

impl FromStr for BackupTime {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a time of day in UTC as in 02:10, or off";

        if text == "off" {
            return Ok(Self::Off);
        }
        let (hour, minute) = text.split_once(':').ok_or(EXPECTED)?;
        let number = |text: &str, below: i64| {
            let two_digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            let number = text.parse::<i64>().ok().filter(|_| two_digits);
            number.filter(|n| *n < below).ok_or(EXPECTED)
        };
        Ok(Self::At(number(hour, 24)? * 60 + number(minute, 60)?))
    }
}

impl TryFrom<String> for BackupTime {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
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
            unpack_limit: 4 << 30,
            backup_at: None,
            backup_dir: None,
            backup_keep_daily: 7,
            backup_keep_weekly: 4,
            backup_keep_monthly: 0,
            webhook_networks: Vec::new(),
            mail_timeout: 60,
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
                "GUANXI_UNPACK_LIMIT" => {
                    self.unpack_limit = value.parse().map_err(|_| wrong("a number of bytes"))?;
                }
                "GUANXI_BACKUP_AT" => {
                    self.backup_at = Some(
                        value
                            .parse()
                            .map_err(|_| wrong("a time of day in UTC as in 02:10, or off"))?,
                    );
                }
                "GUANXI_BACKUP_DIR" => self.backup_dir = Some(value.into()),
                "GUANXI_BACKUP_KEEP_DAILY"
                | "GUANXI_BACKUP_KEEP_WEEKLY"
                | "GUANXI_BACKUP_KEEP_MONTHLY" => {
                    let number = value.parse().map_err(|_| wrong("a number of backups"))?;
                    match name.rsplit('_').next() {
                        Some("DAILY") => self.backup_keep_daily = number,
                        Some("WEEKLY") => self.backup_keep_weekly = number,
                        _ => self.backup_keep_monthly = number,
                    }
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
                "GUANXI_MAIL_TIMEOUT" => {
                    self.mail_timeout = value.parse().map_err(|_| wrong("a number of seconds"))?;
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
        if !(1..=600).contains(&self.mail_timeout) {
            return Err(format!(
                "GUANXI_MAIL_TIMEOUT={}: expected 1 to 600 seconds",
                self.mail_timeout
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

    /// Where backups lie.
    pub fn backup_dir(&self) -> PathBuf {
        self.backup_dir
            .clone()
            .unwrap_or_else(|| self.data_dir.join("backups"))
    }

    /// When backups are made; `None`: only when somebody asks for one.
    pub fn backup_schedule(&self) -> Option<Schedule> {
        match self.backup_at {
            Some(BackupTime::Off) => None,
            Some(BackupTime::At(minute)) => Some(Schedule::daily(0, minute)),
            None => match Backend::of(&self.database_url()) {
                Backend::Sqlite => Some(Schedule::daily(2, 10)),
                Backend::Postgres => None,
            },
        }
    }

    /// Which backups are kept.
    pub const fn retention(&self) -> Retention {
        Retention {
            daily: self.backup_keep_daily,
            weekly: self.backup_keep_weekly,
            monthly: self.backup_keep_monthly,
        }
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
            ("GUANXI_MAIL_TIMEOUT", "0"),
            ("GUANXI_BACKUP_AT", "24:00"),
            ("GUANXI_BACKUP_AT", "2:10"),
            ("GUANXI_BACKUP_KEEP_DAILY", "-1"),
            ("GUANXI_COLOUR", "red"),
        ] {
            let error = with(name, value).expect_err(name);
            assert!(error.starts_with(name), "{error}");
        }
    }

    #[test]
    fn backups_are_scheduled_where_nobody_else_makes_them() {
        let schedule = |config: &Config| config.backup_schedule().map(|s| s.offset_minutes);
        assert_eq!(schedule(&Config::default()), Some(130));
        let postgres = with("DATABASE_URL", "postgres://db/crm").expect("good");
        assert_eq!(schedule(&postgres), None);
        let at = with("GUANXI_BACKUP_AT", "23:59").expect("good");
        assert_eq!(schedule(&at), Some(23 * 60 + 59));
        let off = with("GUANXI_BACKUP_AT", "off").expect("good");
        assert_eq!(schedule(&off), None);
        let file: Config =
            toml::from_str("backup_at = \"04:00\"\nbackup_keep_weekly = 9").expect("good");
        assert_eq!(schedule(&file), Some(240));
        assert_eq!(file.retention().weekly, 9);
        assert!(toml::from_str::<Config>("backup_at = \"4\"").is_err());
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
