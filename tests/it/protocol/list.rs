//! Queries, list responses and paging by index (RFC 7644 sections 3.4.2 and 3.4.2.4).

use super::*;

/// Twenty-five users, `u01` to `u25`.
fn crowd() -> Sp {
    let sp = Sp::new();
    for n in 1..=25 {
        sp.user(&format!("u{n:02}"));
    }
    sp
}

/// Names from and to, total, startIndex and itemsPerPage of a page.
#[track_caller]
fn page(sp: &Sp, query: &str, expected: (&str, u64, u64, u64)) {
    let answer = sp.get(&format!("/Users?{query}"));
    let names = names(&answer);
    let list = answer.json();
    let first_and_last = match (names.split(' ').next(), names.split(' ').next_back()) {
        (Some(first), Some(last)) if first != last => format!("{first}-{last}"),
        _ => names.clone(),
    };
    let number = |name: &str| {
        list[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} in {list}"))
    };
    let found = (
        first_and_last.as_str(),
        number("totalResults"),
        number("startIndex"),
        number("itemsPerPage"),
    );
    assert_eq!(found, expected, "{query}");
    assert_eq!(
        list["itemsPerPage"],
        list["Resources"].as_array().map_or(0, Vec::len)
    );
}

#[test]
fn pages_are_cut_from_the_matches() {
    let sp = crowd();
    page(&sp, "", ("u01-u25", 25, 1, 25));
    page(&sp, "count=10", ("u01-u10", 25, 1, 10));
    page(&sp, "startIndex=11&count=10", ("u11-u20", 25, 11, 10));
    page(&sp, "startIndex=21&count=10", ("u21-u25", 25, 21, 5));
    page(&sp, "startIndex=24", ("u24-u25", 25, 24, 2));
    page(&sp, "startIndex=25&count=3", ("u25", 25, 25, 1));
    page(&sp, "startIndex=1&count=1", ("u01", 25, 1, 1));
    page(&sp, "count=1000", ("u01-u25", 25, 1, 25));
}

#[test]
fn below_one_is_one_and_below_zero_is_zero() {
    let sp = crowd();
    page(&sp, "startIndex=0&count=3", ("u01-u03", 25, 1, 3));
    page(&sp, "startIndex=-5&count=3", ("u01-u03", 25, 1, 3));
    page(&sp, "count=0", ("", 25, 1, 0));
    page(&sp, "count=-1", ("", 25, 1, 0));
}

#[test]
fn beyond_the_end_there_is_nothing() {
    let sp = crowd();
    let list = sp.get("/Users?startIndex=1000").json();
    assert_eq!(
        (
            &list["totalResults"],
            &list["itemsPerPage"],
            &list["Resources"]
        ),
        (&json!(25), &json!(0), &json!([]))
    );
    for query in [
        "startIndex=99999999999999999999",
        "count=99999999999999999999",
        "startIndex=18446744073709551615&count=2",
    ] {
        let status = sp.get(&format!("/Users?{query}")).status;
        assert!(status == 200 || status == 400, "{query}: {status}");
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for sp in both() {
        for query in [
            "startIndex=abc",
            "count=abc",
            "count=1.5",
            "startIndex=1e2",
            "count=ten",
        ] {
            assert_eq!(
                sp.get(&format!("/Users?{query}")).verdict(),
                "400 invalidValue",
                "{query}"
            );
        }
    }
}

#[test]
fn a_filter_counts_before_the_page_is_cut() {
    let sp = crowd();
    page(
        &sp,
        r#"filter=userName sw "u0"&count=2"#,
        ("u01-u02", 9, 1, 2),
    );
    page(
        &sp,
        r#"filter=userName sw "u0"&startIndex=9"#,
        ("u09", 9, 9, 1),
    );
    page(&sp, r#"filter=userName eq "U07""#, ("u07", 1, 1, 1));
    page(
        &sp,
        r#"filter=userName eq "u07" or userName eq "u09""#,
        ("u07-u09", 2, 1, 2),
    );
    page(&sp, r#"filter=userName eq "none""#, ("", 0, 1, 0));
}

#[test]
fn no_match_is_an_empty_list() {
    for sp in both() {
        let answer = sp.get(r#"/Users?filter=userName eq "0f1a2b""#);
        assert_eq!(answer.status, 200);
        let list = answer.json();
        assert_eq!(
            (&list["totalResults"], &list["Resources"]),
            (&json!(0), &json!([]))
        );
    }
}

#[test]
fn a_filter_is_percent_encoded_or_with_plus_for_space() {
    let sp = crowd();
    for query in [
        "userName%20eq%20%22u07%22",
        "userName+eq+%22u07%22",
        "%75serName%20eq%20%22u07%22",
    ] {
        let answer = raw(
            &sp,
            "GET",
            &format!("/Users?filter={query}"),
            &[("authorization", "Bearer secret-token")],
            "",
        );
        assert_eq!(names(&answer), "u07", "{query}");
    }
}

#[test]
fn a_bad_filter_is_refused() {
    for sp in both() {
        for filter in [
            "",
            "%20",
            "userName",
            r#"nope eq "x""#,
            "active gt true",
            r#"userName regex "x""#,
            r#"name eq "x""#,
            "not title pr",
        ] {
            assert_eq!(
                sp.get(&format!("/Users?filter={filter}")).verdict(),
                "400 invalidFilter",
                "{filter}"
            );
        }
        let deep = format!("{}title pr{}", "(".repeat(2000), ")".repeat(2000));
        assert_eq!(
            sp.get(&format!("/Users?filter={deep}")).verdict(),
            "400 invalidFilter"
        );
    }
}

#[test]
fn no_page_is_larger_than_the_provider_says() {
    let sp = Sp::with(
        r#"Scenario(auth: [Bearer("secret-token")], provider: Provider(filter_max_results: 3))"#,
    );
    for n in 1..=5 {
        sp.user(&format!("u{n}"));
    }
    page(&sp, "count=1000", ("u1-u3", 5, 1, 3));
    page(&sp, "", ("u1-u3", 5, 1, 3));
    page(&sp, "startIndex=4", ("u4-u5", 5, 4, 2));
}

#[test]
fn the_order_is_that_of_creation_and_stays() {
    let sp = Sp::new();
    for name in ["zoe", "adam", "mia"] {
        sp.user(name);
    }
    assert_eq!(names(&sp.get("/Users")), "zoe adam mia");
    let id = sp.get("/Users").json()["Resources"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    sp.patch(
        &format!("/Users/{id}"),
        json!({"op": "add", "path": "title", "value": "t"}),
    );
    assert_eq!(names(&sp.get("/Users")), "zoe adam mia");
}

#[test]
fn each_item_is_a_resource_with_its_version() {
    for sp in both() {
        let id = sp.user("bjensen");
        let answer = sp.get("/Users");
        assert_eq!(
            answer.json()["Resources"][0],
            sp.get(&format!("/Users/{id}")).json()
        );
        assert_eq!(answer.header("etag"), None);
    }
}

#[test]
fn users_and_groups_are_queried_apart_and_from_the_root_together() {
    for sp in both() {
        sp.create("/Users", user("bjensen", json!({"displayName": "Babs"})));
        sp.user("jsmith");
        sp.group("Staff", &[]);
        assert_eq!(names(&sp.get("/Users")), "bjensen jsmith");
        assert_eq!(names(&sp.get("/Groups")), "Staff");
        assert_eq!(sp.get("/").json()["totalResults"], 3);
        assert_eq!(names(&sp.get("/?filter=userName pr")), "bjensen jsmith");
        assert_eq!(
            names(&sp.get(r#"/?filter=displayName eq "Staff""#)),
            "Staff"
        );
        assert_eq!(names(&sp.get("/?filter=displayName pr")), "bjensen Staff");
        assert_eq!(names(&sp.get("/?filter=not (userName pr)")), "Staff");
        assert_eq!(
            names(&sp.get(r#"/?filter=meta.resourceType eq "Group""#)),
            "Staff"
        );
        assert_eq!(names(&sp.get(r#"/?filter=nope eq "x""#)), "");
    }
}

#[test]
fn hidden_and_derived_attributes_can_be_asked_for() {
    for sp in both() {
        let id = sp.create("/Users", user("bjensen", json!({"externalId": "701984"})));
        sp.user("jsmith");
        let group = sp.group("Staff", &[&id]);
        let list = sp.get(r#"/Users?filter=externalId eq "701984"&attributes=userName"#);
        assert_eq!(names(&list), "bjensen");
        assert_eq!(list.json()["Resources"][0].get("externalId"), None);
        assert_eq!(
            names(&sp.get(&format!("/Users?filter=groups.value eq \"{group}\""))),
            "bjensen"
        );
        assert_eq!(
            names(&sp.get(r#"/Users?filter=groups.display eq "Staff""#)),
            "bjensen"
        );
        assert_eq!(
            names(&sp.get(&format!("/Groups?filter=members.value eq \"{id}\""))),
            "Staff"
        );
        assert_eq!(
            names(&sp.get(&format!("/Groups?filter=members[value eq \"{id}\"]"))),
            "Staff"
        );
        assert_eq!(
            names(&sp.get(&format!("/Users?filter=id eq \"{id}\""))),
            "bjensen"
        );
        assert_eq!(
            names(&sp.get(r#"/Groups?excludedAttributes=members&filter=displayName eq "staff""#)),
            "Staff"
        );
    }
}
