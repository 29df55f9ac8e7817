//! Directory files: what is read from each form, and what is said of each mistake, with its place.

use scimulate::idp::directory::{Directory, Loaded, load};
use std::path::Path;

fn read(name: &str, text: &str) -> Loaded {
    load(Path::new(name), text)
}

/// `line:column title` of everything that is said.
fn told(name: &str, text: &str) -> (bool, Vec<String>) {
    let loaded = read(name, text);
    let told = loaded.diagnostics.iter();
    let told = told.map(|it| format!("{}:{} {}", it.line(), it.column(), it.title));
    (loaded.directory.is_some(), told.collect())
}

#[track_caller]
fn refused(name: &str, text: &str, expected: &[&str]) {
    let (is_read, told) = told(name, text);
    assert_eq!(told, expected, "{text}");
    assert!(!is_read, "{text}");
}

#[track_caller]
fn directory(name: &str, text: &str) -> Directory {
    let loaded = read(name, text);
    let told: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    loaded
        .directory
        .unwrap_or_else(|| panic!("{}", told.join("\n")))
}

const RON: &str = r#"Scenario(users: [
    {"userName": "ann", "name": {"givenName": "Ann"}, "emails": [{"type": "work", "primary": true, "value": "ann@example.com"}],
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Tools", "manager": {"value": "bob"}}},
    {"userName": "bob", "active": false},
], groups: [{"displayName": "Staff", "members": ["ann", "bob"]}, {"displayName": "Tools", "members": ["ann"]}])"#;

const JSON: &str = r#"{"users": [
    {"userName": "ann", "name": {"givenName": "Ann"}, "emails": [{"type": "work", "primary": true, "value": "ann@example.com"}],
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Tools", "manager": {"value": "bob"}}},
    {"userName": "bob", "active": false}
], "groups": [{"displayName": "Staff", "members": ["ann", "bob"]}, {"displayName": "Tools", "members": ["ann"]}]}"#;

const CSV: &str = "userName,givenName,email,department,manager,active,groups\n\
    ann,Ann,ann@example.com,Tools,bob,,Staff; Tools\n\
    bob,,,,,FALSE,Staff\n";

#[test]
fn the_same_people_in_three_forms_are_the_same_directory() {
    let of_ron = directory("people.ron", RON);
    assert_eq!(of_ron, directory("people.json", JSON));
    assert_eq!(of_ron, directory("people.csv", CSV));
    assert_eq!(
        of_ron,
        directory(
            "people.csv",
            &format!("\u{feff}{}", CSV.replace('\n', "\r\n"))
        )
    );
    let [ann, bob] = of_ron.people.as_slice() else {
        panic!("{of_ron:?}")
    };
    assert_eq!(ann.manager.as_ref(), Some(&bob.key));
    assert!(ann.active && !bob.active);
    assert_eq!(of_ron.groups[0].members.len(), 2);
    assert_eq!(of_ron.groups[1].members.iter().next(), Some(&ann.key));
}

const LDIF: &str = "version: 1\n\n# the head\ndn: uid=ann,ou=people,dc=example\nobjectClass: top\nobjectClass: inetOrgPerson\nuid: ann\n\
    givenName:: QW5u\nmail: ann@\n example.com\nou: Tools\nmanager: UID=bob, ou=people,dc=example\n\n\
    dn: uid=bob,ou=people,dc=example\nobjectClass: person\nuid: bob\nnsAccountLock: TRUE\nuserPassword: hunter2\njpegPhoto:: /9j/\n\n\
    dn: cn=Staff,dc=example\nobjectClass: groupOfNames\ncn: Staff\nmember: uid=ann,ou=people,dc=example\nmember: uid=bob,ou=people,dc=example\n\n\
    dn: cn=Tools,dc=example\nobjectClass: groupOfUniqueNames\ncn: Tools\nuniqueMember: uid=ann,ou=people,dc=example\n";

#[test]
fn an_export_of_a_directory_server_is_a_directory() {
    assert_eq!(directory("people.ron", RON), directory("people.ldif", LDIF));
    let dos = LDIF.replace('\n', "\r\n");
    assert_eq!(directory("people.ron", RON), directory("people.ldif", &dos));
}

#[test]
fn mistakes_of_an_export_are_told_where_they_are() {
    let person = "dn: uid=ann,dc=x\nobjectClass: person\nuid: ann\n";
    let with = |line: &str| format!("{person}{line}\n");
    refused("a.ldif", "", &["1:1 nobody is in this file"]);
    refused(
        "a.ldif",
        &with("manager: uid=zed,dc=x"),
        &["4:1 `uid=zed,dc=x` names nobody"],
    );
    refused(
        "a.ldif",
        &with("nonsense"),
        &["4:1 this is no line of LDIF"],
    );
    refused("a.ldif", &with("cn:: !"), &["4:1 this is not base64"]);
    refused(
        "a.ldif",
        &with("cn:< file:///etc/passwd"),
        &["4:1 a value that stands elsewhere"],
    );
    refused(
        "a.ldif",
        &with("changetype: modify"),
        &["4:1 this is a change, and not an entry"],
    );
    refused(
        "a.ldif",
        &format!("{person}\n{person}"),
        &["5:1 `userName` is unique, and another User has `ann`"],
    );
    refused(
        "a.ldif",
        "objectClass: person\nuid: ann\n",
        &["1:1 a record begins with its `dn`"],
    );
    let shown =
        read("a.ldif", &with("userPassword: hunter2\nmanager: x")).diagnostics[0].to_string();
    assert!(!shown.contains("hunter2"), "{shown}");
    let group = "\ndn: cn=Staff\nobjectClass: group\ncn: Staff\nmember: uid=zed,dc=x\n";
    refused(
        "a.ldif",
        &format!("{person}{group}"),
        &["8:1 `uid=zed,dc=x` names nobody"],
    );
}

#[test]
fn a_key_stays_when_others_are_written_in_front_and_an_id_is_one() {
    let key = |text: &str, n: usize| directory("a.csv", text).people[n].key.clone();
    assert_eq!(key("userName\nann\n", 0), key("userName\nbob\nann\n", 1));
    assert_ne!(key("userName\nann\n", 0), key("userName\nanne\n", 0));
    assert_eq!(key("id,userName\np1,ann\n", 0), "p1");
    assert_eq!(key("id,userName\np1,anne\n", 0), "p1");
}

#[test]
fn a_list_of_users_is_a_directory_and_a_scenario_may_have_everything_else() {
    let people = directory("users.json", r#"[{"userName": "ann"}]"#).people;
    assert_eq!(people[0].user_name, "ann");
    let text =
        r#"Scenario(seed: 7, auth: [Bearer("x")], population: Population(users: 30, groups: 3))"#;
    let crowd = directory("crowd.ron", text);
    assert_eq!((crowd.people.len(), crowd.groups.len()), (30, 3));
}

#[test]
fn a_cell_may_hold_commas_quotes_and_line_breaks() {
    let text =
        "userName,title,addresses.work.locality\nann,\"Head, \"\"Tools\"\"\nand more\",Oslo\n";
    let attributes = &directory("a.csv", text).people[0].attributes;
    assert_eq!(attributes["title"], "Head, \"Tools\"\nand more");
    assert_eq!(attributes["addresses"][0]["locality"], "Oslo");
}

#[test]
fn mistakes_of_a_scenario_are_told_where_they_are() {
    refused("a.ron", "", &["1:1 the file holds no scenario"]);
    refused(
        "a.ron",
        "Scenario(\n  user: [])",
        &["2:3 unknown field `user` in `Scenario`"],
    );
    refused(
        "a.ron",
        "Scenario(users: [\n  {\"userName\": \"ann\"},\n  {\"userName\": \"Ann\"},\n])",
        &["3:3 `userName` is unique, and another User has `ann`"],
    );
    refused(
        "a.ron",
        "Scenario(users: [{\"userName\": \"ann\"}], groups: [\n  {\"displayName\": \"Staff\", \"members\": [\"ann\", \"nobody\"]},\n])",
        &[
            "2:47 `members[1]`: `nobody` names nobody: expected the id, the userName or the displayName of a resource of this file",
        ],
    );
    refused(
        "a.ron",
        "Scenario(users: [{\"userName\": \"ann\", \"active\": \"perhaps\"}])",
        &["1:38 `active`: expected true or false, found \"perhaps\""],
    );
    refused(
        "a.ron",
        "Scenario(groups: [{\"displayName\": \"Staff\"},\n {\"displayName\": \"staff\"}])",
        &["2:3 the displayName `staff` is there twice"],
    );
    refused(
        "a.ron",
        "Scenario(users: [{\"userName\": \"a\", \"externalId\": \"7\"},\n {\"userName\": \"b\", \"externalId\": \"7\"}])",
        &["2:20 the externalId `7` is there twice"],
    );
}

#[test]
fn managers_end_at_somebody() {
    let person = |name: &str, manager: &str| {
        format!(
            "{{\"userName\": \"{name}\", \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\": {{\"manager\": {{\"value\": \"{manager}\"}}}}}},\n"
        )
    };
    let file = |people: &[(&str, &str)]| {
        let people: String = people
            .iter()
            .map(|(name, manager)| person(name, manager))
            .collect();
        format!("Scenario(users: [\n{people}])")
    };
    refused(
        "a.ron",
        &file(&[("ann", "ann")]),
        &["2:84 `ann` is their own manager"],
    );
    refused(
        "a.ron",
        &file(&[("ann", "bob"), ("bob", "cy"), ("cy", "bob"), ("dee", "ann")]),
        &["3:84 managers go in a circle: `bob`, then `cy`, then `bob`"],
    );
    refused(
        "a.ron",
        &file(&[("ann", "zed")]),
        &[
            "2:84 `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: `zed` names nobody: expected the id, the userName or the displayName of a resource of this file",
        ],
    );
    let two = file(&[("ann", "bob"), ("bob", "ann"), ("cy", "dee"), ("dee", "cy")]);
    assert_eq!(told("a.ron", &two).1.len(), 2);
}

#[test]
fn mistakes_of_json_are_told_where_they_are() {
    refused(
        "a.json",
        "{\"user\": []}",
        &["1:2 unknown field `user` in `Scenario`"],
    );
    refused(
        "a.json",
        "\"ann\"",
        &["1:1 expected `Scenario(…)`, found a string"],
    );
    refused(
        "a.json",
        "{\"users\": [{\"userName\": \"ann\"}, {\"userName\": \"bob\"]}",
        &["1:51 expected `}`, found `]`"],
    );
}

#[test]
fn mistakes_of_a_table_are_told_where_they_are() {
    refused("a.csv", "", &["1:1 the table is empty"]);
    refused(
        "a.csv",
        "userName,titel,shoe size\nann,Head,38\n",
        &[
            "1:10 unknown column `titel`",
            "1:16 unknown column `shoe size`",
        ],
    );
    refused(
        "a.csv",
        "title\nHead\n",
        &["1:1 the table has no column `userName`"],
    );
    refused(
        "a.csv",
        "userName,email,emails.work\na,b,c\n",
        &["1:16 the column `emails.work` is there twice"],
    );
    refused(
        "a.csv",
        "userName,active\nann,maybe\n",
        &["2:5 expected `true` or `false`"],
    );
    refused(
        "a.csv",
        "userName,title\nann,Head, Tools\nbob\n",
        &[
            "2:1 this line has 3 cells, and the table has 2 columns",
            "3:1 this line has 1 cells, and the table has 2 columns",
        ],
    );
    refused(
        "a.csv",
        "userName,manager\nann,bob\nbob,zed\n",
        &[
            "3:5 `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: `zed` names nobody: expected the id, the userName or the displayName of a resource of this file",
        ],
    );
    refused(
        "a.csv",
        "userName,manager\nann,bob\nbob,ann\n",
        &["2:5 managers go in a circle: `ann`, then `bob`, then `ann`"],
    );
    refused(
        "a.csv",
        "userName\nann\nANN\n",
        &["3:1 `userName` is unique, and another User has `ann`"],
    );
    refused(
        "a.csv",
        "userName,\nann,x\n",
        &["1:10 a column has no name"],
    );
    // A column that nobody may write, or that is pushed to nobody.
    refused(
        "a.csv",
        "userName,meta\nann,x\n",
        &["1:10 unknown column `meta`"],
    );
    refused(
        "a.csv",
        "userName,password\nann,x\n",
        &["1:10 unknown column `password`"],
    );
}

#[test]
fn what_may_have_been_meant_is_said() {
    let help = |text: &str| read("a.csv", text).diagnostics[0].help.clone();
    assert_eq!(help("userName,titel\na,b\n"), "did you mean `title`?");
    assert_eq!(help("userName,e-mail\na,b\n"), "did you mean `email`?");
    assert!(help("userName,shoe size\na,b\n").starts_with("write an attribute of User"));
}

#[test]
fn a_password_is_warned_of_and_not_shown() {
    let text = "Scenario(users: [{\"userName\": \"ann\", \"password\": \"hunter2!\"}])";
    let loaded = read("a.ron", text);
    let shown = loaded.diagnostics[0].to_string();
    assert!(shown.contains("passwords are not pushed"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let directory = loaded
        .directory
        .expect("a warning keeps nobody from being pushed");
    assert!(!format!("{directory:?}").contains("hunter2"));
}
