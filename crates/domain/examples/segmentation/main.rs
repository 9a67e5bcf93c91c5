//! Results of the segmentation for a comparison with other implementations, and its speed.
//!
//!     cargo run --package guanxi-domain --example segmentation reference > results.json
//!     cargo run --release --package guanxi-domain --example segmentation bench 1000000

mod bench;
mod reference;
mod simulate;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["reference"] => println!("{}", reference::results()),
        ["bench", customers] => match customers.parse() {
            Ok(customers) => bench::run(customers),
            Err(error) => eprintln!("{customers}: {error}"),
        },
        _ => {
            eprintln!("usage: segmentation reference | bench CUSTOMERS");
            std::process::exit(64);
        }
    }
}
