//! How names find attributes (RFC 7644 sections 3.4.2.2 and 3.10).

use super::*;

#[test]
fn names_and_operators_are_compared_without_case() {
    check_both(r#"USERNAME EQ "bjensen""#, "U1");
    check_both("title PR AND active Eq true", "U1");
    check_both(r#"NAME.GIVENNAME eq "Barbara""#, "U1");
    check_both(r#"emails[TYPE EQ "home"]"#, "U1");
    check_both(r#"Emails.Type eq "home""#, "U1");
}

#[test]
fn a_name_may_be_qualified_by_its_schema() {
    check_both(
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "bjensen""#,
        "U1",
    );
    check_both(
        r#"urn:ietf:params:scim:schemas:core:2.0:User:name.givenName eq "Barbara""#,
        "U1",
    );
    check_both(
        r#"urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "home"]"#,
        "U1",
    );
    check_both(
        r#"URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:NAME.GIVENNAME eq "barbara""#,
        "U1",
    );
    refused(r#"urn:ietf:params:scim:schemas:core:2.0:Group:userName eq "bjensen""#);
    refused(r#"urn:ietf:params:scim:schemas:core:2.0:User:nope eq "bjensen""#);
    refused(r#"urn:ietf:params:scim:schemas:core:2.0:User:department eq "IT""#);
    refused(r#"urn:nowhere:userName eq "bjensen""#);
}

#[test]
fn an_attribute_of_an_extension_is_named_by_its_urn() {
    let enterprise = |rest: &str| format!("{ENTERPRISE}:{rest}");
    check_both(&enterprise(r#"employeeNumber eq "1""#), "U1");
    check_both(&enterprise(r#"manager.value eq "U2""#), "U1");
    check_both(&enterprise("department pr"), "U1");
    check_both(&enterprise("manager pr"), "U1");
    check_both(&enterprise("costCenter pr"), "");
    check_both(&enterprise(r#"department ne "IT""#), "U2");
    check_both(&enterprise(r#"DEPARTMENT sw "i""#), "U1");
    check_both(&format!("not ({})", enterprise("department pr")), "U2");
    refused(&enterprise("nope pr"));
    refused_strictly(&enterprise(r#"manager eq "U2""#));
    refused(&enterprise(r#"userName eq "bjensen""#));
}

/// Strictly it names its sub-attribute; Entra ID asks for the reference itself.
#[test]
fn a_reference_to_one_is_compared_by_its_value() {
    let manager = format!("{ENTERPRISE}:manager");
    check(&format!(r#"{manager} eq "U2""#), "U1");
    check(&format!(r#"{manager} eq "U3""#), "");
    check(&format!(r#"{manager} ne "U2""#), "U2");
    check(&format!("{manager} eq null"), "U2");
    refused(&format!("{manager} eq true"));
    refused(r#"name eq "Babs""#);
}

#[test]
fn an_extension_attribute_without_urn_is_found_when_only_one_has_the_name() {
    check(r#"department eq "IT""#, "U1");
    check(r#"employeeNumber eq "1""#, "U1");
    check(r#"manager.value eq "U2""#, "U1");
    refused_strictly(r#"department eq "IT""#);
    refused_strictly(r#"manager.value eq "U2""#);
}

#[test]
fn an_extension_as_a_whole_has_no_value_to_compare() {
    refused(&format!("{ENTERPRISE} eq \"x\""));
    refused(&format!("{ENTERPRISE} co \"x\""));
}

#[test]
fn schemas_select_by_extension() {
    check_both(&format!("schemas eq \"{ENTERPRISE}\""), "U1");
    check_both(
        r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#,
        "U1 U2",
    );
    check_both(&format!("not (schemas eq \"{ENTERPRISE}\")"), "U2");
    check_both(r#"schemas co "enterprise""#, "U1");
    check_both("schemas pr", "U1 U2");
}

#[test]
fn common_attributes_belong_to_every_type() {
    check_both(r#"id eq "U1""#, "U1");
    check_both(r#"id eq "u1""#, "");
    check_both(r#"externalId eq "701984""#, "U1");
    check_both("externalId pr", "U1");
    check_both(r#"meta.resourceType eq "User""#, "U1 U2");
    check_both(r#"meta.resourceType eq "Group""#, "");
    check_both(r#"meta.location ew "/Users/U2""#, "U2");
    check_both(r#"meta.version eq "W/\"1\"""#, "U1 U2");
    check_both("meta pr", "U1 U2");
    check_group(r#"id eq "G1""#, true);
    check_group(r#"meta.resourceType eq "Group""#, true);
    check_group("externalId pr", false);
}

#[test]
fn an_attribute_that_the_type_lacks_is_refused() {
    refused(r#"nope eq "x""#);
    refused("nope pr");
    refused("members pr");
    refused(r#"name.nope eq "x""#);
    refused(r#"userName.x eq "a""#);
    refused(r#"emails[nope eq "x"]"#);
    refused(r#"emails[type eq "work" and nope pr]"#);
    refused(r#"title pr and nope eq "x""#);
    refused(r#"not (nope eq "x")"#);
    refused(r#"userName[value eq "x"] or nope pr"#);
}

#[test]
fn names_that_begin_like_words_of_the_grammar_are_names() {
    check_widget(r#"order eq "o""#, true);
    check_widget("order pr or notes pr", true);
    check_widget(r#"notes eq "n" and android eq "a""#, true);
    check_widget(r"prime pr and equals pr", true);
    check_widget(r#"never ne "v""#, false);
    check_widget(r#"not (notes eq "n")"#, false);
    check_widget(r#"x-y_z sw "xy""#, true);
    check_widget(r#"urn:example:2.0:Widget:order eq "o""#, true);
}

#[test]
fn dollar_ref_is_a_name() {
    check_group(r#"members[$ref eq "https://h/v2/Users/U1"]"#, true);
    check_group(r#"members.$ref eq "https://h/v2/Users/U1""#, true);
    check_group(r#"members.$ref eq "https://h/v2/users/u1""#, false);
    check_group(r#"members.$ref ew "/U1""#, true);
    check_group(r#"members.value eq "U1""#, true);
    check_group(r#"members[value eq "U9"]"#, false);
    check_group(r#"members.type eq "User""#, true);
    check_group("members pr", true);
}

#[test]
fn what_is_never_returned_cannot_be_probed_for() {
    let secret = json!({"userName": "s", "password": "t1meMa$heen"});
    for text in [
        r#"password co "t1me""#,
        r#"password sw "t""#,
        r#"password gt "a""#,
        r#"password ew "n""#,
    ] {
        refused(text);
        is_refused(&ResourceType::user(), text, Reading::LENIENT);
        assert!(
            !verdict(
                &ResourceType::user(),
                text,
                Reading::LENIENT,
                secret.clone()
            )
            .unwrap_or(false),
            "{text}"
        );
    }
}
