//! The rules, a file a subject: each file has its part of the table, and below it the checks.

mod contradiction;
mod discovery;
mod query;
mod recording;
mod request_body;
mod request_bulk;
mod request_headers;
mod request_line;
mod request_patch;
mod request_people;
mod request_resource;
mod response_bulk;
mod response_error;
mod response_headers;
mod response_list;
mod response_resource;
mod response_status;
mod sequence;
mod text;
mod values;

use super::rule::Rule;

/// The parts of the table.
pub(super) const SUBJECTS: &[&[Rule]] = &[
    request_line::RULES,
    request_headers::RULES,
    request_body::RULES,
    query::RULES,
    request_resource::RULES,
    request_people::RULES,
    request_patch::RULES,
    request_bulk::RULES,
    response_status::RULES,
    response_headers::RULES,
    response_error::RULES,
    response_list::RULES,
    response_resource::RULES,
    response_bulk::RULES,
    discovery::RULES,
    sequence::RULES,
    contradiction::RULES,
    recording::RULES,
];
