//! `guanxi seed`: a made-up company to look at, or to measure with.

use std::io::{IsTerminal, Write, stderr};
use std::time::Instant;

use guanxi_domain::{Lang, Timestamp};
use guanxi_persistence::Error;
use guanxi_persistence::seed::{SeedOptions, SeedReport, Step, findings, seed};

use crate::{App, Config, password};

/// With which everybody of the made-up company logs in.
pub const DEMO_PASSWORD: &str = "Guanxi-Demo-2026";
const BAR: u64 = 30;

/// How large, and which, the company is.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Arguments {
    /// Customers to make
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..))]
    customers: u32,
    /// Orders to make, over the last three years
    #[arg(long, default_value_t = 10_000)]
    orders: u32,
    /// Another number makes another company; the same one the same on the same day
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also into a database that has customers
    #[arg(long)]
    force: bool,
}

/// Fills the database and prints who can log in.
pub fn run(config: Config, arguments: Arguments) -> Result<(), String> {
    let began = Instant::now();
    let options = SeedOptions {
        customers: arguments.customers,
        orders: arguments.orders,
        seed: arguments.seed,
        now: Timestamp::now(),
        force: arguments.force,
        password_hash: password::hash(DEMO_PASSWORD).map_err(|e| e.to_string())?,
        minor_digits: config.minor_digits(),
    };
    let app = App::open(config).map_err(|e| e.to_string())?;
    let mut bar = Bar::new();
    let mut report = seed(&app.db, &options, |step, done, all| {
        bar.show(step, done, all);
    });
    if report.is_ok() && options.orders > 0 {
        let found = findings(&app.db, |step, done, all| bar.show(step, done, all));
        report = found.and(report);
    }
    bar.end();
    match report {
        Ok(report) => {
            tell(&report, began);
            Ok(())
        }
        Err(Error::Conflict(_)) => {
            Err("the database has customers already; --force adds to them".to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

fn tell(report: &SeedReport, began: Instant) {
    println!(
        "{} customers, {} orders and {} tickets in {:.1} s.",
        report.customers,
        report.orders,
        report.tickets,
        began.elapsed().as_secs_f64()
    );
    println!("\nLog in with any of these; the password of all is {DEMO_PASSWORD}");
    for login in &report.logins {
        println!("  {:<32} {}", login.email, login.role.label(Lang::En));
    }
}

/// How far the work is, on one line of a terminal or a line for each step.
struct Bar {
    terminal: bool,
    step: Option<Step>,
    percent: u64,
}

impl Bar {
    fn new() -> Self {
        Self {
            terminal: stderr().is_terminal(),
            step: None,
            percent: 0,
        }
    }

    fn show(&mut self, step: Step, done: u64, all: u64) {
        let percent = done.saturating_mul(100).checked_div(all).unwrap_or(100);
        let fresh = self.step != Some(step);
        if !fresh && percent == self.percent {
            return;
        }
        if fresh {
            self.end();
        }
        (self.step, self.percent) = (Some(step), percent);
        let word = match step {
            Step::Planning => "planning",
            Step::Customers => "customers",
            Step::Orders => "orders",
            Step::Tickets => "tickets",
            Step::Metrics => "figures",
            Step::Value => "value",
            Step::Segmentation => "scores",
            Step::Findings => "findings",
        };
        // Whether anybody reads it is of no account.
        let _ = if self.terminal {
            let full = usize::try_from(percent * BAR / 100).unwrap_or(0);
            let empty = usize::try_from(BAR).unwrap_or(0) - full;
            write!(
                stderr(),
                "\r{word:<10} {}{} {percent:>3}% {done}/{all}",
                "█".repeat(full),
                "░".repeat(empty)
            )
        } else if fresh {
            writeln!(stderr(), "{word}: {all}")
        } else {
            Ok(())
        };
    }

    fn end(&self) {
        if self.terminal && self.step.is_some() {
            let _ = writeln!(stderr());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_password_passes_the_rules() {
        assert!(DEMO_PASSWORD.len() >= 10);
        assert!(guanxi_domain::account::check_password(DEMO_PASSWORD).is_ok());
    }
}
