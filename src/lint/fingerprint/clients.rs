//! Identity providers and other clients, by what they send.

use super::{Mode, Product, Sign};
use crate::lint::view::{View, is_hidden};
use crate::scim::patch::Op;
use serde_json::Value;

fn agent(it: &View<'_>, part: &str) -> bool {
    it.sent
        .header("user-agent")
        .is_some_and(|it| it.to_ascii_lowercase().contains(part))
}

fn no_agent(it: &View<'_>) -> bool {
    it.sent.header("user-agent").is_none()
}

fn query(it: &View<'_>, name: &str, value: &str) -> bool {
    it.parameter(name).is_some_and(|it| it.text == value)
}

/// The text of the first member of this name in a resource that was sent.
fn sends<'a>(it: &View<'a>, name: &str) -> Option<&'a str> {
    it.sent.resources.first()?.text(name)
}

fn names_schema(it: &View<'_>, urn: &str) -> bool {
    it.sent.urns().any(|named| named.eq_ignore_ascii_case(urn))
}

/// `7d420df3-9995-4831-a406-ecf8166f5f6a`.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

fn op_words<'m>(it: &'m View<'_>) -> impl Iterator<Item = &'m str> {
    it.sent
        .operations
        .iter()
        .filter_map(|it| it.get("op")?.as_str())
}

fn capital_op(it: &View<'_>) -> bool {
    op_words(it).any(|word| matches!(word, "Add" | "Replace" | "Remove"))
}

fn has_flag(it: &View<'_>) -> bool {
    it.parameters
        .iter()
        .any(|it| it.name.eq_ignore_ascii_case("aadOptscim062020"))
}

/// A path-less replace of `id`, which Okta sends with each change of a group.
fn replaces_id(it: &View<'_>) -> bool {
    it.sent.operations.iter().any(|operation| {
        let value = operation.get("value").and_then(Value::as_object);
        operation.path_text().is_none()
            && operation.op() == Some(Op::Replace)
            && value.is_some_and(|it| it.contains_key("id"))
    })
}

fn okta_id(it: &View<'_>) -> bool {
    sends(it, "externalId").is_some_and(|id| id.len() == 20 && id.starts_with("00u"))
}

/// The probe for somebody who is not there.
fn probe(it: &View<'_>) -> bool {
    let asked = it
        .filter
        .as_ref()
        .and_then(crate::lint::view::Asked::equality);
    no_agent(it) && it.method == "GET" && asked.is_some_and(|(_, text)| is_uuid(&text))
}

fn boolean_text(it: &View<'_>) -> bool {
    let values = it
        .sent
        .operations
        .iter()
        .filter_map(|it| it.get("value")?.as_str());
    values
        .into_iter()
        .any(|text| matches!(text, "True" | "False"))
}

fn null_reference(it: &View<'_>) -> bool {
    let lists = it
        .sent
        .operations
        .iter()
        .filter_map(|it| it.get("value")?.as_array());
    lists
        .flatten()
        .any(|it| it.get("$ref").is_some_and(Value::is_null))
}

const ADSCIM: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

pub(super) const PRODUCTS: &[Product] = &[
    Product {
        name: "Okta",
        signs: &[
            Sign {
                weight: 3,
                evidence: "User-Agent `Okta SCIM Client`",
                is_there: |it| agent(it, "okta scim"),
            },
            Sign {
                weight: 2,
                evidence: "the external id of an Okta user (`00u…`)",
                is_there: okta_id,
            },
            Sign {
                weight: 2,
                evidence: "a path-less replace that repeats `id`",
                is_there: replaces_id,
            },
            Sign {
                weight: 1,
                evidence: "`startIndex=1&count=100` beside a filter",
                is_there: |it| {
                    it.filter.is_some() && query(it, "startIndex", "1") && query(it, "count", "100")
                },
            },
            Sign {
                weight: 1,
                evidence: "the connection test `startIndex=1&count=2`",
                is_there: |it| {
                    it.filter.is_none() && query(it, "startIndex", "1") && query(it, "count", "2")
                },
            },
        ],
        modes: &[
            Mode {
                name: "as an app of the integration network",
                evidence: "users are changed with PATCH",
                is_there: |it| it.method == "PATCH" && it.path.endpoint == "Users",
                known: &[],
            },
            Mode {
                name: "as a custom app",
                evidence: "users are changed with PUT",
                is_there: |it| it.method == "PUT" && it.path.endpoint == "Users",
                known: &["SEQ-PUT-001"],
            },
        ],
        known: &[
            "REQ-PATCH-014",
            "REQ-PATCH-016",
            "REQ-PATCH-019",
            "REQ-RES-014",
            "REQ-GROUP-004",
            "SEQ-PATCH-003",
            "REQ-USER-011",
        ],
    },
    Product {
        name: "Entra ID",
        signs: &[
            Sign {
                weight: 3,
                evidence: "User-Agent of Azure AD provisioning",
                is_there: |it| agent(it, "azure ad scim") || agent(it, "azure ad"),
            },
            Sign {
                weight: 3,
                evidence: "the flag `aadOptscim062020`",
                is_there: has_flag,
            },
            Sign {
                weight: 3,
                evidence: "the schema URN ADSCIM",
                is_there: |it| names_schema(it, ADSCIM),
            },
            Sign {
                weight: 2,
                evidence: "no User-Agent, and a filter for a random GUID",
                is_there: probe,
            },
            Sign {
                weight: 1,
                evidence: "`op` with a capital letter",
                is_there: capital_op,
            },
            Sign {
                weight: 1,
                evidence: "a boolean as `\"True\"` or `\"False\"`",
                is_there: boolean_text,
            },
            Sign {
                weight: 1,
                evidence: "`\"$ref\": null` in the members of a PATCH",
                is_there: null_reference,
            },
            Sign {
                weight: 1,
                evidence: "groups without their members (`excludedAttributes=members`)",
                is_there: |it| query(it, "excludedAttributes", "members"),
            },
            Sign {
                weight: 1,
                evidence: "no User-Agent",
                is_there: no_agent,
            },
        ],
        modes: &[
            Mode {
                name: "without aadOptscim062020",
                evidence: "`op` with a capital letter",
                is_there: capital_op,
                known: &[
                    "REQ-PATCH-005",
                    "REQ-PATCH-009",
                    "REQ-VALUE-001",
                    "REQ-VALUE-007",
                    "REQ-VALUE-010",
                    "REQ-PATCH-015",
                    "REQ-PATCH-017",
                    "REQ-PATCH-023",
                    "REQ-PATCH-024",
                    "REQ-VALUE-014",
                    "REQ-VALUE-015",
                ],
            },
            Mode {
                name: "with aadOptscim062020",
                evidence: "the flag in the query",
                is_there: has_flag,
                known: &["REQ-URL-016", "REQ-PATCH-012", "REQ-PATCH-019"],
            },
        ],
        known: &[
            "REQ-HDR-005",
            "REQ-RES-004",
            "REQ-RES-014",
            "REQ-FILTER-008",
            "REQ-FILTER-014",
            "REQ-USER-004",
            "REQ-FILTER-006",
        ],
    },
    Product {
        name: "OneLogin",
        signs: &[
            Sign {
                weight: 3,
                evidence: "User-Agent `OneLogin`",
                is_there: |it| agent(it, "onelogin"),
            },
            Sign {
                weight: 3,
                evidence: "a query for `onelogin-test-user`",
                is_there: |it| {
                    it.filter
                        .as_ref()
                        .is_some_and(|it| it.text.contains("onelogin-test-user"))
                },
            },
            Sign {
                weight: 2,
                evidence: "the schema URN `urn:scim:schemas:core:2.0`",
                is_there: |it| names_schema(it, "urn:scim:schemas:core:2.0"),
            },
            Sign {
                weight: 1,
                evidence: "the schema URN `urn:scim:schemas:core:1.0`",
                is_there: |it| names_schema(it, "urn:scim:schemas:core:1.0"),
            },
        ],
        modes: &[],
        known: &[
            "REQ-RES-002",
            "REQ-RES-006",
            "REQ-RES-007",
            "REQ-HDR-002",
            "REQ-VALUE-009",
            "REQ-HDR-005",
        ],
    },
    Product {
        name: "JumpCloud",
        signs: &[
            Sign {
                weight: 3,
                evidence: "User-Agent `JumpCloud`",
                is_there: |it| agent(it, "jumpcloud"),
            },
            Sign {
                weight: 2,
                evidence: "an external id of 24 hexadecimal digits",
                is_there: |it| {
                    sends(it, "externalId").is_some_and(|id| {
                        id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit())
                    })
                },
            },
            Sign {
                weight: 1,
                evidence: "`\"emails\": null`",
                is_there: |it| {
                    it.sent
                        .resources
                        .first()
                        .and_then(|it| it.get("emails"))
                        .is_some_and(Value::is_null)
                },
            },
        ],
        modes: &[],
        known: &["REQ-RES-014", "REQ-VALUE-014"],
    },
    Product {
        name: "Google Workspace",
        signs: &[Sign {
            weight: 3,
            evidence: "User-Agent `Google-Auto-Provisioning`",
            is_there: |it| agent(it, "google-auto-provisioning"),
        }],
        modes: &[],
        known: &["REQ-HDR-002"],
    },
    Product {
        name: "PingFederate",
        signs: &[Sign {
            weight: 3,
            evidence: "User-Agent `PingFederate`",
            is_there: |it| agent(it, "pingfederate"),
        }],
        modes: &[],
        known: &["REQ-PATCH-016"],
    },
    Product {
        name: "Oracle Cloud Infrastructure",
        signs: &[
            Sign {
                weight: 3,
                evidence: "User-Agent of Oracle",
                is_there: |it| agent(it, "oracle") || agent(it, "idcs"),
            },
            Sign {
                weight: 3,
                evidence: "an extension of IDCS",
                is_there: |it| it.sent.urns().any(|urn| urn.contains(":oracle:idcs:")),
            },
        ],
        modes: &[],
        known: &["REQ-RES-014"],
    },
    Product {
        name: "authentik",
        signs: &[Sign {
            weight: 3,
            evidence: "User-Agent `authentik`",
            is_there: |it| agent(it, "authentik"),
        }],
        modes: &[],
        known: &[],
    },
    Product {
        name: "Microsoft's SCIM validator",
        signs: &[Sign {
            weight: 3,
            evidence: "a userName `Test_User_` with a GUID",
            is_there: |it| {
                let name = sends(it, "userName").and_then(|name| name.strip_prefix("Test_User_"));
                name.is_some_and(|id| is_uuid(id) && !is_hidden(id))
            },
        }],
        modes: &[],
        known: &[
            "REQ-HDR-005",
            "REQ-VALUE-001",
            "REQ-FILTER-006",
            "REQ-PATCH-024",
            "REQ-RES-014",
        ],
    },
];
