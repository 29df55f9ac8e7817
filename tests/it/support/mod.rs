//! What several test files stand on.

pub(crate) mod client;
pub(crate) mod front;
pub(crate) mod impatient;
pub(crate) mod program;
pub(crate) mod sp;
pub(crate) mod tls;
pub(crate) mod upstream;
