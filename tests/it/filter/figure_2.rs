//! Every example filter of RFC 7644 section 3, figure 2 first.

use super::*;

/// A user whom each example is about.
fn example() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": "2819c223", "userName": "J.OMalley", "name": {"familyName": "O'Malley", "givenName": "James"},
        "title": "Guide", "userType": "Employee",
        "emails": [{"type": "work", "value": "j@example.com"}, {"type": "home", "value": "j@example.org"}],
        "ims": [{"type": "xmpp", "value": "j@foo.com"}],
        ENTERPRISE: {"employeeNumber": "701984"},
        "meta": {"resourceType": "User", "lastModified": "2011-05-13T04:42:34Z", "created": "2010-01-01T00:00:00Z"},
    })
}

#[track_caller]
fn example_matches(text: &str, expected: bool) {
    for reading in [Reading::LENIENT, Reading::STRICT] {
        assert_eq!(
            verdict(&ResourceType::user(), text, reading, example()),
            Ok(expected),
            "{reading:?} {text}"
        );
    }
}

#[test]
fn all_seventeen_filters_of_figure_2_are_read_and_evaluated() {
    example_matches(r#"userName eq "bjensen""#, false);
    example_matches(r#"name.familyName co "O'Malley""#, true);
    example_matches(r#"userName sw "J""#, true);
    example_matches(
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        true,
    );
    example_matches("title pr", true);
    example_matches(r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, false);
    example_matches(r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, true);
    example_matches(r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, false);
    example_matches(r#"meta.lastModified le "2011-05-13T04:42:34Z""#, true);
    example_matches(r#"title pr and userType eq "Employee""#, true);
    example_matches(r#"title pr or userType eq "Intern""#, true);
    example_matches(
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        true,
    );
    example_matches(
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        true,
    );
    example_matches(
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        false,
    );
    example_matches(
        r#"userType eq "Employee" and (emails.type eq "work")"#,
        true,
    );
    example_matches(
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        true,
    );
    let last = r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#;
    example_matches(last, true);
}

#[test]
fn the_example_filters_of_the_other_sections_are_read() {
    example_matches(
        r#"(meta.resourceType eq "User") or (meta.resourceType eq "Group")"#,
        true,
    );
    example_matches(r#"userName Eq "john""#, false);
    example_matches(r#"Username eq "john""#, false);
    example_matches(
        r#"urn:ietf:params:scim:schemas:core:2.0:User:name.givenName eq "James""#,
        true,
    );
    check(r#"userName sw "b""#, "U1");
    check("meta.resourceType eq \"User\"", "U1 U2");
}

#[test]
fn examples_whose_values_lack_their_quotes_are_refused_strictly() {
    refused_strictly("(meta.resourceType eq User) or (meta.resourceType eq Group)");
    refused_strictly("displayName sw 'smith'");
}
