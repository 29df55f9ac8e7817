//! Strings and references: every operator, and the case rules (RFC 7643 section 2.2, RFC 7644 section 3.4.2.2).

use super::*;

#[test]
fn strings_that_are_not_case_exact_are_compared_without_case() {
    check_both(r#"userName eq "bjensen""#, "U1");
    check_both(r#"userName eq "BJENSEN""#, "U1");
    check_both(r#"userName ne "BJENSEN""#, "U2");
    check_both(r#"displayName eq "babs""#, "U1");
    check_both(r#"userName sw "BJ""#, "U1");
    check_both(r#"userName co "ENS""#, "U1");
    check_both(r#"userName ew "SEN""#, "U1");
    check_both(r#"userName gt "BJENSEN""#, "U2");
    check_both(r#"userName ge "BJENSEN""#, "U1 U2");
    check_both(r#"userName lt "JSMITH""#, "U1");
    check_both(r#"userName le "JSMITH""#, "U1 U2");
    check_both(r#"name.familyName eq "JENSEN""#, "U1");
    check_both(r#"emails[value eq "BJ@WORK.EX"]"#, "U1");
}

#[test]
fn case_exact_strings_are_compared_exactly() {
    let user = |id: &str| json!({"userName": "c", "externalId": id});
    check_user(user("AbC"), r#"externalId eq "AbC""#, true);
    check_user(user("AbC"), r#"externalId eq "abc""#, false);
    check_user(user("AbC"), r#"externalId ne "abc""#, true);
    check_user(user("AbC"), r#"externalId co "b""#, true);
    check_user(user("AbC"), r#"externalId co "B""#, false);
    check_user(user("AbC"), r#"externalId sw "a""#, false);
    check_user(user("AbC"), r#"externalId ew "c""#, false);
    check_user(user("AbC"), r#"externalId ew "C""#, true);
    check_user(user("B"), r#"externalId lt "a""#, true);
    check_user(user("b"), r#"externalId lt "B""#, false);
    // Only base64 has padding; elsewhere `=` is a letter like others.
    check_user(user("b=="), r#"externalId eq "b""#, false);
    check_user(user("b=="), r#"externalId ew "b""#, false);
    check_user(user("b=="), r#"externalId lt "b==""#, false);
    check_user(user("b=="), r#"externalId eq "b==""#, true);
}

#[test]
fn whole_and_parts() {
    check_both(r#"userName sw "bjensen""#, "U1");
    check_both(r#"userName ew "bjensen""#, "U1");
    check_both(r#"userName co "bjensen""#, "U1");
    check_both(r#"userName sw "bjensens""#, "");
    check_both(r#"userName co "j""#, "U1 U2");
    check_both(r#"userName sw "sen""#, "");
    check_both(r#"userName ew "bj""#, "");
    check_both(r#"name.familyName co "ens""#, "U1");
    check_both(r#"title co """#, "U1");
    check_both(r#"title sw """#, "U1");
    check_both(r#"title ew """#, "U1");
    check_both(r#"title eq """#, "");
}

#[test]
fn order_is_strict_or_not() {
    check_both(r#"userName gt "bjensen""#, "U2");
    check_both(r#"userName ge "bjensen""#, "U1 U2");
    check_both(r#"userName lt "bjensen""#, "");
    check_both(r#"userName le "bjensen""#, "U1");
    check_both(r#"userName gt "B""#, "U1 U2");
    check_both(r#"userName gt "bj""#, "U1 U2");
    check_both(r#"title gt "a""#, "U1");
    check_both(r#"title le "zzz""#, "U1");
    check_both(r#"not (title gt "a")"#, "U2");
}

#[test]
fn case_folds_beyond_ascii() {
    let user = |name: &str| json!({"userName": "f", "displayName": name});
    check_user(user("École"), r#"displayName eq "ÉCOLE""#, true);
    check_user(user("ΑΒΓ"), r#"displayName sw "αβ""#, true);
    check_user(user("Jörg日本"), r#"displayName ew "日本""#, true);
    check_user(user("😀 x"), r#"displayName sw "😀""#, true);
    check_user(user("😀 x"), r#"displayName sw "\ud83d\ude00""#, true);
}

#[test]
fn escapes_are_those_of_json() {
    let user = json!({"userName": "e", "displayName": "a\"bé\\/\t"});
    check_user(user.clone(), r#"displayName eq "a\"b\u00e9\\/\t""#, true);
    check_user(user.clone(), r#"displayName eq "a\"b\u00E9\\\/\t""#, true);
    check_user(user.clone(), r#"displayName co "\\""#, true);
    check_user(user, r#"displayName co "] and (""#, false);
    let brackets = json!({"userName": "e", "emails": [{"value": "a]b"}, {"value": "c and d"}]});
    check_user(brackets.clone(), r#"emails[value eq "a]b"]"#, true);
    check_user(brackets, r#"emails[value eq "c and d"]"#, true);
}

#[test]
fn references_are_case_exact_and_take_the_operators_of_strings() {
    check_both(r#"profileUrl eq "https://people.ex/bjensen""#, "U1");
    check_both(r#"profileUrl eq "https://people.ex/BJENSEN""#, "");
    check_both(r#"profileUrl sw "https://people""#, "U1");
    check_both(r#"profileUrl co "PEOPLE""#, "");
    check_both(r#"groups.$ref ew "/Groups/G1""#, "U1");
}
