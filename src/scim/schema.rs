//! Schemas and attribute characteristics (RFC 7643 sections 2.2 and 7), read from schema documents.
//!
//! Everything the core knows of an attribute it knows from here. A document is data: reading it yields every problem, not the first.

use super::comparison::Comparison;
use super::rule::Rule;
use serde_json::{Map, Value, json};

/// The schema URN of a schema document.
pub const SCHEMA_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// The data types of RFC 7643 section 2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Unicode text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A number without one.
    Integer,
    /// An instant, as `xsd:dateTime` text.
    DateTime,
    /// Octets, as base64 text.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// When a client may write an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    /// Only the provider writes.
    ReadOnly,
    /// Clients write at will.
    ReadWrite,
    /// Clients write once.
    Immutable,
    /// Clients write, nobody reads.
    WriteOnly,
}

/// When an attribute is part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// Whatever the projection.
    Always,
    /// Not even when asked for.
    Never,
    /// Unless the projection says otherwise.
    Default,
    /// Only when asked for, or just written.
    Request,
}

/// Where a value may occur only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uniqueness {
    /// Nowhere in particular.
    None,
    /// Within one tenant.
    Server,
    /// Everywhere.
    Global,
}

/// One attribute or sub-attribute with its characteristics.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The name in the schema's own casing; names are compared without regard to case.
    pub name: String,
    /// The data type.
    pub kind: Type,
    /// Whether its value is an array.
    pub multi_valued: bool,
    /// For people.
    pub description: String,
    /// Whether a resource must have it (a sub-attribute: whether its parent must).
    pub required: bool,
    /// Suggested values.
    pub canonical_values: Vec<String>,
    /// Whether case tells values apart.
    pub case_exact: bool,
    /// Who writes it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Where its value is unique.
    pub uniqueness: Uniqueness,
    /// Names of resource types, `external` or `uri`.
    pub reference_types: Vec<String>,
    /// The sub-attributes of a complex attribute.
    pub sub_attributes: Vec<Attribute>,
    /// What the RFCs say of it in words.
    pub rule: Option<Rule>,
}

/// A schema: a URN and its attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// Top-level attributes, in the order of the document.
    pub attributes: Vec<Attribute>,
}

/// The sub-attributes that RFC 7643 section 2.4 defines for values of a list, with their types and who writes them where a schema
/// does not say. `value` is of any type.
const PREDEFINED: [(&str, Type, Mutability); 4] = [
    ("type", Type::String, Mutability::ReadWrite),
    ("primary", Type::Boolean, Mutability::ReadWrite),
    ("display", Type::String, Mutability::Immutable),
    ("$ref", Type::Reference, Mutability::ReadWrite),
];

/// The spelling of each characteristic in a schema document, both ways.
trait Keyword: Copy + PartialEq + 'static {
    const SPELLINGS: &'static [(&'static str, Self)];

    fn read(text: &str) -> Option<Self> {
        let same = |&&(name, _): &&(&str, Self)| name.eq_ignore_ascii_case(text);
        Self::SPELLINGS.iter().find(same).map(|&(_, word)| word)
    }

    fn spelling(self) -> &'static str {
        let found = Self::SPELLINGS.iter().find(|&&(_, word)| word == self);
        found.map_or("", |&(name, _)| name)
    }
}

impl Keyword for Type {
    const SPELLINGS: &'static [(&'static str, Self)] = &[
        ("string", Self::String),
        ("boolean", Self::Boolean),
        ("decimal", Self::Decimal),
        ("integer", Self::Integer),
        ("dateTime", Self::DateTime),
        ("binary", Self::Binary),
        ("reference", Self::Reference),
        ("complex", Self::Complex),
    ];
}

impl Keyword for Mutability {
    const SPELLINGS: &'static [(&'static str, Self)] = &[
        ("readOnly", Self::ReadOnly),
        ("readWrite", Self::ReadWrite),
        ("immutable", Self::Immutable),
        ("writeOnly", Self::WriteOnly),
    ];
}

impl Keyword for Returned {
    const SPELLINGS: &'static [(&'static str, Self)] = &[
        ("always", Self::Always),
        ("never", Self::Never),
        ("default", Self::Default),
        ("request", Self::Request),
    ];
}

impl Keyword for Uniqueness {
    const SPELLINGS: &'static [(&'static str, Self)] = &[
        ("none", Self::None),
        ("server", Self::Server),
        ("global", Self::Global),
    ];
}

impl Type {
    /// The name in a schema document: `dateTime`, `complex`, …
    pub fn name(self) -> &'static str {
        self.spelling()
    }
}

/// The member of `list` named `name`, whatever its case.
pub fn find<'a>(list: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    list.iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

impl Attribute {
    /// The sub-attribute named `name`, whatever its case.
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        find(&self.sub_attributes, name)
    }

    /// The resource types that this attribute links to: a complex attribute whose `$ref` names resource types
    /// and whose `value` is the id of one (RFC 7643 section 2.3.7). Empty for every other attribute.
    pub fn link_targets(&self) -> &[String] {
        match (self.kind, self.sub("value"), self.sub("$ref")) {
            (Type::Complex, Some(_), Some(reference))
                if !reference
                    .reference_types
                    .iter()
                    .any(|t| t == "external" || t == "uri") =>
            {
                &reference.reference_types
            }
            _ => &[],
        }
    }

    /// What makes two of its values the same.
    pub fn comparison(&self) -> Comparison {
        match self.rule {
            Some(Rule::Username) if !self.case_exact => Comparison::Username,
            Some(Rule::Password) => Comparison::Opaque,
            _ if self.case_exact => Comparison::Exact,
            _ => Comparison::Caseless,
        }
    }

    /// `within_values` is set for a sub-attribute of a multi-valued attribute.
    fn parse(
        document: &Value,
        place: &str,
        within_values: bool,
        problems: &mut Vec<String>,
    ) -> Option<Self> {
        let Some(members) = document.as_object() else {
            problems.push(format!("{place}: an attribute is an object"));
            return None;
        };
        let Some(name) = members.get("name").and_then(Value::as_str) else {
            problems.push(format!("{place}: an attribute needs a `name`"));
            return None;
        };
        let place = format!("{place}.{name}");
        if !is_attribute_name(name) {
            problems.push(format!("{place}: a name is a letter followed by letters, digits, `-`, `_` or `$` (RFC 7643 section 2.1)"));
        }
        let mut reader = Reader {
            members,
            place: &place,
            problems,
        };
        let predefined = PREDEFINED
            .iter()
            .find(|(known, ..)| within_values && known.eq_ignore_ascii_case(name));
        let kind = reader.keyword("type", Type::String);
        if let Some((known, expected, _)) = predefined.filter(|it| it.1 != kind) {
            let expected = expected.spelling();
            reader.problems.push(format!(
                "{place}: `{known}` of a multi-valued attribute is {expected} (RFC 7643 section 2.4), not {}",
                kind.spelling()
            ));
        }
        let mutability = predefined.map_or(Mutability::ReadWrite, |it| it.2);
        let multi_valued = reader.flag("multiValued");
        let attribute = Self {
            name: name.to_owned(),
            kind,
            multi_valued,
            description: reader.text("description"),
            required: reader.flag("required"),
            canonical_values: reader.texts("canonicalValues"),
            case_exact: reader.flag("caseExact") || matches!(kind, Type::Reference | Type::Binary),
            mutability: reader.keyword("mutability", mutability),
            returned: reader.keyword("returned", Returned::Default),
            uniqueness: reader.keyword("uniqueness", Uniqueness::None),
            reference_types: reader.texts("referenceTypes"),
            sub_attributes: parse_list(
                members.get("subAttributes"),
                &place,
                multi_valued,
                problems,
            ),
            rule: None,
        };
        if attribute.kind != Type::Complex && !attribute.sub_attributes.is_empty() {
            problems.push(format!(
                "{place}: only a complex attribute has `subAttributes`"
            ));
        }
        Some(attribute)
    }

    /// The attribute as a schema document publishes it (RFC 7643 section 7).
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        out.insert("name".into(), self.name.as_str().into());
        out.insert("type".into(), self.kind.spelling().into());
        out.insert("multiValued".into(), self.multi_valued.into());
        out.insert("description".into(), self.description.as_str().into());
        out.insert("required".into(), self.required.into());
        if !self.canonical_values.is_empty() {
            out.insert(
                "canonicalValues".into(),
                self.canonical_values.clone().into(),
            );
        }
        // A complex attribute has no case and no uniqueness of its own (RFC 7643 section 2.3.8).
        if matches!(self.kind, Type::String | Type::Reference | Type::Binary) {
            out.insert("caseExact".into(), self.case_exact.into());
        }
        out.insert("mutability".into(), self.mutability.spelling().into());
        out.insert("returned".into(), self.returned.spelling().into());
        if self.kind != Type::Complex {
            out.insert("uniqueness".into(), self.uniqueness.spelling().into());
        }
        if !self.reference_types.is_empty() {
            out.insert("referenceTypes".into(), self.reference_types.clone().into());
        }
        if !self.sub_attributes.is_empty() {
            let subs = self
                .sub_attributes
                .iter()
                .map(Self::to_json)
                .collect::<Vec<_>>();
            out.insert("subAttributes".into(), subs.into());
        }
        Value::Object(out)
    }
}

impl Schema {
    /// Reads a schema document.
    ///
    /// # Errors
    /// Every problem of the document, each opening with the place it is about.
    pub fn parse(document: &Value) -> Result<Self, Vec<String>> {
        let text = |name: &str| {
            document
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let mut problems = Vec::new();
        let id = text("id");
        if id.is_empty() {
            problems.push("a schema needs an `id`, its URN".to_owned());
        }
        let mut attributes = parse_list(document.get("attributes"), &id, false, &mut problems);
        for attribute in &mut attributes {
            attribute.rule = Rule::of(&id, &attribute.name, None);
            for sub in &mut attribute.sub_attributes {
                sub.rule = Rule::of(&id, &attribute.name, Some(&sub.name));
                // The schema of schemas is the one exception, which RFC 7643 makes for itself.
                if sub.kind == Type::Complex && id != SCHEMA_URN {
                    problems.push(format!(
                        "{id}.{}.{}: a complex attribute holds no complex attribute (RFC 7643 section 2.3.8)",
                        attribute.name, sub.name
                    ));
                }
            }
        }
        if problems.is_empty() {
            // Both are published (RFC 7643 section 7), and a document that has neither is understood all the same.
            let said = |text: String, otherwise: &str| match text.as_str() {
                "" => otherwise.to_owned(),
                _ => text,
            };
            let name = said(text("name"), id.rsplit(':').next().unwrap_or_default());
            Ok(Self {
                description: said(text("description"), &name),
                name,
                id,
                attributes,
            })
        } else {
            Err(problems)
        }
    }

    /// The schema as `/Schemas` publishes it (RFC 7643 section 7), its location below `base`.
    pub fn to_json(&self, base: &str) -> Value {
        json!({
            "schemas": [SCHEMA_URN],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": self.attributes.iter().map(Attribute::to_json).collect::<Vec<_>>(),
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", self.id) },
        })
    }
}

/// Reads the characteristics of one attribute and notes what it cannot.
struct Reader<'a> {
    members: &'a Map<String, Value>,
    place: &'a str,
    problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn keyword<K: Keyword>(&mut self, name: &str, default: K) -> K {
        let Some(value) = self.members.get(name) else {
            return default;
        };
        if let Some(word) = value.as_str().and_then(K::read) {
            return word;
        }
        let known = K::SPELLINGS
            .iter()
            .map(|(spelling, _)| *spelling)
            .collect::<Vec<_>>()
            .join(", ");
        self.problems.push(format!(
            "{}: `{name}` is {value}, expected one of {known}",
            self.place
        ));
        default
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.members.get(name) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                self.problems.push(format!(
                    "{}: `{name}` is {other}, expected true or false",
                    self.place
                ));
                false
            }
        }
    }

    fn text(&self, name: &str) -> String {
        self.members
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let list = self.members.get(name).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }
}

fn parse_list(
    list: Option<&Value>,
    place: &str,
    within_values: bool,
    problems: &mut Vec<String>,
) -> Vec<Attribute> {
    match list {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|document| Attribute::parse(document, place, within_values, problems))
            .collect(),
        Some(_) => {
            problems.push(format!("{place}: a list of attributes is an array"));
            Vec::new()
        }
    }
}

/// `ATTRNAME` of RFC 7643 section 2.1, and `$ref`, which the same document uses.
fn is_attribute_name(name: &str) -> bool {
    let mut letters = name.strip_prefix('$').unwrap_or(name).chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
}
