//! How a simulated venue says no: our code, a word in place of the venue's own code, and a sentence.

use crate::types::{Code, Rejection};

/// The venue will not do it: EXEC-001 with its own word for it.
pub(super) fn refused(native: &str, message: String) -> Rejection {
    Rejection { code: Code::Exec001, native: Some(native.to_owned()), message }
}

/// The venue or the market is not there at the moment: VEN-003.
pub(super) fn unavailable(message: String) -> Rejection {
    Rejection { code: Code::Ven003, native: Some("UNAVAILABLE".to_owned()), message }
}
