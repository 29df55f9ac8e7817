//! Booleans, numbers, instants and binaries (RFC 7644 table 3).

use super::*;

#[test]
fn booleans_are_equal_or_not() {
    check_both("active eq true", "U1");
    check_both("active eq false", "U2");
    check_both("active ne true", "U2");
    check_both("active ne false", "U1");
    check_both("emails[primary eq true]", "U1");
    check_both("emails.primary eq true", "U1");
}

#[test]
fn booleans_and_binaries_have_no_order_and_no_parts() {
    for operator in ["gt", "ge", "lt", "le", "co", "sw", "ew"] {
        refused(&format!("active {operator} false"));
        refused(&format!("active {operator} \"t\""));
        refused(&format!("emails[primary {operator} true]"));
        refused(&format!("x509Certificates.value {operator} \"A\""));
        refused_for_widgets(&format!("xBin {operator} \"A\""));
    }
}

#[test]
fn a_boolean_written_as_a_string_is_taken_leniently() {
    check(r#"active eq "true""#, "U1");
    check(r#"active eq "True""#, "U1");
    check(r#"active eq "False""#, "U2");
    refused_strictly(r#"active eq "true""#);
    refused(r#"active eq "yes""#);
    refused("active eq 1");
}

#[test]
fn binaries_are_case_exact() {
    check_both(r#"x509Certificates.value eq "MIIBAg==""#, "U1");
    check_both(r#"x509Certificates.value eq "miibag==""#, "");
    check_both(r#"x509Certificates[value eq "MIIBAg=="]"#, "U1");
    check_both("x509Certificates pr", "U1");
    check_widget(r#"xBin eq "AQ==""#, true);
    check_widget(r#"xBin ne "AQ==""#, false);
    check_widget(r#"xBin eq "AQ""#, true);
}

#[test]
fn numbers_are_compared_by_value() {
    check_widget("xInt eq 9", true);
    check_widget("xInt ne 9", false);
    check_widget("xInt lt 10", true);
    check_widget("xInt gt 10", false);
    check_widget("xInt ge 9", true);
    check_widget("xInt le 9", true);
    check_widget("xInt gt 9", false);
    check_widget("xInt lt 9", false);
    check_widget("xInt gt -10", true);
    check_widget("xDec eq 1.50", true);
    check_widget("xDec eq 15e-1", true);
    check_widget("xDec eq 1.5E0", true);
    check_widget("xDec gt 1", true);
    check_widget("xDec lt 1.51", true);
    check_widget("xInts eq 20", true);
    check_widget("xInts gt 19", true);
    check_widget("xInts lt 1", false);
}

#[test]
fn a_value_of_another_kind_is_refused() {
    refused_for_widgets("xInt sw 5");
    refused_for_widgets("xInt co 9");
    refused_for_widgets("xInt ew \"9\"");
    refused_for_widgets("xInt eq true");
    refused_for_widgets("xFlag eq 0");
    is_refused(&widget_type(), r#"xInt eq "9""#, Reading::STRICT);
    refused_strictly("userName eq 5");
    refused_strictly("userName eq true");
    refused("meta.created eq true");
    refused("meta.created gt 5");
}

#[test]
fn instants_are_compared_whatever_their_text() {
    check_both(r#"meta.created eq "2020-01-01T10:00:00Z""#, "U1");
    check_both(r#"meta.created eq "2020-01-01T10:00:00.000Z""#, "U1");
    check_both(r#"meta.created eq "2020-01-01T10:00:00+00:00""#, "U1");
    check_both(r#"meta.created eq "2020-01-01T12:00:00+02:00""#, "U1");
    check_both(r#"meta.created ne "2020-01-01T12:00:00+02:00""#, "U2");
    check(r#"meta.created eq "2020-01-01T10:00:00""#, "U1");
    check_both(r#"meta.created eq "2020-01-01T10:00:00.001Z""#, "");
    check_both(r#"meta.created gt "2020-01-01T11:00:00+02:00""#, "U1 U2");
    check_both(r#"meta.created gt "2020-01-01T10:00:00Z""#, "U2");
    check_both(r#"meta.created ge "2020-01-01T10:00:00Z""#, "U1 U2");
    check_both(r#"meta.created lt "2022-01-01T10:00:00Z""#, "U1");
    check_both(r#"meta.created le "2022-01-01T10:00:00Z""#, "U1 U2");
    check_both(
        r#"meta.lastModified gt "2021-05-13T04:42:34+05:00""#,
        "U1 U2",
    );
    check_both(r#"meta.lastModified gt "2021-05-13T04:42:34.4Z""#, "U1 U2");
    check_both(r#"meta.lastModified gt "2021-05-13T04:42:34.6Z""#, "U2");
    check_both("meta.created pr", "U1 U2");
    check_widget(r#"xDate eq "2020-01-01T05:00:00-05:00""#, true);
    check_widget(r#"xDate lt "2020-01-01T10:00:00.0000001Z""#, true);
}

#[test]
fn what_is_no_instant_is_refused() {
    for value in [
        "yesterday",
        "2020-01-01",
        "10:00:00Z",
        "2020-02-30T00:00:00Z",
        "2020-13-01T00:00:00Z",
        "",
        "2020",
    ] {
        refused(&format!("meta.created gt \"{value}\""));
        refused(&format!("meta.created eq \"{value}\""));
    }
    for operator in ["co", "sw", "ew"] {
        refused(&format!("meta.created {operator} \"2020\""));
    }
}
