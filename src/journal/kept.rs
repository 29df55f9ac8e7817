//! An exchange in the journal that is read when somebody asks for it: most are never looked at, and reading one costs more than
//! answering it did.

use super::Entry;
use crate::exchange::Exchange;
use crate::exchange::redact::Redactor;
use crate::scim::Leniencies;
use std::fmt;
use std::sync::{Arc, LazyLock};

/// What there is to say of an exchange, once it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The request and the answer.
    pub exchange: Exchange,
    /// The departures from the letter that the request needed.
    pub leniencies: Leniencies,
    /// The fault that was injected, by its name.
    pub fault: Option<String>,
}

/// One exchange, read or not.
pub(super) struct Kept {
    pub(super) number: u64,
    pub(super) tenant: Arc<str>,
    /// The memory that it takes, read or not.
    pub(super) bytes: usize,
    entry: LazyLock<Arc<Entry>, Box<dyn FnOnce() -> Arc<Entry> + Send>>,
}

impl Kept {
    pub(super) fn new(
        number: u64,
        tenant: Arc<str>,
        bytes: usize,
        read: impl FnOnce() -> Told + Send + 'static,
    ) -> Self {
        let of = tenant.clone();
        let entry = move || {
            let Told {
                mut exchange,
                leniencies,
                fault,
            } = read();
            // Without a key: the journal is the same in every run, and nobody keeps it.
            Redactor::default().exchange(&mut exchange);
            Arc::new(Entry {
                number,
                tenant: of.as_ref().to_owned(),
                exchange,
                leniencies,
                fault,
            })
        };
        Self {
            number,
            tenant,
            bytes,
            entry: LazyLock::new(Box::new(entry)),
        }
    }

    /// The exchange, without its secrets.
    pub(super) fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }
}

/// What is not read yet may hold secrets, and is not shown.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("number", &self.number)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}
