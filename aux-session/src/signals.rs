//! Signals: a signal that ends this program also ends the processes that it started.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Waits for the signals that ask a program to end: then Nix and git end, temporary folders
/// go, and the program ends as if it had never waited. What it writes needs nothing of that:
/// a run that ends anywhere is finished by the next one. A signal that is ignored, as by
/// `nohup`, stays ignored.
pub fn watch() {
    let ignored = ignored();
    let wanted = [SIGHUP, SIGINT, SIGTERM];
    let wanted = wanted.into_iter().filter(|signal| !is_in(ignored, *signal));
    // Without them the system ends this program, and nothing else.
    let Ok(mut signals) = Signals::new(wanted) else {
        return;
    };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            aux_process::end_all();
            let _not_ended = emulate_default_handler(signal);
        }
    });
}

/// The signals that this process was started to ignore, a bit each (`proc_pid_status(5)`,
/// "SigIgn"); none where the system does not say.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

fn is_in(mask: u64, signal: i32) -> bool {
    u32::try_from(signal - 1).is_ok_and(|bit| mask.checked_shr(bit).unwrap_or(0) & 1 == 1)
}
