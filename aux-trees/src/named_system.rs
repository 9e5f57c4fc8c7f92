//! The system that is meant: the one that is named, or that of this machine.

use std::str::FromStr;

use aux_arguments::Split;
use aux_model::{System, printable};
use aux_session::{Failure, machine};

/// The system to evaluate for.
pub fn named_system(asked: Option<&str>) -> Result<System, Failure> {
    let named = asked.map_or_else(machine, str::to_owned);
    System::from_str(&named).map_err(|error| {
        Failure::refused(format!("`{}` is no system: {error}", printable(&named)), "")
    })
}

pub(crate) fn system(args: &Split) -> Result<System, Failure> {
    named_system(args.system.as_deref())
}
