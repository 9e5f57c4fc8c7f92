//! Outputs of released formats, which every later version of the format reads whole.
//!
//! `golden/FORMAT/COMMAND.json` is what a command printed when that format was new. Files are
//! added when a format gets a new number, and never changed.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![cfg(feature = "schema")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aux_output::{Envelope, FORMAT, Output, filled};
use serde_json::Value;

/// The folders of formats.
fn formats() -> Vec<PathBuf> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let folders = fs::read_dir(golden).unwrap();
    folders.map(|entry| entry.unwrap().path()).collect()
}

/// Whether a value holds all of another: later versions of a format may add keys.
fn holds(all: &Value, part: &Value) -> bool {
    match (all, part) {
        (Value::Object(all), Value::Object(part)) => part
            .iter()
            .all(|(key, value)| all.get(key).is_some_and(|all| holds(all, value))),
        (Value::Array(all), Value::Array(part)) => {
            all.len() == part.len() && all.iter().zip(part).all(|(all, part)| holds(all, part))
        }
        (all, part) => all == part,
    }
}

#[test]
fn an_output_that_lost_a_key_or_a_value_is_told_from_one_that_has_more() {
    let part = serde_json::json!({ "a": [{ "b": 1 }] });
    for (all, is_held) in [
        (
            serde_json::json!({ "a": [{ "b": 1, "c": 0 }], "d": 2 }),
            true,
        ),
        (serde_json::json!({ "a": [{ "c": 1 }] }), false),
        (serde_json::json!({ "a": [{ "b": 2 }] }), false),
        (serde_json::json!({ "a": [] }), false),
        (serde_json::json!({}), false),
    ] {
        assert_eq!(holds(&all, &part), is_held, "{all}");
    }
}

/// Reads an output of every format, keeps all of it, and finds it as the schema says.
fn check<T: Output>() {
    let (_, schema) = aux_output::schemas()
        .into_iter()
        .find(|(command, _)| *command == T::COMMAND)
        .unwrap();
    let schema = jsonschema::validator_for(schema.as_value()).unwrap();
    for folder in formats() {
        let file = folder.join(format!("{}.json", T::COMMAND));
        let Ok(text) = fs::read_to_string(&file) else {
            // A command that is younger than this format.
            assert!(!folder.ends_with(FORMAT), "{} is missing", file.display());
            continue;
        };
        let printed: Value = serde_json::from_str(&text).unwrap();
        assert!(schema.is_valid(&printed), "{}", file.display());
        let result: T = aux_output::read(&text).unwrap();
        let read = Envelope::of(T::COMMAND, aux_output::Ended::Result(result));
        let read = serde_json::to_value(read).unwrap();
        let (printed, read) = (filled(&printed["result"]), filled(&read["result"]));
        assert!(holds(&read, &printed), "{}: {printed}", file.display());
    }
}

macro_rules! every_output {
    ($($output:ident)*) => {
        #[test]
        fn every_output_of_every_format_is_read_whole() {
            $(check::<aux_output::$output>();)*
            let checked = BTreeSet::from([$(aux_output::$output::COMMAND),*]);
            let all = aux_output::schemas();
            assert_eq!(checked, all.iter().map(|(command, _)| *command).collect());
        }
    };
}

every_output! {
    Started Indexed AddedSig AddedPackage Imported Adopted Moved Checked Fixed Generated Explained
    Status Resolved Ejected Unejected Recovered Synced Cloned Found Owners Why Placement Misplaced Core
    ConsumerFlake Costs Coverages Cycles Rearranged Diagram Evaluation EvaluatedSet Scanned Locked Lockers
    ForgeChanges UpstreamChanges MetasChecked Renamed Removed AddedRepo MergedSigs SplitSig ReplacedPerson
    BorrowedPackage BorrowedPackages AgreedOverride OfferedPackage RefreshedPackage ReturnedPackage
    Overrides Train Holds Promoted TrainAborted Release Releases CheckedOut ReleaseDiff
    Impact ChangeTried ChangeDropped SplitPlan SplitClashes Readiness Relaid WrittenSite Codes ManualPages
}

#[test]
fn an_error_is_read_as_one() {
    let text = r#"{ "format": "1.7", "command": "where", "error": {
        "code": "not-found", "message": "nothing", "causes": [], "help": null, "new": 1 } }"#;
    let error = aux_output::read::<aux_output::Found>(text).unwrap_err();
    let aux_output::ReadError::Failed(failed) = error else {
        panic!("{error}");
    };
    assert_eq!(failed.code, aux_output::ErrorCode::NotFound.as_str());
}

#[test]
fn what_cannot_be_read_is_told_apart() {
    use aux_output::ReadError;
    let of = |text: &str| aux_output::read::<aux_output::Found>(text).unwrap_err();
    assert!(matches!(of("[]"), ReadError::Json(_)));
    let later = r#"{ "format": "2.0", "command": "where", "result": { "hits": [] } }"#;
    assert!(matches!(of(later), ReadError::Format(found) if found == "2.0"));
    let other = r#"{ "format": "1.0", "command": "who", "result": { "answers": [] } }"#;
    assert!(matches!(of(other), ReadError::Command { found, .. } if found == "who"));
}

#[test]
fn what_is_empty_may_be_absent_and_kinds_may_be_new() {
    let text = r#"{ "format": "1.1", "command": "check", "result": { "sigs": 1, "repos": 2, "packages": 3 } }"#;
    let checked: aux_output::Checked = aux_output::read(text).unwrap();
    assert!(checked.problems.is_empty());
    let text = r#"{ "format": "1.1", "command": "scan", "result": { "pairs": [
        { "from": "a/x", "to": "b/y", "explained": { "kind": "brand-new", "more": 1 } } ] } }"#;
    let scanned: aux_output::Scanned = aux_output::read(text).unwrap();
    let explained = scanned.pairs[0].explained.as_ref().unwrap();
    assert_eq!(explained.kind, "brand-new");
}

#[test]
fn a_schema_names_its_command() {
    let schemas = aux_output::schemas();
    let (_, schema) = schemas.iter().find(|(name, _)| *name == "check").unwrap();
    let valid = |command: &str| {
        let value = serde_json::json!({
            "format": "1.0", "command": command,
            "result": { "problems": [], "sigs": 1, "repos": 1, "packages": 1 },
        });
        jsonschema::is_valid(schema.as_value(), &value)
    };
    assert!(valid("check") && !valid("where"));
}

#[test]
fn keys_that_a_later_version_adds_are_skipped() {
    let text = r#"{ "format": "1.9", "command": "coverage", "result": { "new": 1, "repos": [
        { "repo": "core", "packages": 1, "standalone": 1, "missing": [], "newer": {} } ] } }"#;
    let coverage: aux_output::Coverages = aux_output::read(text).unwrap();
    assert_eq!(coverage.repos[0].repo, "core");
}
