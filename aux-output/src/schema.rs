//! The JSON Schemas of all outputs.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::output::{Envelope, Output, Progress};

/// Every output: what stands in `command` of the envelope, and the schema of the whole.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        of::<crate::Started>(),
        of::<crate::Indexed>(),
        of::<crate::AddedSig>(),
        of::<crate::AddedPackage>(),
        of::<crate::Imported>(),
        of::<crate::Adopted>(),
        of::<crate::Moved>(),
        of::<crate::Renamed>(),
        of::<crate::Removed>(),
        of::<crate::AddedRepo>(),
        of::<crate::MergedSigs>(),
        of::<crate::SplitSig>(),
        of::<crate::ReplacedPerson>(),
        of::<crate::BorrowedPackage>(),
        of::<crate::BorrowedPackages>(),
        of::<crate::AgreedOverride>(),
        of::<crate::OfferedPackage>(),
        of::<crate::RefreshedPackage>(),
        of::<crate::ReturnedPackage>(),
        of::<crate::UpstreamChanges>(),
        of::<crate::ForgeChanges>(),
        of::<crate::Checked>(),
        of::<crate::Fixed>(),
        of::<crate::MetasChecked>(),
        of::<crate::Generated>(),
        of::<crate::Explained>(),
        of::<crate::Status>(),
        of::<crate::Resolved>(),
        of::<crate::Ejected>(),
        of::<crate::Unejected>(),
        of::<crate::Recovered>(),
        of::<crate::Synced>(),
        of::<crate::Cloned>(),
        of::<crate::Found>(),
        of::<crate::WrittenSite>(),
        of::<crate::Owners>(),
        of::<crate::Why>(),
        of::<crate::Placement>(),
        of::<crate::Misplaced>(),
        of::<crate::Core>(),
        of::<crate::ConsumerFlake>(),
        of::<crate::Costs>(),
        of::<crate::Coverages>(),
        of::<crate::Cycles>(),
        of::<crate::Rearranged>(),
        of::<crate::Diagram>(),
        of::<crate::Evaluation>(),
        of::<crate::EvaluatedSet>(),
        of::<crate::Scanned>(),
        of::<crate::Locked>(),
        of::<crate::Lockers>(),
        of::<crate::Overrides>(),
        of::<crate::Train>(),
        of::<crate::Holds>(),
        of::<crate::Promoted>(),
        of::<crate::TrainAborted>(),
        of::<crate::Release>(),
        of::<crate::Releases>(),
        of::<crate::CheckedOut>(),
        of::<crate::ReleaseDiff>(),
        of::<crate::Impact>(),
        of::<crate::ChangeTried>(),
        of::<crate::ChangeDropped>(),
        of::<crate::SplitPlan>(),
        of::<crate::SplitClashes>(),
        of::<crate::Readiness>(),
        of::<crate::Relaid>(),
        of::<crate::Codes>(),
        of::<crate::ManualPages>(),
    ]
}

fn of<T: Output + JsonSchema>() -> (&'static str, Schema) {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Envelope<T>>();
    schema.insert("title".to_owned(), T::COMMAND.into());
    let ends = schema.get_mut("oneOf").and_then(|ends| ends.as_array_mut());
    for end in ends.into_iter().flatten() {
        let properties = end
            .get_mut("properties")
            .and_then(|all| all.as_object_mut());
        let result = properties.filter(|properties| properties.contains_key("result"));
        if let Some(properties) = result {
            let command = serde_json::json!({ "const": T::COMMAND });
            properties.insert("command".to_owned(), command);
        }
    }
    (T::COMMAND, schema)
}

/// The schema of a line of `--progress json`.
#[must_use]
pub fn progress_schema() -> Schema {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<Progress>()
}
