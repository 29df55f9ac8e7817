//! scimulate: a SCIM 2.0 service provider in memory, and a recording and replaying proxy.
//!
//! Two things flow. The **exchange** (a request and its answer) is what the proxy records and replay answers with; there is one
//! [`exchange::Exchange`], and nobody has a second. The **directory** (the resources of a tenant) is an immutable snapshot: readers take
//! the current one and never wait, a writer builds the next and swaps it in; a reload is the same act.
//!
//! ```text
//!   client ── net ──┬── service ── faults, scim, directory (serve)
//!                   ├── proxy ── upstream                 (record)
//!                   │      └── exchange: a file each
//!                   └── replay ── exchange: the files     (replay)
//!   a file ── idp ── somebody's service provider          (provision)
//! ```
//!
//! The rooms, from the ground up; a room uses only rooms below it, and `tests/it/house.rs` keeps it so:
//!
//! | floor | room |
//! | --- | --- |
//! | 0 | [`clock`], [`ids`]: time and ids, as arguments |
//! | 1 | [`scim`]: the protocol as pure functions; no IO, no async, no clock; [`certificate`]: chains and keys from files, or made for a run |
//! | 2 | [`directory`]: snapshots, indexes, links as edges; [`exchange`]: bodies, files, secrets, the base URL, who is who, differences, HAR; [`connect`]: connections to a server that somebody else runs |
//! | 3 | [`scenario`]: scenario files, their diagnostics, watching them; [`journal`]: the last exchanges, to search, to wait for, to verify; [`lint`]: rules about exchanges and their order |
//! | 4 | [`faults`]: which request meets which, and what becomes of its answer |
//! | 5 | [`service`]: SCIM over HTTP as a synchronous function; [`replay`]: matching; [`proxy`]: forwarding and recording; [`idp`]: the client side, as real identity providers are it |
//! | 6 | [`net`]: sockets, limits, drain, the way of one request; [`control`]: the control API, a synchronous function beside it; [`distill`]: a recording turned into a scenario that answers as it did |
//! | 7 | [`mock`]: a service provider that runs: sockets, control API and tenants, for a test to start |
//! | 8 | [`cli`]: one file a verb |
#![forbid(unsafe_code)]

pub mod clock;
pub mod ids;

pub mod certificate;
pub mod scim;

pub mod connect;
pub mod directory;
pub mod exchange;

pub mod journal;
pub mod lint;
pub mod scenario;

pub mod faults;

pub mod idp;
pub mod proxy;
pub mod replay;
pub mod service;

pub mod control;
pub mod distill;
pub mod net;

pub mod mock;

pub mod cli;

pub use mock::MockProvider;
