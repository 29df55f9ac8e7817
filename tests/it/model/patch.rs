//! PATCH as RFC 7644 section 3.5.2 tells it, for the attributes that the test uses, one `if` after the other.
//!
//! Where the RFC leaves a choice, the comment says which one the product has made.

use super::directory::{Directory, ENTERPRISE, Kind, Refusal};
use serde_json::{Map, Value, json};

/// What a client may set.
pub(crate) const ATTRIBUTES: [(Kind, &str); 10] = [
    (Kind::User, "userName"),
    (Kind::User, "displayName"),
    (Kind::User, "title"),
    (Kind::User, "active"),
    (Kind::User, "externalId"),
    (Kind::User, "name"),
    (Kind::User, "emails"),
    (Kind::Group, "displayName"),
    (Kind::Group, "externalId"),
    (Kind::Group, "members"),
];

const INVALID: Refusal = "400 invalidValue";

pub(crate) fn required(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "userName",
        Kind::Group => "displayName",
    }
}

/// The list at `name`; nothing there is the empty list.
pub(crate) fn list(own: &Map<String, Value>, name: &str) -> Vec<Value> {
    own.get(name)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// Sets an attribute; null, `[]` and `{}` unassign it (RFC 7643 section 2.5).
pub(crate) fn put(own: &mut Map<String, Value>, name: &str, value: Value) {
    if value.is_null() || value == json!([]) || value == json!({}) {
        own.remove(name);
    } else {
        own.insert(name.to_owned(), value);
    }
}

/// The value, if the attribute can have it: types, one primary value at most, no value twice, and a member is somebody.
pub(crate) fn checked(kind: Kind, name: &str, value: &Value) -> Result<Value, Refusal> {
    let fits = match name {
        _ if value.is_null() => true,
        "active" => value.is_boolean(),
        "name" | "manager" => value.is_object(),
        "emails" | "members" => value.is_array(),
        _ => value.is_string(),
    };
    if !fits {
        return Err(INVALID);
    }
    let Value::Array(given) = value else {
        return Ok(value.clone());
    };
    let mut out: Vec<Value> = Vec::new();
    for element in given {
        let is_member = kind == Kind::Group;
        if !element.is_object() || (is_member && !element["value"].is_string()) {
            return Err(INVALID);
        }
        let twice = |it: &Value| {
            if is_member {
                it["value"] == element["value"]
            } else {
                it == element
            }
        };
        if !out.iter().any(twice) {
            out.push(element.clone());
        }
    }
    if out.iter().filter(|it| it["primary"] == true).count() > 1 {
        return Err(INVALID);
    }
    Ok(out.into())
}

/// A resource half way through a PATCH.
pub(crate) struct Patched<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) kind: Kind,
    pub(crate) id: &'a str,
    pub(crate) own: Map<String, Value>,
    pub(crate) password: bool,
}

/// `emails[type eq "work"].value` in its parts.
struct Path<'a> {
    attribute: &'a str,
    selects: Option<(&'a str, Value)>,
    sub: Option<&'a str>,
}

impl<'a> Path<'a> {
    fn new(text: &'a str) -> Self {
        let Some((attribute, rest)) = text.split_once('[') else {
            let (attribute, sub) = match text.split_once('.') {
                Some((attribute, sub)) => (attribute, Some(sub)),
                None => (text, None),
            };
            return Self {
                attribute,
                selects: None,
                sub,
            };
        };
        let (filter, rest) = rest.split_once(']').expect("a bracket is closed");
        let (name, literal) = filter.split_once(" eq ").expect("brackets hold one `eq`");
        let literal = serde_json::from_str(literal).expect("a literal is JSON");
        Self {
            attribute,
            selects: Some((name, literal)),
            sub: rest.strip_prefix('.'),
        }
    }
}

impl Patched<'_> {
    pub(crate) fn apply(&mut self, operation: &Value) -> Result<(), Refusal> {
        let (op, value) = (
            operation["op"].as_str().unwrap_or_default(),
            operation.get("value"),
        );
        if let Some(path) = operation.get("path") {
            let path = path.as_str().unwrap_or_default();
            if self.kind == Kind::User
                && let Some(rest) = path.strip_prefix(ENTERPRISE)
            {
                return match rest.strip_prefix(':') {
                    None => self.extension(op, value.unwrap_or(&Value::Null)),
                    Some(name) => self.extended(op, &Path::new(name), value),
                };
            }
            return self.at(op, &Path::new(path), value);
        }
        if op == "remove" {
            return Err("400 noTarget");
        }
        let Some(members) = value.and_then(Value::as_object) else {
            return Err(INVALID);
        };
        for (name, value) in members {
            let known = ATTRIBUTES.contains(&(self.kind, name.as_str()));
            match name.as_str() {
                "meta" => {}
                "id" if value == self.id => {}
                "id" => return Err("400 mutability"),
                "groups" if self.kind == Kind::User => return Err("400 mutability"),
                ENTERPRISE if self.kind == Kind::User => self.extension(op, value)?,
                "password" if self.kind == Kind::User => {
                    self.at(op, &Path::new(name), Some(value))?;
                }
                _ if known => self.at(op, &Path::new(name), Some(value))?,
                _ if self.directory.lenient => {}
                _ => return Err("400 invalidSyntax"),
            }
        }
        Ok(())
    }

    fn at(&mut self, op: &str, path: &Path<'_>, value: Option<&Value>) -> Result<(), Refusal> {
        let name = path.attribute;
        match name {
            "id" | "meta" => return Err("400 mutability"),
            "groups" if self.kind == Kind::User => return Err("400 mutability"),
            "password" if self.kind == Kind::User => {}
            _ if !ATTRIBUTES.contains(&(self.kind, name)) => return Err("400 invalidPath"),
            _ => {}
        }
        self.check_value(op, value)?;
        let value = value.unwrap_or(&Value::Null);
        match name {
            "password" => {
                if op != "remove" {
                    checked(self.kind, name, value)?;
                }
                self.password = true;
                Ok(())
            }
            "name" => {
                let before = self.own.get(name).cloned().unwrap_or(json!({}));
                let after = complex(op, path.sub, before, value)?;
                put(&mut self.own, name, after);
                Ok(())
            }
            "emails" => {
                let after = self.emails(op, path, value)?;
                put(&mut self.own, name, after.into());
                Ok(())
            }
            "members" => {
                let after = self.members(op, path, value)?;
                put(&mut self.own, name, after.into());
                Ok(())
            }
            _ => {
                let after = if op == "remove" {
                    Value::Null
                } else {
                    checked(self.kind, name, value)?
                };
                let is_blank = after.is_null() || after == "";
                if required(self.kind) == name && is_blank {
                    // RFC 7644 section 3.5.2.2 names the error of `remove` alone.
                    return Err(if op == "remove" {
                        "400 mutability"
                    } else {
                        INVALID
                    });
                }
                put(&mut self.own, name, after);
                Ok(())
            }
        }
    }

    /// What an operation must have, and must not.
    fn check_value(&self, op: &str, value: Option<&Value>) -> Result<(), Refusal> {
        match (op, value) {
            ("remove", None | Some(Value::Null)) => Ok(()),
            ("remove", Some(_)) if self.directory.lenient => Ok(()),
            ("remove", _) | ("add", Some(Value::Null)) | (_, None) => Err(INVALID),
            _ => Ok(()),
        }
    }

    fn extension(&mut self, op: &str, value: &Value) -> Result<(), Refusal> {
        if op == "remove" || (op == "replace" && value.is_null()) {
            self.own.remove(ENTERPRISE);
            return Ok(());
        }
        for (name, value) in value.as_object().ok_or(INVALID)? {
            self.extended(op, &Path::new(name), Some(value))?;
        }
        Ok(())
    }

    fn extended(
        &mut self,
        op: &str,
        path: &Path<'_>,
        value: Option<&Value>,
    ) -> Result<(), Refusal> {
        self.check_value(op, value)?;
        let value = value.unwrap_or(&Value::Null);
        let held = self.own.get(ENTERPRISE).and_then(Value::as_object);
        let mut held = held.cloned().unwrap_or_default();
        let after = match path.attribute {
            "manager" => {
                let before = held.get("manager").cloned().unwrap_or(json!({}));
                // An id alone is meant for a manager's (a client does that).
                let meant = match value {
                    Value::String(id) if self.directory.lenient && path.sub.is_none() => {
                        json!({"value": id})
                    }
                    other => other.clone(),
                };
                let after = complex(op, path.sub, before, &meant)?;
                // Nobody is no manager.
                if after["value"] == "" {
                    Value::Null
                } else {
                    after
                }
            }
            _ if op == "remove" => Value::Null,
            name => checked(self.kind, name, value)?,
        };
        put(&mut held, path.attribute, after);
        put(&mut self.own, ENTERPRISE, Value::Object(held));
        Ok(())
    }

    fn emails(&self, op: &str, path: &Path<'_>, value: &Value) -> Result<Vec<Value>, Refusal> {
        let lenient = self.directory.lenient;
        let mut emails = list(&self.own, "emails");
        if path.sub.is_some() && path.selects.is_none() && !lenient {
            return Err("400 invalidPath");
        }
        if path.selects.is_none() && path.sub.is_none() {
            return whole_list(op, lenient, emails, value);
        }
        // Names and text are compared without regard to case; no value of `primary` means false (RFC 7643 section 2.4).
        let chosen = |email: &Value| match &path.selects {
            None => true,
            Some((name, Value::Bool(flag))) => email.get(*name).unwrap_or(&json!(false)) == flag,
            Some((name, literal)) => lower(&email[*name]) == lower(literal),
        };
        if op != "remove" && !emails.iter().any(chosen) {
            match (&path.selects, op) {
                // A sub-attribute of every value, where there is none: of a new one.
                (None, _) => emails.push(json!({})),
                // Entra ID expects an `add` to make the value that it describes.
                (Some((name, literal)), "add") if lenient => emails.push(json!({*name: literal})),
                _ => return Err("400 noTarget"),
            }
        }
        let chosen: Vec<bool> = emails
            .iter()
            .map(|it| chosen(it) || *it == json!({}))
            .collect();
        let was_primary = |it: &Value| it["primary"] == true;
        for (email, _) in emails
            .iter_mut()
            .zip(&chosen)
            .filter(|(_, chosen)| **chosen)
        {
            *email = match (op, path.sub) {
                ("remove", None) => json!({}),
                (_, None) if !value.is_object() => return Err(INVALID),
                _ => complex(op, path.sub, email.clone(), value)?,
            };
        }
        let now = emails
            .iter()
            .zip(&chosen)
            .filter(|(it, chosen)| **chosen && was_primary(it));
        match now.count() {
            0 => {}
            // Section 3.5.2: a value that becomes primary takes that from the other.
            1 => {
                for (email, _) in emails
                    .iter_mut()
                    .zip(&chosen)
                    .filter(|(_, chosen)| !**chosen)
                {
                    if was_primary(email) {
                        email["primary"] = false.into();
                    }
                }
            }
            _ => return Err(INVALID),
        }
        emails.retain(|email| *email != json!({}));
        Ok(emails)
    }

    fn members(&self, op: &str, path: &Path<'_>, value: &Value) -> Result<Vec<Value>, Refusal> {
        let mut members = list(&self.own, "members");
        if let Some((name, literal)) = &path.selects {
            // Only `remove` selects members here: their parts are immutable.
            members.retain(|member| {
                let target = self
                    .directory
                    .find(member["value"].as_str().unwrap_or_default());
                let kind = target.map(|target| target.kind.name());
                match *name {
                    "type" => kind.is_none_or(|kind| literal != kind),
                    _ => member[*name] != *literal,
                }
            });
            return Ok(members);
        }
        let given = match value {
            Value::Object(_) => json!([value]),
            other => other.clone(),
        };
        let given = checked(self.kind, "members", &given)?;
        let given = given.as_array().cloned();
        let held = |members: &[Value], member: &Value| {
            members
                .iter()
                .find(|it| it["value"] == member["value"])
                .cloned()
        };
        match (op, given) {
            ("remove", None) => Ok(Vec::new()),
            ("remove", Some(given)) => {
                members.retain(|member| held(&given, member).is_none());
                Ok(members)
            }
            ("add", given) => {
                for member in given.unwrap_or_default() {
                    if held(&members, &member).is_none() {
                        members.push(member);
                    }
                }
                Ok(members)
            }
            // A member that stays stays as it is: its parts are immutable.
            (_, given) => {
                let given = given.unwrap_or_default();
                Ok(given
                    .into_iter()
                    .map(|it| held(&members, &it).unwrap_or(it))
                    .collect())
            }
        }
    }
}

fn lower(value: &Value) -> Option<String> {
    value.as_str().map(str::to_lowercase)
}

/// A complex value after an operation on it or on one of its parts: what is not named stays (sections 3.5.2.1 and 3.5.2.3).
fn complex(op: &str, sub: Option<&str>, before: Value, value: &Value) -> Result<Value, Refusal> {
    let mut after = before.as_object().cloned().unwrap_or_default();
    match (op, sub, value) {
        ("remove", None, _) | (_, None, Value::Null) => return Ok(Value::Null),
        ("remove", Some(sub), _) => put(&mut after, sub, Value::Null),
        (_, Some(sub), value) => {
            let fits = if sub == "primary" {
                value.is_boolean()
            } else {
                value.is_string()
            };
            if !fits && !value.is_null() {
                return Err(INVALID);
            }
            put(&mut after, sub, value.clone());
        }
        (_, None, Value::Object(given)) => {
            for (name, value) in given {
                put(&mut after, name, value.clone());
            }
        }
        _ => return Err(INVALID),
    }
    Ok(Value::Object(after))
}

/// An operation on a whole list.
fn whole_list(
    op: &str,
    lenient: bool,
    mut present: Vec<Value>,
    value: &Value,
) -> Result<Vec<Value>, Refusal> {
    // Whether a value is there already with all that is said of it.
    let covers = |whole: &Value, part: &Value| {
        let part = part.as_object().into_iter().flatten();
        part.into_iter()
            .all(|(name, value)| whole.get(name) == Some(value))
    };
    // One value may be added as it is; one for a list is a departure.
    let listed = match value {
        Value::Object(_) if lenient || op == "add" => json!([value]),
        other => other.clone(),
    };
    match op {
        "remove" if value.is_null() => Ok(Vec::new()),
        "remove" => {
            let unwanted = listed.as_array().cloned().unwrap_or(vec![listed]);
            present.retain(|it| !unwanted.iter().any(|no| no.is_object() && covers(it, no)));
            Ok(present)
        }
        "add" => {
            for element in list(
                &Map::from_iter([("it".to_owned(), checked(Kind::User, "emails", &listed)?)]),
                "it",
            ) {
                if present.iter().any(|it| covers(it, &element)) {
                    continue;
                }
                if element["primary"] == true {
                    for it in present.iter_mut().filter(|it| it.get("primary").is_some()) {
                        it["primary"] = false.into();
                    }
                }
                present.push(element);
            }
            Ok(present)
        }
        _ => Ok(checked(Kind::User, "emails", &listed)?
            .as_array()
            .cloned()
            .unwrap_or_default()),
    }
}
