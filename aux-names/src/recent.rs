//! Names that were made a moment ago: a family says the same ones again and again, and those that are the same
//! share their text.

use std::cell::RefCell;
use std::sync::Arc;

/// Names that are kept: a power of two.
const KEPT: usize = 1 << 10;

/// The last names of one type that a thread made, each in the slot that its text tells.
pub(crate) struct Recent(RefCell<Vec<Option<Arc<str>>>>);

impl Recent {
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// The text as one that names share. It is checked unless it is that of a name that is kept.
    pub(crate) fn shared<E>(
        &self,
        text: &str,
        check: impl FnOnce(&str) -> Result<(), E>,
    ) -> Result<Arc<str>, E> {
        let mut kept = self.0.borrow_mut();
        if kept.is_empty() {
            kept.resize(KEPT, None);
        }
        let slot = &mut kept[slot(text)];
        match slot {
            Some(known) if **known == *text => Ok(Arc::clone(known)),
            _ => {
                check(text)?;
                let new: Arc<str> = Arc::from(text);
                *slot = Some(Arc::clone(&new));
                Ok(new)
            }
        }
    }
}

/// The slot of a text (FNV-1a).
fn slot(text: &str) -> usize {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in text.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    (hash ^ (hash >> 15)) as usize & (KEPT - 1)
}
