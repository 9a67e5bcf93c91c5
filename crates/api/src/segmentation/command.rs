//! `guanxi segmentation`: runs made by whoever sits at the server.

use std::ops::ControlFlow;

use guanxi_domain::segmentation::run::SegmentationRunInput;
use guanxi_domain::{Date, Lang, Rules};
use guanxi_persistence::Origin;
use guanxi_persistence::segmentation::{self, Made};

use crate::App;

/// What can be done.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub enum Command {
    /// Make a run with the settings that are kept, and wait until it is done
    Run {
        /// The day that everything is looked at from; today if left out
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
    },
}

/// Does it and prints what became of it.
pub fn run(app: &App, command: &Command) -> Result<(), String> {
    let Command::Run { as_of } = *command;
    let input = SegmentationRunInput {
        as_of,
        settings: None,
    };
    let input = input
        .checked(Lang::En)
        .map_err(|problems| format!("--as-of: {}", problems[0].message))?;
    let go_on = |_| ControlFlow::Continue(());
    let made = segmentation::run(&app.db, &Origin::command_line(), &input, go_on)
        .map_err(|e| e.to_string())?;
    match made {
        Made::Run { id, customers } => println!("run {id}, customers {customers}"),
        Made::Stopped | Made::Nothing => println!("no run"),
    }
    Ok(())
}
