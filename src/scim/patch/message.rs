//! The `PatchOp` message (RFC 7644 section 3.5.2): JSON to operations. Attributes are not looked up yet.

use crate::scim::choices::OpSpelling;
use crate::scim::path::{PatchPath, member};
use crate::scim::{ErrorKind, Leniency, Reading, ScimError};
use serde_json::Value;

/// The schema URN of a PATCH request.
pub const PATCH_OP_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "RFC 7644 sections 3.5.2.1 to 3.5.2.3")]
pub enum Op {
    Add,
    Remove,
    Replace,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What it does.
    pub op: Op,
    /// Where; `None` is the resource itself.
    pub path: Option<PatchPath>,
    /// With what; `None` when the member is absent.
    pub value: Option<Value>,
}

impl Op {
    /// The word of the RFC.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

impl Operation {
    /// The attributes that it names: that of its path, or the members of its value.
    pub fn names(&self) -> Vec<String> {
        match (&self.path, &self.value) {
            (Some(path), _) => vec![path.attribute.to_string()],
            (None, Some(Value::Object(members))) => members.keys().cloned().collect(),
            (None, _) => Vec::new(),
        }
    }
}

/// Reads a PATCH request.
///
/// # Errors
/// `invalidSyntax` for what is no `PatchOp` message, `invalidPath` and `invalidFilter` for a path.
pub fn parse(
    body: &Value,
    reading: Reading<'_>,
    spelling: OpSpelling,
) -> Result<Vec<Operation>, ScimError> {
    let refuse = |detail: &str| ScimError::new(ErrorKind::InvalidSyntax, detail.to_owned());
    let members = body.as_object().ok_or_else(|| {
        refuse("expected a PatchOp message: an object with `schemas` and `Operations`")
    })?;
    let named = member(members, "schemas").and_then(Value::as_array);
    let is_named = named.is_some_and(|list| list.iter().any(|urn| urn == PATCH_OP_URN));
    if !is_named && !reading.takes(Leniency::MessageSchemas) {
        return Err(refuse(&format!(
            "`schemas` of a PATCH request holds \"{PATCH_OP_URN}\""
        )));
    }
    let operations = match member(members, "Operations") {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one @ Value::Object(_)) if reading.takes(Leniency::OperationsObject) => {
            std::slice::from_ref(one)
        }
        _ => &[],
    };
    if operations.is_empty() {
        return Err(refuse("`Operations` is an array of one or more operations"));
    }
    let read = |(n, operation)| {
        let read: Result<_, ScimError> = self::operation(operation, reading, spelling);
        read.map_err(|error| error.at(format_args!("operation {}", n + 1)))
    };
    operations.iter().enumerate().map(read).collect()
}

fn operation(
    operation: &Value,
    reading: Reading<'_>,
    spelling: OpSpelling,
) -> Result<Operation, ScimError> {
    let refuse = |detail: String| ScimError::new(ErrorKind::InvalidSyntax, detail);
    let members = operation
        .as_object()
        .ok_or_else(|| refuse("expected an object with `op`, `path` and `value`".to_owned()))?;
    let word = member(members, "op").and_then(Value::as_str);
    let known = [Op::Add, Op::Remove, Op::Replace];
    let is = |word: &str, name: &str| match spelling {
        OpSpelling::AnyCase => word.eq_ignore_ascii_case(name),
        OpSpelling::LowerCase => word == name,
    };
    let op = known
        .into_iter()
        .find(|op| word.is_some_and(|word| is(word, op.name())));
    let op = op.ok_or_else(|| {
        refuse(format!(
            "`op` is {}, expected add, remove or replace",
            word.map_or("missing".to_owned(), |w| format!("`{w}`"))
        ))
    })?;
    let path = match member(members, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(Value::String(text)) => Some(PatchPath::parse(text, reading)?),
        Some(other) => return Err(refuse(format!("`path` is text, found {other}"))),
    };
    Ok(Operation {
        op,
        path,
        value: member(members, "value").cloned(),
    })
}
