//! Multi-valued attributes and value paths: any value satisfies a comparison, one value satisfies a bracket.

use super::*;

#[test]
fn any_value_may_match() {
    check_both(r#"emails.type eq "home""#, "U1");
    check_both(r#"emails.value ew "home.ex""#, "U1");
    check_both(r#"emails.type eq "work" and emails.value co "home""#, "U1");
    check_both(r#"groups.value eq "G2""#, "U1");
    check_both(r#"groups.display eq "Staff""#, "U1");
    check_both(r#"groups[type eq "indirect"]"#, "U1");
    check_both(r#"groups[type eq "indirect" and value eq "G1"]"#, "");
}

#[test]
fn a_bracket_is_satisfied_by_one_value() {
    check_both(r#"emails[type eq "work"]"#, "U1");
    check_both(r#"emails[type eq "work" and value co "@work.ex"]"#, "U1");
    check_both(r#"emails[type eq "work" and value co "home"]"#, "");
    check_both(r#"emails[type eq "home" and primary eq true]"#, "");
    check_both(r#"emails[type eq "fax" or value sw "bj"]"#, "U1");
    check_both(
        r#"emails[type eq "work" and (value co "x" or primary eq true)]"#,
        "U1",
    );
    check_both(
        r#"emails[(type eq "work" or type eq "home") and not (primary pr)]"#,
        "U1",
    );
    check_both(r#"emails[not (type eq "work")]"#, "U1");
    check_both(r"emails[not (type pr)]", "");
    check_both(r#"not (emails[type eq "work"])"#, "U2");
    check_both(r#"emails[type eq "home"] and title pr"#, "U1");
    check_both(r#"emails[type eq "fax"] or title pr"#, "U1");
    check_both("emails[value pr]", "U1");
    check_both("addresses[type eq \"work\"]", "");
    check_both(r#"not (addresses[type eq "work"])"#, "U1 U2");
}

#[test]
fn a_bracket_takes_a_singular_complex_attribute_as_one_value() {
    check(
        r#"name[givenName eq "Barbara" and familyName eq "Jensen"]"#,
        "U1",
    );
    check(
        r#"name[givenName eq "Barbara" and familyName eq "Smith"]"#,
        "",
    );
}

#[test]
fn a_complex_attribute_needs_a_sub_attribute() {
    refused(r#"name eq "x""#);
    refused(r#"name co "x""#);
    refused(r#"name gt "a""#);
    refused(r#"meta eq "x""#);
    check(r#"emails eq "bj@work.ex""#, "U1");
    check(r#"emails co "home.ex""#, "U1");
    check(r#"emails sw "x""#, "");
    check(r#"emails ne "bj@work.ex""#, "U2");
    check(r#"groups eq "G1""#, "U1");
    refused(r#"addresses eq "x""#);
}

#[test]
fn a_sub_attribute_after_the_bracket_speaks_of_the_same_value() {
    check(r#"emails[type eq "work"].value eq "bj@work.ex""#, "U1");
    check(r#"emails[type eq "work"].value eq "bj@home.ex""#, "");
    check(r#"emails[type eq "home"].value co "home""#, "U1");
    check("emails[type eq \"home\"].primary pr", "");
    check("emails[type eq \"work\"].value pr", "U1");
    check(
        r#"emails[type eq "work" or type eq "home"].value ew "home.ex""#,
        "U1",
    );
    check(
        r#"emails[type eq "work"].value eq "bj@work.ex" and active eq true"#,
        "U1",
    );
    check(
        r#"not (emails[type eq "work"].value eq "bj@work.ex")"#,
        "U2",
    );
    refused_strictly(r#"emails[type eq "work"].value eq "bj@work.ex""#);
    refused_strictly("emails[type eq \"work\"].value pr");
    refused(r#"emails[type eq "work"].nope eq "x""#);
    refused(r#"emails[type eq "work"]value eq "x""#);
    refused(r#"emails[type eq "work"]. eq "x""#);
}

#[test]
fn a_list_of_simple_values_is_compared_value_by_value() {
    check_widget(r#"xMV eq "a""#, true);
    check_widget(r#"xMV eq "B""#, true);
    check_widget(r#"xMV eq "c""#, false);
    check_widget(r#"xMV sw "b""#, true);
    check_widget(r#"xMV eq "a" and xMV eq "b""#, true);
    check_widget(r#"xMV[value eq "a"]"#, true);
    check_widget(r#"xMV[value eq "a" and value eq "b"]"#, false);
}

#[test]
fn a_bracket_behind_a_simple_attribute_has_no_meaning() {
    refused(r#"userName[type eq "x"]"#);
    refused(r"active[value eq true and nope pr]");
    refused(r#"name.givenName[value eq "x"]"#);
}
