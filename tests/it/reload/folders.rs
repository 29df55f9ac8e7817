//! A folder of scenarios: files that come, go and are renamed are tenants that do, and no base moves.

use super::*;
use serde_json::{Value, json};
use std::fs;

/// A folder that is served.
struct Served {
    folder: tempfile::TempDir,
    program: Program,
}

fn one(user: &str) -> String {
    format!("Scenario(users: [{{\"userName\": \"{user}\"}}])")
}

impl Served {
    fn new(files: &[(&str, &str)], watch: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, user) in files {
            save(&folder.path().join(name), &one(user));
        }
        let path = folder.path().to_str().unwrap();
        let program = Program::start(&["serve", "--log", "off", "--watch", watch, path]);
        Self { folder, program }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn save(&self, name: &str, user: &str) {
        save(&self.at(name), &one(user));
    }

    /// The first user of a tenant; `null` where there is no tenant.
    fn user(&self, tenant: &str) -> Value {
        let mut client = Client::new(self.program.address(), "");
        let list = client.get(&format!("/{tenant}/scim/v2/Users")).json();
        list["Resources"][0]["userName"].clone()
    }

    fn health(&self) -> Value {
        Client::new(self.program.control(), "")
            .get("/health")
            .json()
    }
}

#[test]
fn a_file_that_comes_is_a_tenant_and_one_that_goes_is_none() {
    for watch in ["auto", "poll"] {
        let served = Served::new(&[("a.ron", "ann")], watch);
        // However few there are: what comes beside it moves no base.
        assert!(served.program.base().ends_with("/a/scim/v2"), "{watch}");
        served.save("b.ron", "bob");
        let said = served.program.says("serving");
        assert!(said.contains("b.ron at /b/scim/v2"), "{said}");
        assert_eq!(
            (served.user("a"), served.user("b")),
            (json!("ann"), json!("bob"))
        );
        served.save("b.ron", "bea");
        served.program.says("reloaded");
        assert_eq!(served.user("b"), "bea");

        fs::remove_file(served.at("b.ron")).unwrap();
        served.program.says("dropped `b`");
        assert_eq!(
            (served.user("a"), served.user("b")),
            (json!("ann"), Value::Null)
        );
        // The next of its name has nothing of its past.
        served.save("b.ron", "bill");
        served.program.says("serving");
        let mut control = Client::new(served.program.control(), "");
        let journal = control.get("/tenants/b/journal").json();
        assert_eq!(journal["exchanges"], json!([]), "{watch}");
    }
}

#[test]
fn a_file_that_is_renamed_is_another_tenant() {
    let served = Served::new(&[("a.ron", "ann"), ("b.ron", "bob")], "auto");
    fs::rename(served.at("b.ron"), served.at("c.ron")).unwrap();
    let said = served.program.says("serving");
    assert!(said.contains("dropped `b`"), "{said}");
    assert_eq!(
        (served.user("b"), served.user("c")),
        (Value::Null, json!("bob"))
    );
    // The last one goes, and another comes: still nothing moves.
    fs::remove_file(served.at("a.ron")).unwrap();
    served.program.says("dropped `a`");
    fs::remove_file(served.at("c.ron")).unwrap();
    served.program.says("dropped `c`");
    served.save("a.ron", "ada");
    served.program.says("serving");
    assert_eq!(served.user("a"), "ada");
}

#[test]
fn what_cannot_be_served_is_told_until_it_is_mended() {
    let served = Served::new(&[("a.ron", "ann")], "auto");
    save(&served.at("b.ron"), "Scenario(user: [])");
    let said = served.program.says("is not served until that is mended");
    assert!(said.contains("did you mean `users`?"), "{said}");
    let health = served.health();
    let waiting = &health["not_served"][0];
    assert!(
        waiting["source"].as_str().unwrap().ends_with("b.ron"),
        "{health}"
    );
    let told = waiting["diagnostics"][0].as_str().unwrap();
    assert!(told.contains("did you mean `users`?"), "{told}");
    assert_eq!(health["tenants"].as_array().unwrap().len(), 1);
    served.save("b.ron", "bob");
    served.program.says("serving");
    assert_eq!(served.user("b"), "bob");
    assert_eq!(served.health()["not_served"], json!([]));
}

#[test]
fn a_name_that_cannot_be_a_tenants_is_a_warning() {
    let served = Served::new(&[("a.ron", "ann")], "auto");
    served.save("two words.ron", "bob");
    let said = served.program.says("is not served until that is mended");
    assert!(
        said.contains("warning: `two words` cannot name a tenant"),
        "{said}"
    );
    fs::rename(served.at("two words.ron"), served.at("words.ron")).unwrap();
    served.program.says("serving");
    assert_eq!(served.health()["not_served"], json!([]));
    // A fork has the name.
    let mut control = Client::new(served.program.control(), "");
    let made = control.send("POST", "/tenants", r#"{"fork": "a", "name": "taken"}"#);
    assert_eq!(made.status, 201);
    served.save("taken.ron", "tom");
    let said = served.program.says("is not served until that is mended");
    assert!(said.contains("there is a tenant `taken` already"), "{said}");
    assert_eq!(served.user("taken"), "ann");
    assert_eq!(control.send("DELETE", "/tenants/taken", "").status, 204);
    assert_eq!(
        control.send("POST", "/tenants/taken/reload", "").status,
        200
    );
    assert_eq!(served.user("taken"), "tom");
}

#[test]
fn two_files_of_one_name_are_one_tenant_until_one_goes() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    save(&first.path().join("a.ron"), &one("ann"));
    save(&second.path().join("b.ron"), &one("bob"));
    let folders = [&first, &second].map(|it| it.path().to_str().unwrap());
    let program = Program::start(&["serve", "--log", "off", folders[0], folders[1]]);
    save(&second.path().join("a.ron"), &one("other"));
    let said = program.says("is not served until that is mended");
    assert!(said.contains("there is a tenant `a` already"), "{said}");
    fs::remove_file(first.path().join("a.ron")).unwrap();
    program.says("serving");
    let mut client = Client::new(program.address(), "");
    let users = client.get("/a/scim/v2/Users").json();
    assert_eq!(users["Resources"][0]["userName"], "other");
}

/// vim, emacs and others leave locks and copies beside a file, and move it away before they write it.
#[test]
fn what_editors_leave_is_no_scenario_and_what_they_move_away_is_not_gone() {
    let served = Served::new(&[("a.ron", "ann")], "auto");
    fs::write(served.at(".#a.ron"), "lock").unwrap();
    fs::write(served.at("a.ron~"), "copy").unwrap();
    fs::rename(served.at("a.ron"), served.at("a.ron.bak")).unwrap();
    fs::write(served.at("a.ron"), one("ada")).unwrap();
    let said = served.program.says("reloaded");
    assert!(
        !said.contains("dropped") && !said.contains("serving"),
        "{said}"
    );
    let file = fs::File::create(served.at("a.ron")).unwrap();
    std::io::Write::write_all(&mut { file }, one("amy").as_bytes()).unwrap();
    served.program.says("reloaded");
    assert_eq!(served.user("a"), "amy");
}

/// What Kubernetes does when a `ConfigMap` changes, gains a key and loses one.
#[cfg(unix)]
#[test]
fn a_swapped_link_is_followed_in_a_folder_too() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    let swap = |version: &str, files: &[(&str, &str)]| {
        fs::create_dir(at(version)).unwrap();
        for (name, user) in files {
            fs::write(at(version).join(name), one(user)).unwrap();
        }
        symlink(version, at("..data_tmp")).unwrap();
        fs::rename(at("..data_tmp"), at("..data")).unwrap();
    };
    swap("..v1", &[("a.ron", "ann")]);
    symlink("..data/a.ron", at("a.ron")).unwrap();
    let path = folder.path().to_str().unwrap();
    let program = Program::start(&["serve", "--log", "off", path]);
    swap("..v2", &[("a.ron", "ada"), ("b.ron", "bob")]);
    symlink("..data/b.ron", at("b.ron")).unwrap();
    fs::remove_dir_all(at("..v1")).unwrap();
    // In whichever order they are seen.
    let said = program.says("at /b/scim/v2");
    if !said.contains("reloaded") {
        program.says("reloaded");
    }
    let mut client = Client::new(program.address(), "");
    let mut user = |tenant: &str| {
        let list = client.get(&format!("/{tenant}/scim/v2/Users")).json();
        list["Resources"][0]["userName"].clone()
    };
    assert_eq!((user("a"), user("b")), (json!("ada"), json!("bob")));
    swap("..v3", &[("b.ron", "bea")]);
    fs::remove_file(at("a.ron")).unwrap();
    let said = program.says("dropped `a`");
    if !said.contains("reloaded") {
        program.says("reloaded");
    }
    assert_eq!((user("a"), user("b")), (Value::Null, json!("bea")));
}

#[test]
fn a_folder_that_is_made_anew_is_followed_on() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("scenarios");
    fs::create_dir(&folder).unwrap();
    save(&folder.join("a.ron"), &one("ann"));
    let path = folder.to_str().unwrap();
    let program = Program::start(&["serve", "--log", "off", path]);
    fs::rename(&folder, root.path().join("old")).unwrap();
    fs::create_dir(&folder).unwrap();
    save(&folder.join("a.ron"), &one("ada"));
    program.says("reloaded");
    save(&folder.join("b.ron"), &one("bob"));
    program.says("serving");
    fs::write(folder.join("a.ron"), one("amy")).unwrap();
    program.says("reloaded");
}
