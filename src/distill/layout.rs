//! JSON as people lay it out: on one line where it fits, else a member a line.

use serde_json::Value;

/// How wide a line may be.
pub(super) const WIDTH: usize = 134;

/// A value that begins at this column, in as few lines as are readable.
pub(super) fn json(value: &Value, indent: usize) -> String {
    let line = spaced(value);
    if indent + line.chars().count() < WIDTH {
        return line;
    }
    let inner = indent + 4;
    let lines: Vec<String> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, it)| {
                let name = Value::from(name.as_str());
                format!("{:inner$}{name}: {}", "", json(it, inner))
            })
            .collect(),
        Value::Array(list) => list
            .iter()
            .map(|it| format!("{:inner$}{}", "", json(it, inner)))
            .collect(),
        _ => return line,
    };
    let (open, close) = if value.is_object() {
        ('{', '}')
    } else {
        ('[', ']')
    };
    format!("{open}\n{}\n{:indent$}{close}", lines.join(",\n"), "")
}

/// `{"userName": "ann", "active": true}`
pub(super) fn spaced(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, it)| format!("{}: {}", Value::from(name.as_str()), spaced(it)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(list) => format!(
            "[{}]",
            list.iter().map(spaced).collect::<Vec<_>>().join(", ")
        ),
        other => other.to_string(),
    }
}
