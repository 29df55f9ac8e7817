//! Whether a value fits a JSON Schema, as far as the documents of this project and of HAR use it.

use serde_json::Value;

/// What a `$ref` leads to, or the value itself.
#[track_caller]
pub(crate) fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let Some(place) = value.get("$ref") else {
        return value;
    };
    let place = place.as_str().unwrap().strip_prefix('#').unwrap();
    let target = document.pointer(place);
    target.unwrap_or_else(|| panic!("{place} leads nowhere"))
}

/// Why `value` does not fit `schema`, as far as the document uses JSON Schema.
pub(crate) fn misfit(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let schema = resolved(document, schema);
    let wrong = |why: &str| Some(format!("{why}: {value}"));
    for name in schema.as_object().unwrap().keys() {
        let known = [
            "type",
            "description",
            "enum",
            "format",
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "items",
            "properties",
            "required",
            "additionalProperties",
            "anyOf",
            "oneOf",
        ];
        assert!(known.contains(&name.as_str()), "this test knows no {name}");
    }
    let types = match &schema["type"] {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let is = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("a type {other}"),
    };
    if !types.is_empty() && !types.iter().any(is) {
        return wrong("another type");
    }
    if let Some(all) = schema["enum"].as_array()
        && !all.contains(value)
    {
        return wrong("not among them");
    }
    if schema["format"] == "date-time"
        && value
            .as_str()
            .is_some_and(|it| it.parse::<jiff::Timestamp>().is_err())
    {
        return wrong("no instant");
    }
    if schema["minimum"]
        .as_i64()
        .zip(value.as_i64())
        .is_some_and(|(least, it)| it < least)
    {
        return wrong("too little");
    }
    let of = |name: &str| schema[name].as_array().cloned().unwrap_or_default();
    let fitting = |name: &str| {
        of(name)
            .iter()
            .filter(|it| misfit(document, it, value).is_none())
            .count()
    };
    if !of("anyOf").is_empty() && fitting("anyOf") == 0 {
        return wrong("fits none");
    }
    if !of("oneOf").is_empty() && fitting("oneOf") != 1 {
        return wrong("fits none or several");
    }
    if let Some(object) = value.as_object() {
        if let Some(missing) = of("required")
            .iter()
            .find(|it| !object.contains_key(it.as_str().unwrap()))
        {
            return wrong(&format!("lacks {missing}"));
        }
        for (name, member) in object {
            let known = schema["properties"].get(name);
            let rest = &schema["additionalProperties"];
            let schema = match (known, rest) {
                (Some(known), _) => known,
                (None, Value::Bool(false)) => return wrong(&format!("{name} is too much")),
                (None, Value::Object(_)) => rest,
                _ => continue,
            };
            if let Some(why) = misfit(document, schema, member) {
                return Some(format!("{name}: {why}"));
            }
        }
    }
    let items = value.as_array().into_iter().flatten();
    let mut items = items.filter(|_| schema.get("items").is_some());
    items.find_map(|item| misfit(document, &schema["items"], item))
}
