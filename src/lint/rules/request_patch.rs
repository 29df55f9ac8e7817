//! PATCH as a client sends it (RFC 7644 section 3.5.2).

use crate::lint::finding::{Found, shown};
use crate::lint::rule::rules;
use crate::lint::view::{Form, Operation, View, is_hidden};
use crate::scim::patch::{Op, PATCH_OP_URN};
use crate::scim::schema::{Mutability, Type};
use crate::scim::{ErrorKind, Leniency};
use serde_json::Value;

rules! {
    "REQ-PATCH-001" Client Error "RFC 7644 section 3.5.2" Alone no_urn,
        "a PATCH without the URN of PatchOp"
        "strict providers answer 400 `invalidSyntax`"
        "name `urn:ietf:params:scim:api:messages:2.0:PatchOp` in `schemas`";
    "REQ-PATCH-002" Client Error "RFC 7644 section 3.5.2" Alone no_operations,
        "a PATCH without operations"
        "providers answer 400; a bare resource as body is SCIM 1.1"
        "send an array `Operations` with one operation at least";
    "REQ-PATCH-003" Client Error "RFC 7644 section 3.5.2" Alone operations_object,
        "`Operations` is no array"
        "most providers answer 400, or change nothing and say 200"
        "put the operation into an array";
    "REQ-PATCH-004" Client Error "RFC 7644 section 3.5.2" Alone unknown_op,
        "an `op` that is not add, remove or replace"
        "`move`, `copy` and `test` are JSON Patch's: providers answer 400"
        "use `add`, `remove` and `replace`";
    "REQ-PATCH-005" Client Warning "RFC 7644 section 3.5.2" Alone op_case,
        "an `op` that is not in lower case"
        "Entra ID sends `Add`, `Replace` and `Remove` without its flag; a provider that compares text answers 400"
        "write `op` in lower case; in Entra ID add `?aadOptscim062020` to the tenant URL";
    "REQ-PATCH-006" Client Error "RFC 7644 section 3.5.2" Alone malformed_path,
        "a `path` that the grammar does not have"
        "providers answer 400 `invalidPath`"
        "write an attribute, `attribute[filter]` or `attribute[filter].sub`";
    "REQ-PATCH-007" Client Error "RFC 7644 section 3.5.2" Alone unknown_path,
        "a `path` to an attribute that no schema has"
        "providers answer 400 `invalidPath` or `noTarget`"
        "name attributes that `/Schemas` has, extension attributes with their URN";
    "REQ-PATCH-008" Client Error "RFC 7644 section 3.5.2.2" Alone remove_without_path,
        "a `remove` without `path`"
        "providers answer 400 `noTarget`"
        "say in `path` what to remove";
    "REQ-PATCH-009" Client Warning "RFC 7644 section 3.5.2.2" Alone remove_with_value,
        "a `remove` that names its values beside the path"
        "Entra ID removes members so without its flag: a provider that goes by the letter empties the whole group"
        "write `members[value eq \"ID\"]`; in Entra ID add `?aadOptscim062020` to the tenant URL";
    "REQ-PATCH-010" Client Error "RFC 7644 section 3.5.2.1" Alone no_value,
        "an operation without the value that it needs"
        "`add` has a value, and `replace` without one means nothing: providers answer 400"
        "send `value`; to empty an attribute use `remove`";
    "REQ-PATCH-011" Client Error "RFC 7644 section 3.5.2.1" Alone value_without_path,
        "no `path`, and a value that is no object of attributes"
        "nothing says which attribute is meant: providers answer 400"
        "send `path`, or an object of attributes as value";
    "REQ-PATCH-012" Client Warning "RFC 7644 section 3.5.2.1" Alone key_is_path,
        "a path as the name of an attribute in a value"
        "Entra ID sends `\"name.givenName\"` and `\"urn:…:User:department\"` as keys with its flag; others drop them or answer 400"
        "nest the attributes as in a resource, or send one operation with `path` for each";
    "REQ-PATCH-013" Client Error "RFC 7643 section 7" Alone read_only,
        "an operation on what only the provider writes"
        "providers answer 400 `mutability`, and nothing of the PATCH is done"
        "leave `id`, `meta` and `groups` out; change membership at the group";
    "REQ-PATCH-014" Client Warning "RFC 7643 section 7" Alone read_only_repeated,
        "a value that repeats what only the provider writes"
        "Okta sends the `id` with each change of a group's name: strict providers answer 400 `mutability`"
        "leave it out of the value";
    "REQ-PATCH-015" Client Warning "RFC 7644 section 3.5.2.1" Alone single_for_list,
        "one value for a list"
        "a provider may refuse it, or put it in the place of the list"
        "send an array, with one value too";
    "REQ-PATCH-016" Client Note "RFC 7644 section 3.5.2.3" Alone replace_members,
        "all members of a group are replaced at once"
        "Okta does it on a full push: AWS refuses it, and who sends a list that is not whole removes people"
        "add and remove the members that changed";
    "REQ-PATCH-017" Client Warning "RFC 7644 section 3.10" Alone dotted_extension,
        "a dot where the colon behind the URN belongs"
        "old Entra ID jobs send `urn:…:User.department`; providers answer 400 `invalidPath`"
        "write `urn:…:User:department`";
    "REQ-PATCH-018" Client Warning "RFC 7644 section 3.10" Alone unqualified,
        "an attribute of an extension without its URN"
        "strict providers answer 400 `invalidPath`"
        "write `urn:…:User:department`";
    "REQ-PATCH-019" Client Note "draft-zollner-scim-interop-profile section 6.5" Alone no_path,
        "an operation without `path`"
        "the RFC allows it, and the interop profile does not; GitLab and Zoom take single attributes only"
        "send one operation with `path` for each attribute";
    "REQ-PATCH-020" Client Error "RFC 7643 section 7" Alone remove_required,
        "a required attribute is removed"
        "providers answer 400 `mutability`"
        "replace it";
    "REQ-PATCH-021" Client Note "RFC 7644 section 3.5.2" Alone unknown_member,
        "an operation has a member that none has"
        "Microsoft's collection sends `\"name\": \"addMember\"`; strict providers answer 400"
        "send `op`, `path` and `value` alone";
    "REQ-PATCH-022" Client Note "RFC 7644 section 3.5.2" Alone many_operations,
        "more than 100 operations in one PATCH"
        "Sentry and HCP Terraform refuse more than 100"
        "send them in several requests";
    "REQ-PATCH-023" Client Warning "RFC 7644 section 3.5.2.2" Alone emptied_by_text,
        "an attribute is emptied by text without anything in it"
        "Entra ID clears the manager with `\"\"`: a provider that knows no user of that name answers 400"
        "use `remove`";
    "REQ-PATCH-024" Client Warning "RFC 7644 section 3.5.2" Alone filter_in_path,
        "a filter in a path that departs from the grammar"
        "Entra ID sends `roles[primary eq \"True\"].value`; a provider that goes by the schema finds no such role"
        "write the filter as in a query: `roles[primary eq true].value`";
    "REQ-PATCH-025" Client Warning "RFC 7644 section 3.5.2" Alone to_every_value,
        "a sub-attribute of a list, and nothing says of which value"
        "`emails.value` is all values or none: providers answer 400 `invalidPath` or change each of them"
        "choose one with a filter: `emails[type eq \"work\"].value`";
    "REQ-PATCH-026" Client Note "RFC 7643 section 2.1" Alone member_case,
        "a member of the message in another spelling than its own"
        "names have no case in SCIM, but many providers look them up with case: `operations` is then no operation at all"
        "write `schemas`, `Operations`, `op`, `path` and `value`";
    "REQ-PATCH-027" Client Warning "RFC 7643 section 5" Alone unsupported,
        "a PATCH where the provider has none"
        "`patch.supported` is false: the answer is 501, and Okta does not fall back to PUT"
        "use PUT";
}

fn is_patch(it: &View<'_>) -> bool {
    it.method == "PATCH" && it.sent.form == Form::Patch
}

fn no_urn(it: &View<'_>, found: &mut Found<'_>) {
    if is_patch(it) && !it.sent.is_named(PATCH_OP_URN) {
        found.at(it.sent.place("schemas"), "no PatchOp in `schemas`");
    }
}

fn no_operations(it: &View<'_>, found: &mut Found<'_>) {
    let operations = it.sent.get("Operations");
    let is_empty = operations.is_none_or(|it| it.as_array().is_some_and(Vec::is_empty));
    if is_patch(it) && is_empty {
        found.at(it.sent.place("Operations"), "no operation");
    }
}

fn operations_object(it: &View<'_>, found: &mut Found<'_>) {
    if is_patch(it) && it.sent.get("Operations").is_some_and(|it| !it.is_array()) {
        found.at(it.sent.place("Operations"), "expected an array");
    }
}

fn unknown_op(it: &View<'_>, found: &mut Found<'_>) {
    for operation in it.sent.operations.iter().filter(|it| it.op().is_none()) {
        let op = operation.get("op").map_or("missing".to_owned(), shown);
        found.at(operation.place("op"), format!("`op` is {op}"));
    }
}

fn op_case(it: &View<'_>, found: &mut Found<'_>) {
    for operation in &it.sent.operations {
        let text = operation.get("op").and_then(Value::as_str);
        if let (Some(op), Some(text)) = (operation.op(), text)
            && text != op.name()
        {
            found.at(
                operation.place("op"),
                format!("`{text}` is `{}`", op.name()),
            );
        }
    }
}

fn malformed_path(it: &View<'_>, found: &mut Found<'_>) {
    for operation in &it.sent.operations {
        if let Some(Err(error)) = &operation.path
            && matches!(
                error.kind,
                ErrorKind::InvalidPath | ErrorKind::InvalidFilter
            )
        {
            found.at(operation.place("path"), error.detail.clone());
        } else if operation
            .get("path")
            .is_some_and(|path| !path.is_string() && !path.is_null())
        {
            found.at(operation.place("path"), "`path` is text");
        }
    }
}

fn unknown_path(it: &View<'_>, found: &mut Found<'_>) {
    for operation in &it.sent.operations {
        let (Some(Ok(path)), Some(kind)) = (&operation.path, operation.kind) else {
            continue;
        };
        let is_extension = kind.extension(&path.to_string()).is_some();
        if operation.target.is_none() && !is_extension {
            let hint = kind
                .nearest(&path.attribute.name)
                .filter(|it| !it.eq_ignore_ascii_case(&path.attribute.name));
            let hint = hint.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
            found.at(
                operation.place("path"),
                format!("{} has no `{path}`{hint}", kind.name),
            );
        }
    }
}

fn of<'m, 'a>(it: &'m View<'a>, op: Op) -> impl Iterator<Item = &'m Operation<'a>> {
    it.sent
        .operations
        .iter()
        .filter(move |it| it.op() == Some(op))
}

fn remove_without_path(it: &View<'_>, found: &mut Found<'_>) {
    for operation in of(it, Op::Remove).filter(|it| it.path_text().is_none()) {
        found.at(&*operation.at, "no `path`");
    }
}

fn remove_with_value(it: &View<'_>, found: &mut Found<'_>) {
    for operation in of(it, Op::Remove).filter(|it| it.path_text().is_some()) {
        if let Some(value) = operation.get("value").filter(|value| !value.is_null()) {
            found.at(
                operation.place("value"),
                format!(
                    "a value beside `{}`: {}",
                    operation.path_text().unwrap_or_default(),
                    shown(value)
                ),
            );
        }
    }
}

fn no_value(it: &View<'_>, found: &mut Found<'_>) {
    for operation in of(it, Op::Add).chain(of(it, Op::Replace)) {
        let value = operation.get("value");
        let is_missing =
            value.is_none() || value.is_some_and(Value::is_null) && operation.op() == Some(Op::Add);
        if is_missing {
            found.at(operation.place("value"), "no value");
        }
    }
}

fn value_without_path(it: &View<'_>, found: &mut Found<'_>) {
    for operation in of(it, Op::Add)
        .chain(of(it, Op::Replace))
        .filter(|it| it.path_text().is_none())
    {
        let value = operation
            .get("value")
            .filter(|value| !value.is_object() && !value.is_null());
        if let Some(value) = value.filter(|value| !value.as_str().is_some_and(is_hidden)) {
            found.at(
                operation.place("value"),
                format!("the value is {}", shown(value)),
            );
        }
    }
}

fn key_is_path(it: &View<'_>, found: &mut Found<'_>) {
    for (at, key) in it.sent.operations.iter().flat_map(|it| &it.keys) {
        found.at(at, format!("`{key}`"));
    }
}

fn read_only(it: &View<'_>, found: &mut Found<'_>) {
    for operation in &it.sent.operations {
        let read_only = operation.target.filter(|target| {
            target.attribute.mutability == Mutability::ReadOnly
                || target.last().mutability == Mutability::ReadOnly
        });
        if read_only.is_some() {
            found.at(
                operation.place("path"),
                format!(
                    "`{}` is readOnly",
                    operation.path_text().unwrap_or_default()
                ),
            );
        }
    }
}

fn read_only_repeated(it: &View<'_>, found: &mut Found<'_>) {
    for operation in it
        .sent
        .operations
        .iter()
        .filter(|it| it.path_text().is_none())
    {
        let whole = operation
            .values
            .iter()
            .filter(|it| it.parent.is_none() && (it.is_list || !it.attribute.multi_valued));
        for value in whole.filter(|it| it.attribute.mutability == Mutability::ReadOnly) {
            found.at(&value.at, format!("`{}` is readOnly", value.attribute.name));
        }
    }
}

fn single_for_list(it: &View<'_>, found: &mut Found<'_>) {
    for value in it.sent.operations.iter().flat_map(|it| &it.values) {
        if value.is_list
            && value.parent.is_none()
            && !value.value.is_array()
            && !value.value.is_null()
        {
            found.at(
                &value.at,
                format!("`{}` is {}", value.attribute.name, shown(value.value)),
            );
        }
    }
}

fn replace_members(it: &View<'_>, found: &mut Found<'_>) {
    for operation in of(it, Op::Replace) {
        let whole = operation
            .values
            .iter()
            .find(|it| it.is_list && it.parent.is_none() && it.attribute.name == "members");
        let filtered = matches!(&operation.path, Some(Ok(path)) if path.filter.is_some());
        if let Some(value) = whole.filter(|_| !filtered) {
            let count = value.value.as_array().map_or(1, Vec::len);
            found.at(
                operation.place("op"),
                format!("{count} members in the place of all"),
            );
        }
    }
}

fn needs(it: &View<'_>, leniency: Leniency, found: &mut Found<'_>) {
    for operation in it
        .sent
        .operations
        .iter()
        .filter(|it| it.needed.contains(leniency))
    {
        found.at(
            operation.place("path"),
            format!("`{}`", operation.path_text().unwrap_or_default()),
        );
    }
}

fn dotted_extension(it: &View<'_>, found: &mut Found<'_>) {
    needs(it, Leniency::DottedExtension, found);
}

fn unqualified(it: &View<'_>, found: &mut Found<'_>) {
    needs(it, Leniency::UnqualifiedExtension, found);
}

fn no_path(it: &View<'_>, found: &mut Found<'_>) {
    for operation in of(it, Op::Add)
        .chain(of(it, Op::Replace))
        .filter(|it| it.path_text().is_none())
    {
        found.at(&*operation.at, "no `path`");
    }
}

fn remove_required(it: &View<'_>, found: &mut Found<'_>) {
    for operation in of(it, Op::Remove) {
        let filtered = matches!(&operation.path, Some(Ok(path)) if path.filter.is_some());
        let required = operation
            .target
            .filter(|target| target.sub.is_none() && target.attribute.required && !filtered);
        if let Some(target) = required {
            found.at(
                operation.place("path"),
                format!("`{}` is required", target.attribute.name),
            );
        }
    }
}

fn unknown_member(it: &View<'_>, found: &mut Found<'_>) {
    for operation in &it.sent.operations {
        for name in operation.members.into_iter().flat_map(|it| it.keys()) {
            if !["op", "path", "value"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
            {
                found.at(operation.place(name), format!("`{name}`"));
            }
        }
    }
}

fn many_operations(it: &View<'_>, found: &mut Found<'_>) {
    const MOST: usize = 100;
    if is_patch(it) && it.sent.operations.len() > MOST {
        found.at(
            it.sent.place("Operations"),
            format!("{} operations", it.sent.operations.len()),
        );
    }
}

fn emptied_by_text(it: &View<'_>, found: &mut Found<'_>) {
    for operation in of(it, Op::Add).chain(of(it, Op::Replace)) {
        let Some(target) = operation.target else {
            continue;
        };
        let value = operation.get("value");
        let nothing = |value: Option<&Value>| value.is_some_and(|it| it == "");
        let inner = value.and_then(|it| it.get("value"));
        let is_link = target.attribute.kind == Type::Complex;
        if is_link && (nothing(value) || nothing(inner)) {
            found.at(
                operation.place("value"),
                format!("`{}` is emptied", operation.path_text().unwrap_or_default()),
            );
        }
    }
}

fn filter_in_path(it: &View<'_>, found: &mut Found<'_>) {
    let departures = [
        Leniency::FilterSpace,
        Leniency::FilterLiteralCase,
        Leniency::FilterUnquoted,
        Leniency::FilterBehindBracket,
    ];
    for operation in &it.sent.operations {
        let Some(Ok(path)) = &operation.path else {
            continue;
        };
        let Some(filter) = &path.filter else { continue };
        let departs = departures.iter().any(|it| operation.needed.contains(*it));
        let element = operation.target.map(|target| target.attribute);
        let unfit = element.is_some_and(|it| {
            filter
                .bind_element(it, crate::scim::Reading::STRICT)
                .is_err()
        });
        if departs || unfit {
            found.at(operation.place("path"), format!("`[{filter}]`"));
        }
    }
}

fn to_every_value(it: &View<'_>, found: &mut Found<'_>) {
    for operation in &it.sent.operations {
        let Some(Ok(path)) = &operation.path else {
            continue;
        };
        let every = operation.target.filter(|target| {
            target.attribute.multi_valued && target.sub.is_some() && path.filter.is_none()
        });
        if every.is_some() {
            found.at(operation.place("path"), format!("`{path}`"));
        }
    }
}

fn member_case(it: &View<'_>, found: &mut Found<'_>) {
    if !is_patch(it) {
        return;
    }
    let known = ["schemas", "Operations"];
    let named = it
        .sent
        .json
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|it| it.keys());
    for name in named {
        if let Some(spelled) = known
            .iter()
            .find(|it| it.eq_ignore_ascii_case(name) && *it != name)
        {
            found.at(it.sent.place(name), format!("`{name}` is `{spelled}`"));
        }
    }
    for operation in &it.sent.operations {
        for name in operation.members.into_iter().flat_map(|it| it.keys()) {
            if let Some(spelled) = ["op", "path", "value"]
                .iter()
                .find(|it| it.eq_ignore_ascii_case(name) && *it != name)
            {
                found.at(operation.place(name), format!("`{name}` is `{spelled}`"));
            }
        }
    }
}

fn unsupported(it: &View<'_>, found: &mut Found<'_>) {
    if it.method == "PATCH" && it.contract.supports("patch") == Some(false) {
        found.at("/request/method", "`patch.supported` is false");
    }
}
