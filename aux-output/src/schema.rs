//! The JSON Schemas of all outputs.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::output::{Envelope, Output};

/// Every output: what stands in `command` of the envelope, and the schema of the whole.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        of::<crate::Started>(),
        of::<crate::AddedSig>(),
        of::<crate::AddedPackage>(),
        of::<crate::Imported>(),
        of::<crate::Adopted>(),
        of::<crate::Moved>(),
        of::<crate::Checked>(),
        of::<crate::Fixed>(),
        of::<crate::Generated>(),
        of::<crate::Explained>(),
        of::<crate::Status>(),
        of::<crate::Resolved>(),
        of::<crate::Ejected>(),
        of::<crate::Unejected>(),
        of::<crate::Recovered>(),
        of::<crate::Found>(),
        of::<crate::Owners>(),
        of::<crate::Why>(),
        of::<crate::Placement>(),
        of::<crate::Misplaced>(),
        of::<crate::Core>(),
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
        of::<crate::ChangeTried>(),
        of::<crate::ChangeDropped>(),
        of::<crate::SplitPlan>(),
        of::<crate::SplitClashes>(),
        of::<crate::Readiness>(),
        of::<crate::Codes>(),
        of::<crate::ManualPages>(),
    ]
}

fn of<T: Output + JsonSchema>() -> (&'static str, Schema) {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let schema = generator.into_root_schema_for::<Envelope<T>>();
    (T::COMMAND, schema)
}
