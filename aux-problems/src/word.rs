//! Words that a key takes one of: enums with a text form of their own.

/// A word that its key does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is none of {}", list(.known))]
pub struct UnknownWord {
    text: String,
    known: &'static [&'static str],
}

impl UnknownWord {
    /// A text where one of the words is expected.
    #[must_use]
    pub fn new(text: &str, known: &'static [&'static str]) -> Self {
        Self {
            text: text.to_owned(),
            known,
        }
    }

    /// "Did you mean", if a word that exists is near; the message lists them all.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        aux_names::nearest(&self.text, self.known.iter().copied())
            .map(|near| format!("did you mean `{near}`?"))
    }
}

fn list(known: &[&str]) -> String {
    let quoted: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// An enum whose values are written as words, in manifests and in JSON.
#[macro_export]
macro_rules! word_type {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// The word as it is written in manifests and in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// All of them, in their natural order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err($crate::UnknownWord::new(text, &[$($text,)*])),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
