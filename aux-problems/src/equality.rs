//! Equality of what a manifest says, wherever it says it.

/// `PartialEq` and `Eq` of a struct by what it is, and not by where it was written or which
/// number it has in its catalog: the same manifest with a comment on top says the same. Every
/// field is named, so that a new one cannot be forgotten.
#[macro_export]
macro_rules! equal_but_for {
    ($type:ty { $($ignored:ident),+ } by { $($field:ident),* }) => {
        impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                let Self { $($ignored: _,)+ $($field: _,)* } = other;
                true $(&& self.$field == other.$field)*
            }
        }

        impl Eq for $type {}
    };
}
