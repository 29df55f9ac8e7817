//! Service providers, by what they answer.

use super::{Product, Sign};
use crate::lint::view::{Form, View};
use serde_json::Value;

fn header(it: &View<'_>, name: &str) -> bool {
    it.got.header(name).is_some()
}

fn server(it: &View<'_>, part: &str) -> bool {
    it.got
        .header("server")
        .is_some_and(|it| it.to_ascii_lowercase().contains(part))
}

fn error<'a>(it: &View<'a>, name: &str) -> Option<&'a Value> {
    it.got.get(name).filter(|_| it.status >= 400)
}

fn locates(it: &View<'_>, host: &str) -> bool {
    let mut locations = it
        .got
        .resources
        .iter()
        .filter_map(|it| it.meta("location")?.as_str());
    locations.any(|location| location.contains(host))
}

fn names_schema(it: &View<'_>, part: &str) -> bool {
    let of_resources = it
        .got
        .resources
        .iter()
        .flat_map(crate::lint::view::Resource::schemas);
    of_resources
        .chain(it.got.urns())
        .any(|urn| urn.to_ascii_lowercase().contains(part))
}

fn lower_case_list(it: &View<'_>) -> bool {
    let members = it.got.json.and_then(Value::as_object);
    it.got.form == Form::List && members.is_some_and(|it| it.contains_key("resources"))
}

pub(super) const PRODUCTS: &[Product] = &[
    Product {
        name: "scimulate",
        signs: &[Sign {
            weight: 3,
            evidence: "a header of this program",
            is_there: |it| {
                it.got
                    .headers
                    .iter()
                    .any(|(name, _)| name.to_ascii_lowercase().starts_with("scimulate-"))
            },
        }],
        modes: &[],
        known: &[],
    },
    Product {
        name: "Slack",
        signs: &[
            Sign {
                weight: 3,
                evidence: "an error in `Errors`",
                is_there: |it| error(it, "Errors").is_some(),
            },
            Sign {
                weight: 2,
                evidence: "a header of Slack",
                is_there: |it| header(it, "x-slack-req-id") || header(it, "x-slack-unique-id"),
            },
            Sign {
                weight: 3,
                evidence: "the guest extension of Slack",
                is_there: |it| names_schema(it, "extension:slack:"),
            },
        ],
        modes: &[],
        known: &["RES-ERR-002", "RES-HDR-002", "RES-RES-019"],
    },
    Product {
        name: "GitHub",
        signs: &[
            Sign {
                weight: 3,
                evidence: "X-GitHub-Request-Id",
                is_there: |it| header(it, "x-github-request-id"),
            },
            Sign {
                weight: 2,
                evidence: "an error with `documentation_url`",
                is_there: |it| error(it, "documentation_url").is_some(),
            },
        ],
        modes: &[],
        known: &[
            "RES-ERR-004",
            "RES-ERR-002",
            "SEQ-GET-002",
            "RES-RES-019",
            "SEQ-FIND-001",
        ],
    },
    Product {
        name: "GitLab",
        signs: &[
            Sign {
                weight: 3,
                evidence: "X-Gitlab-Meta",
                is_there: |it| header(it, "x-gitlab-meta"),
            },
            Sign {
                weight: 2,
                evidence: "`\"name.formatted\"` as a member",
                is_there: |it| {
                    it.got
                        .resources
                        .iter()
                        .any(|it| it.members.contains_key("name.formatted"))
                },
            },
        ],
        modes: &[],
        known: &["RES-RES-019", "SEQ-GET-002", "SEQ-FIND-001"],
    },
    Product {
        name: "AWS IAM Identity Center",
        signs: &[
            Sign {
                weight: 2,
                evidence: "x-amzn-RequestId",
                is_there: |it| header(it, "x-amzn-requestid"),
            },
            Sign {
                weight: 2,
                evidence: "an error with `exceptionRequestId`",
                is_there: |it| error(it, "exceptionRequestId").is_some(),
            },
            Sign {
                weight: 1,
                evidence: "50 resources at most",
                is_there: |it| it.got.get("itemsPerPage").and_then(Value::as_u64) == Some(50),
            },
        ],
        modes: &[],
        known: &[
            "RES-HDR-002",
            "RES-ERR-002",
            "SEQ-GET-006",
            "RES-ECHO-002",
            "RES-RES-008",
        ],
    },
    Product {
        name: "Zoom",
        signs: &[
            Sign {
                weight: 3,
                evidence: "the extension of Zoom",
                is_there: |it| names_schema(it, "urn:us:zoom:"),
            },
            Sign {
                weight: 2,
                evidence: "an error with `code` and `message`",
                is_there: |it| {
                    error(it, "code").is_some_and(Value::is_number)
                        && error(it, "message").is_some()
                },
            },
            Sign {
                weight: 2,
                evidence: "x-zm-trackingid",
                is_there: |it| header(it, "x-zm-trackingid"),
            },
        ],
        modes: &[],
        known: &["RES-ERR-002", "RES-ERR-003"],
    },
    Product {
        name: "Salesforce",
        signs: &[
            Sign {
                weight: 2,
                evidence: "an error `REQUIRED_FIELD_MISSING:…`",
                is_there: |it| {
                    let detail = error(it, "detail")
                        .and_then(Value::as_str)
                        .unwrap_or_default();
                    detail.split_once(':').is_some_and(|it| {
                        it.0.len() > 5 && it.0.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
                    })
                },
            },
            Sign {
                weight: 3,
                evidence: "a header of Salesforce",
                is_there: |it| header(it, "sforce-limit-info") || server(it, "sfdc"),
            },
        ],
        modes: &[],
        known: &["RES-ERR-004", "RES-STATUS-015"],
    },
    Product {
        name: "Notion",
        signs: &[
            Sign {
                weight: 3,
                evidence: "the extension of Notion",
                is_there: |it| names_schema(it, "extension:notion:"),
            },
            Sign {
                weight: 3,
                evidence: "locations at notion.com",
                is_there: |it| locates(it, "notion.com"),
            },
        ],
        modes: &[],
        known: &[
            "RES-VALUE-004",
            "RES-RES-010",
            "SEQ-PAGE-003",
            "SEQ-GET-002",
            "RES-RES-019",
        ],
    },
    Product {
        name: "Entra ID as a provider",
        signs: &[
            Sign {
                weight: 3,
                evidence: "the extension of Microsoft Entra",
                is_there: |it| names_schema(it, "extension:microsoft:entra:"),
            },
            Sign {
                weight: 2,
                evidence: "`resources` in lower case",
                is_there: lower_case_list,
            },
            Sign {
                weight: 1,
                evidence: "a header of Graph",
                is_there: |it| header(it, "x-ms-ags-diagnostic") || header(it, "client-request-id"),
            },
        ],
        modes: &[],
        known: &[
            "RES-LIST-005",
            "RES-LIST-002",
            "RES-RES-007",
            "SEQ-GET-006",
            "RES-ECHO-002",
        ],
    },
    Product {
        name: "Atlassian",
        signs: &[
            Sign {
                weight: 3,
                evidence: "the extension of Atlassian",
                is_there: |it| names_schema(it, "extension:atlassian-external"),
            },
            Sign {
                weight: 3,
                evidence: "atl-traceid",
                is_there: |it| header(it, "atl-traceid"),
            },
            Sign {
                weight: 1,
                evidence: "10000 items per page",
                is_there: |it| it.got.get("itemsPerPage").and_then(Value::as_u64) == Some(10_000),
            },
        ],
        modes: &[],
        known: &["RES-LIST-006", "RES-RES-019"],
    },
    Product {
        name: "Snowflake",
        signs: &[Sign {
            weight: 3,
            evidence: "the user `synthesis_user`",
            is_there: |it| {
                it.got
                    .resources
                    .iter()
                    .any(|it| it.text("userName") == Some("synthesis_user"))
            },
        }],
        modes: &[],
        known: &["RES-DISC-002", "SEQ-PAGE-002"],
    },
    Product {
        name: "Figma",
        signs: &[Sign {
            weight: 3,
            evidence: "`external_id` of a group",
            is_there: |it| {
                it.got
                    .resources
                    .iter()
                    .any(|it| it.members.contains_key("external_id"))
            },
        }],
        modes: &[],
        known: &["RES-RES-019"],
    },
    Product {
        name: "scim2-server",
        signs: &[
            Sign {
                weight: 1,
                evidence: "Server `WSGIServer`",
                is_there: |it| server(it, "wsgiserver"),
            },
            Sign {
                weight: 2,
                evidence: "Content-Location, Location and no-cache with each resource",
                is_there: |it| {
                    header(it, "content-location")
                        && header(it, "location")
                        && it.got.header("cache-control") == Some("no-cache")
                },
            },
        ],
        modes: &[],
        known: &[],
    },
];
