//! Which package needs which, by three origins kept apart: what the manifest declares, what
//! by-name files ask for, and what evaluated derivations are built from.
//!
//! Files are always read; derivations only if somebody hands them in, because
//! they need Nix.

mod brought;
mod compare;
mod derivations;
mod files;
mod members;
mod names;
mod report;
mod run;
mod stdenv;

pub use derivations::{Derivations, Evaluated, SameAs, Unevaluated, Unseen, View, derivations};
pub use members::{
    MemberAsks, MemberId, MemberSurplus, MemberUnread, MemberUnresolved, ScannedMembers,
};
pub use names::{EVERYWHERE, nearest};
pub use report::{Explained, Lacking, Pair, ScanReport, Surplus, Unread, Unresolved, Unused};
pub use run::{scan, scan_members};
