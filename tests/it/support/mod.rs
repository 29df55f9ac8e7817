//! What several test files stand on.

pub(crate) mod case;
pub(crate) mod client;
pub(crate) mod coded;
pub(crate) mod front;
pub(crate) mod impatient;
pub(crate) mod json_schema;
pub(crate) mod program;
pub(crate) mod rows;
pub(crate) mod sp;
pub(crate) mod tls;
pub(crate) mod upstream;
