//! What several test files stand on.

pub(crate) mod front;
pub(crate) mod sp;
pub(crate) mod upstream;
