//! A body, as what it is: a resource, or one of the messages of RFC 7644 section 3.

use super::bulk::BulkOperation;
use super::patch::Operation;
use super::resource::Resource;
use super::target::Target;
use crate::exchange::Body;
use crate::exchange::walk::Schemas;
use crate::lint::Place;
use crate::scim::path::member;
use crate::scim::resource_type::ResourceType;
use serde_json::{Map, Value};
use std::rc::Rc;

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// There is none, or it is no JSON.
    None,
    /// A resource.
    Resource,
    /// A list of resources.
    List,
    /// A search.
    Search,
    /// A PATCH.
    Patch,
    /// Several requests, or the answers to them.
    Bulk,
    /// An error.
    Error,
    /// A document of RFC 7644 section 4, or a list of them.
    Discovery,
    /// JSON that is none of these.
    Other,
}

/// One of the two bodies of an exchange.
pub(crate) struct Message<'a> {
    /// `/request/body` or `/response/body`.
    pub at: &'static str,
    /// The header fields.
    pub headers: &'a [(String, String)],
    /// The bytes, whatever they are.
    pub raw: &'a Body,
    /// What it is.
    pub form: Form,
    /// The JSON.
    pub json: Option<&'a Value>,
    /// The resources in it, those in bulk operations too.
    pub resources: Vec<Resource<'a>>,
    /// The operations of a PATCH, those in bulk operations too.
    pub operations: Vec<Operation<'a>>,
    /// The operations of a bulk message.
    pub bulk: Vec<BulkOperation<'a>>,
    /// Discovery documents, with where they stand.
    pub documents: Vec<(Place, &'a Map<String, Value>)>,
}

impl<'a> Message<'a> {
    pub(super) fn empty(at: &'static str, headers: &'a [(String, String)], raw: &'a Body) -> Self {
        Self {
            at,
            headers,
            raw,
            form: Form::None,
            json: match raw {
                Body::Json(value) => Some(value),
                _ => None,
            },
            resources: Vec::new(),
            operations: Vec::new(),
            bulk: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// The body of a request with this method and target.
    pub(super) fn sent(mut self, method: &str, target: &Target<'a>, schemas: &'a Schemas) -> Self {
        let Some(json) = self.json else {
            return self;
        };
        match (method, target) {
            (_, Target::Search(_)) => self.form = Form::Search,
            (_, Target::Bulk) => self.bulk(json, schemas, true),
            ("PATCH", _) => {
                self.form = Form::Patch;
                self.operations(&Place::from(self.at), target.kind(), json);
            }
            (
                "POST" | "PUT",
                Target::Collection(_) | Target::Resource(..) | Target::Me | Target::Unknown,
            ) => {
                self.form = Form::Resource;
                self.resource(&Place::from(self.at), target.kind(), json, schemas);
            }
            _ => self.form = Form::Other,
        }
        self
    }

    /// The body of the answer to such a request.
    pub(super) fn got(
        mut self,
        status: u16,
        method: &str,
        target: &Target<'a>,
        schemas: &'a Schemas,
    ) -> Self {
        let (Some(json), false) = (self.json, method == "HEAD") else {
            return self;
        };
        if status >= 400 {
            self.form = Form::Error;
            return self;
        }
        let list = json.as_object().and_then(|it| member_key(it, "Resources"));
        let is_list = list.is_some_and(|it| it.1.is_array()) || self.get("totalResults").is_some();
        if target.is_discovery() {
            self.form = Form::Discovery;
            self.discovery(json);
        } else if matches!(target, Target::Bulk) {
            self.bulk(json, schemas, false);
        } else if is_list {
            self.form = Form::List;
            if let Some((name, Value::Array(resources))) = list {
                let at = Place::from(self.at).below(name);
                for (n, resource) in resources.iter().enumerate() {
                    self.resource(&at.below(&n.to_string()), target.kind(), resource, schemas);
                }
            }
        } else if json.is_object() && !matches!(target, Target::Search(_)) {
            self.form = Form::Resource;
            self.resource(&Place::from(self.at), target.kind(), json, schemas);
        } else {
            self.form = Form::Other;
        }
        self
    }

    fn resource(
        &mut self,
        at: &Place,
        kind: Option<&'a ResourceType>,
        value: &'a Value,
        schemas: &'a Schemas,
    ) {
        if let Some(members) = value.as_object() {
            let at = Rc::from(at.pointer.as_str());
            self.resources
                .push(Resource::read(at, kind, members, schemas));
        }
    }

    fn operations(&mut self, at: &Place, kind: Option<&'a ResourceType>, message: &'a Value) {
        let found = message
            .as_object()
            .and_then(|it| member_key(it, "Operations"));
        let (at, list) = match (found, message) {
            (Some((name, Value::Array(list))), _) => (at.below(name), list.as_slice()),
            // A bulk operation may hold them bare (RFC 7644 erratum 5050).
            (_, Value::Array(list)) => (at.clone(), list.as_slice()),
            _ => return,
        };
        for (n, operation) in list.iter().enumerate() {
            let at = Rc::from(at.below(&n.to_string()).pointer);
            self.operations.push(Operation::read(at, kind, operation));
        }
    }

    fn bulk(&mut self, json: &'a Value, schemas: &'a Schemas, sent: bool) {
        self.form = Form::Bulk;
        let Some((name, Value::Array(list))) =
            json.as_object().and_then(|it| member_key(it, "Operations"))
        else {
            return;
        };
        let all = Place::from(self.at).below(name);
        for (n, value) in list.iter().enumerate() {
            let at = all.below(&n.to_string());
            let operation = BulkOperation::read(Rc::from(at.pointer.as_str()), value, schemas);
            let kind = operation.target.kind();
            let content = value
                .as_object()
                .and_then(|it| member_key(it, if sent { "data" } else { "response" }));
            if let Some((name, content)) = content {
                let at = at.below(name);
                match operation.method().as_str() {
                    "PATCH" if sent => self.operations(&at, kind, content),
                    _ if sent || is_resource(content) => self.resource(&at, kind, content, schemas),
                    _ => {}
                }
            }
            self.bulk.push(operation);
        }
    }

    fn discovery(&mut self, json: &'a Value) {
        let list = json.as_object().and_then(|it| member_key(it, "Resources"));
        match list {
            Some((name, Value::Array(list))) => {
                let at = Place::from(self.at).below(name);
                let listed = list.iter().enumerate();
                self.documents.extend(
                    listed.filter_map(|(n, it)| Some((at.below(&n.to_string()), it.as_object()?))),
                );
            }
            _ => self
                .documents
                .extend(json.as_object().map(|it| (Place::from(self.at), it))),
        }
    }

    /// The member of the body of this name, whatever its case.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        member(self.json?.as_object()?, name)
    }

    /// Where a member of the body stands, or the body.
    pub(crate) fn place(&self, name: &str) -> Place {
        let whole = Place::from(self.at);
        match self
            .json
            .and_then(Value::as_object)
            .and_then(|it| member_key(it, name))
        {
            Some((written, _)) => whole.below(written),
            None => whole,
        }
    }

    /// Where the body stands, whatever it is.
    pub(crate) fn body_place(&self) -> Place {
        let part = self.at;
        match self.raw {
            Body::Empty => part.trim_end_matches("/body").into(),
            Body::Json(_) => part.into(),
            Body::Text(_) => format!("{part}_text").into(),
            Body::Cut { kept } if std::str::from_utf8(kept).is_ok() => {
                format!("{part}_text").into()
            }
            Body::Binary(_) | Body::Cut { .. } => format!("{part}_base64").into(),
        }
    }

    /// The URNs in `schemas` of the body.
    pub(crate) fn urns(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let list = self.get("schemas").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether the body says that it is this message.
    pub(crate) fn is_named(&self, urn: &str) -> bool {
        self.urns().any(|named| named.eq_ignore_ascii_case(urn))
    }

    /// The first header field of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.header_at(name).map(|it| it.1)
    }

    /// The values of all of them.
    pub(in crate::lint) fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self
            .headers
            .iter()
            .filter(move |(it, _)| it.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The same with the place of its value.
    pub(crate) fn header_at(&self, name: &str) -> Option<(Place, &'a str)> {
        let at = self.at.trim_end_matches("/body");
        let mut headers = self.headers.iter().enumerate();
        let (n, (_, value)) = headers.find(|(_, (it, _))| it.eq_ignore_ascii_case(name))?;
        Some((format!("{at}/headers/{n}/1").into(), value))
    }

    /// The media type without its parameters, in lower case.
    pub(crate) fn media_type(&self) -> Option<String> {
        let essence = self
            .header("content-type")?
            .split(';')
            .next()
            .unwrap_or_default();
        Some(essence.trim().to_ascii_lowercase())
    }

    /// Every typed value of resources and operations.
    pub(crate) fn values(&self) -> impl Iterator<Item = &super::Typed<'a>> {
        let of_resources = self.resources.iter().flat_map(|it| &it.values);
        of_resources.chain(self.operations.iter().flat_map(|it| &it.values))
    }

    /// Every member of them that no schema has.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = &super::Unknown<'a>> {
        let of_resources = self.resources.iter().flat_map(|it| &it.unknown);
        of_resources.chain(self.operations.iter().flat_map(|it| &it.unknown))
    }
}

/// A member with its name as it was written.
pub(super) fn member_key<'v>(
    members: &'v Map<String, Value>,
    name: &str,
) -> Option<(&'v str, &'v Value)> {
    let mut all = members.iter();
    let found = all.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some((found.0.as_str(), found.1))
}

/// An answer to a bulk operation may be an error as well.
fn is_resource(value: &Value) -> bool {
    let mut urns = value
        .get("schemas")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    !urns.any(|urn| urn == crate::scim::error::ERROR_URN)
}
