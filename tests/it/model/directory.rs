//! A directory as RFC 7643 and 7644 describe it, written so plainly that it can be seen to be right: a list of JSON objects.
//!
//! It calls nothing of the product. Each operation answers `Ok(())`, or the status and `scimType` of the error.

use super::patch;
use serde_json::{Map, Value, json};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// `409 uniqueness`, and the like.
pub(crate) type Refusal = &'static str;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Group,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::User, Self::Group];

    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }
}

/// A resource.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    /// What clients set; the members of a group as `{"value": id}`, the enterprise extension under its URN.
    pub(crate) own: Map<String, Value>,
    /// How often it has changed.
    pub(crate) changes: usize,
}

/// All resources, oldest first.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    pub(crate) resources: Vec<Resource>,
    /// How many users and groups were ever made: the next one's id has the next number.
    pub(crate) made: [usize; 2],
    /// Whether what real clients send beside the letter is taken.
    pub(crate) lenient: bool,
}

impl Directory {
    pub(crate) fn new(lenient: bool) -> Self {
        Self {
            resources: Vec::new(),
            made: [0, 0],
            lenient,
        }
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.id == id)
    }

    /// Where the resource of this kind and id is.
    pub(crate) fn at(&self, kind: Kind, id: &str) -> Result<usize, Refusal> {
        let of_kind = |it: &Resource| it.kind == kind && it.id == id;
        self.resources.iter().position(of_kind).ok_or("404")
    }

    /// RFC 7644 section 3.3. Returns the id.
    pub(crate) fn create(&mut self, kind: Kind, body: &Value) -> Result<String, Refusal> {
        let (own, _) = self.read(kind, body)?;
        self.check_unique(kind, &own, "")?;
        let made = &mut self.made[kind as usize];
        *made += 1;
        let id = format!("{}-{made}", kind.name().to_lowercase());
        self.resources.push(Resource {
            kind,
            id: id.clone(),
            own,
            changes: 0,
        });
        Ok(id)
    }

    /// RFC 7644 section 3.5.1: what is omitted is cleared. The parts of a member are immutable: a member that stays stays as it is.
    pub(crate) fn replace(&mut self, kind: Kind, id: &str, body: &Value) -> Result<(), Refusal> {
        let at = self.at(kind, id)?;
        let (mut own, password) = self.read(kind, body)?;
        let stored = patch::list(&self.resources[at].own, "members");
        if let Some(Value::Array(members)) = own.get_mut("members") {
            for member in members {
                let stays = stored.iter().find(|it| it["value"] == member["value"]);
                *member = stays.unwrap_or(member).clone();
            }
        }
        self.store(at, own, password)
    }

    /// RFC 7644 section 3.5.2: all operations or none.
    pub(crate) fn patch(
        &mut self,
        kind: Kind,
        id: &str,
        operations: &[Value],
    ) -> Result<(), Refusal> {
        let at = self.at(kind, id)?;
        let mut patched = patch::Patched {
            directory: self,
            kind,
            id,
            own: self.resources[at].own.clone(),
            password: false,
        };
        for operation in operations {
            patched.apply(operation)?;
        }
        let (own, password) = (patched.own, patched.password);
        self.store(at, own, password)
    }

    /// RFC 7644 section 3.6, and RFC 7643 section 4.2: nobody stays a member, or a manager, who is gone.
    pub(crate) fn delete(&mut self, kind: Kind, id: &str) -> Result<(), Refusal> {
        let at = self.at(kind, id)?;
        self.resources.remove(at);
        for resource in &mut self.resources {
            let before = resource.own.clone();
            let mut members = patch::list(&resource.own, "members");
            members.retain(|member| member["value"] != id);
            patch::put(&mut resource.own, "members", Value::Array(members));
            if let Some(Value::Object(mut enterprise)) = resource.own.remove(ENTERPRISE) {
                if enterprise
                    .get("manager")
                    .is_some_and(|it| it["value"] == id)
                {
                    enterprise.remove("manager");
                }
                patch::put(&mut resource.own, ENTERPRISE, Value::Object(enterprise));
            }
            resource.changes += usize::from(resource.own != before);
        }
        Ok(())
    }

    fn store(&mut self, at: usize, own: Map<String, Value>, password: bool) -> Result<(), Refusal> {
        let (kind, id) = (self.resources[at].kind, self.resources[at].id.clone());
        // The order of members says nothing, and a password that is written may be another one.
        if !password && comparable(&own) == comparable(&self.resources[at].own) {
            return Ok(());
        }
        self.check_unique(kind, &own, &id)?;
        let resource = &mut self.resources[at];
        resource.own = own;
        resource.changes += 1;
        Ok(())
    }

    /// RFC 7643 section 4.1.1: `userName` is unique, and its case says nothing.
    fn check_unique(&self, kind: Kind, own: &Map<String, Value>, id: &str) -> Result<(), Refusal> {
        let name = |own: &Map<String, Value>| own["userName"].as_str().map(str::to_lowercase);
        let mut others = self
            .resources
            .iter()
            .filter(|it| it.kind == kind && it.id != id);
        if kind == Kind::User && others.any(|it| name(&it.own) == name(own)) {
            return Err("409 uniqueness");
        }
        Ok(())
    }

    /// What a body says that a client may say, and whether it sets a password.
    fn read(&self, kind: Kind, body: &Value) -> Result<(Map<String, Value>, bool), Refusal> {
        let mut own = Map::new();
        let mut password = false;
        for (name, value) in body.as_object().expect("a body is an object") {
            match (kind, name.as_str()) {
                (_, "schemas" | "id" | "meta" | "groups") => {}
                (Kind::User, "password") => {
                    patch::checked(kind, name, value)?;
                    password = true;
                }
                (Kind::User, ENTERPRISE) => patch::put(&mut own, name, value.clone()),
                _ if patch::ATTRIBUTES.contains(&(kind, name)) => {
                    let value = patch::checked(kind, name, value)?;
                    patch::put(&mut own, name, value);
                }
                _ if self.lenient => {}
                _ => return Err("400 invalidSyntax"),
            }
        }
        let known = own.get(patch::required(kind)).and_then(Value::as_str);
        if known.is_none_or(str::is_empty) {
            return Err("400 invalidValue");
        }
        Ok((own, password))
    }

    /// A resource as an answer shows it, without `meta`.
    pub(crate) fn shown(&self, resource: &Resource) -> Value {
        let mut out = resource.own.clone();
        out.insert("id".into(), resource.id.clone().into());
        let schemas = match resource.kind {
            Kind::Group => json!([GROUP]),
            Kind::User if out.contains_key(ENTERPRISE) => json!([USER, ENTERPRISE]),
            Kind::User => json!([USER]),
        };
        out.insert("schemas".into(), schemas);
        if let Some(Value::Array(members)) = out.get_mut("members") {
            for member in members {
                let Some(target) = self.find(member["value"].as_str().unwrap_or_default()) else {
                    continue;
                };
                member["$ref"] = location(target).into();
                member["type"] = target.kind.name().into();
                if let Some(name) = target.own.get("displayName") {
                    member["display"] = name.clone();
                }
            }
        }
        if let Some(manager) = out.get_mut(ENTERPRISE).and_then(|it| it.get_mut("manager")) {
            let target = self.find(manager["value"].as_str().unwrap_or_default());
            if let Some(target) = target.filter(|it| it.kind == Kind::User) {
                manager["$ref"] = location(target).into();
                if let Some(name) = target.own.get("displayName") {
                    manager["displayName"] = name.clone();
                }
            }
        }
        let groups = self.groups(resource);
        if !groups.is_empty() {
            out.insert("groups".into(), groups.into());
        }
        Value::Object(out)
    }

    /// RFC 7643 section 4.1.2: the groups that a user is a member of, itself or by way of other groups, the nearest first.
    fn groups(&self, user: &Resource) -> Vec<Value> {
        let mut found: Vec<&Resource> = Vec::new();
        let mut of = vec![user.id.as_str()];
        let mut out = Vec::new();
        while user.kind == Kind::User && !of.is_empty() {
            let mut farther = Vec::new();
            for id in of {
                for group in &self.resources {
                    let members = patch::list(&group.own, "members");
                    let holds = members.iter().any(|member| member["value"] == id);
                    if !holds || found.iter().any(|it| it.id == group.id) {
                        continue;
                    }
                    found.push(group);
                    farther.push(group.id.as_str());
                    out.push(json!({
                        "value": group.id, "$ref": location(group), "display": group.own["displayName"],
                        "type": if id == user.id { "direct" } else { "indirect" },
                    }));
                }
            }
            of = farther;
        }
        out
    }
}

/// The same with members in the order of their ids.
fn comparable(own: &Map<String, Value>) -> Map<String, Value> {
    let mut own = own.clone();
    if let Some(Value::Array(members)) = own.get_mut("members") {
        members.sort_by_key(|member| member["value"].to_string());
    }
    own
}

fn location(resource: &Resource) -> String {
    let base = crate::support::sp::BASE;
    format!("{base}{}/{}", resource.kind.endpoint(), resource.id)
}
