//! The README's examples, run: its commands against the program, its output against what comes.
//!
//! A line `$ command` is run; the lines behind it are expected, `…` standing for anything. Ports are the README's on paper and
//! the system's here. `curl` and `sed` are understood as far as the README uses them, so that nothing need be installed.

use crate::support::client::Client;
use crate::support::program::{Program, command, save};
use crate::support::tls;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

struct Terminal {
    folder: tempfile::TempDir,
    /// What listens, by the address on paper.
    programs: BTreeMap<String, Program>,
    /// The one that was started last serves the scenario that is edited.
    last: String,
}

#[test]
fn every_example_of_the_readme_does_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["schemas", "seeds"] {
        std::fs::create_dir_all(folder.path().join("scenarios").join(name)).unwrap();
    }
    for name in [
        "minimal.ron",
        "people.ron",
        "demo.ron",
        "every-type.ron",
        "rights.ron",
        "faults.ron",
        "crowd.ron",
        "small-crowd.ron",
        "slack.ron",
        "oauth.ron",
        "seeds/contractors.ndjson",
        "schemas/thing.json",
        "schemas/badge.json",
        "schemas/story.json",
    ] {
        std::fs::copy(
            root.join("scenarios").join(name),
            folder.path().join("scenarios").join(name),
        )
        .unwrap();
    }
    let mut terminal = Terminal {
        folder,
        programs: BTreeMap::new(),
        last: String::new(),
    };
    let mut commands = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for example in block
            .split("$ ")
            .filter(|example| !example.trim().is_empty())
        {
            let (command, expected) = example.split_once('\n').unwrap_or((example, ""));
            let found = terminal.run(command);
            compare(command, expected, &found);
            commands += 1;
        }
    }
    assert!(commands >= 14, "only {commands} commands were found");
}

/// What stands in a fence is run above (`console`), in `library` (`rust`), or is the two commands that are checked below (`sh`).
#[test]
fn nothing_in_the_readme_is_an_example_that_nobody_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let fences = readme.lines().filter_map(|line| line.strip_prefix("```"));
    let opening: Vec<&str> = fences.step_by(2).collect();
    let others = opening.iter().filter(|it| **it != "console");
    assert_eq!(others.collect::<Vec<_>>(), [&"sh", &"rust"]);
    assert!(opening.len() > 15);
}

/// `serve` prints a line to paste, whatever the scenario; the head of a scenario may have others; and so does `--help`.
#[test]
fn what_a_scenario_offers_to_paste_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal {
        folder,
        programs: BTreeMap::new(),
        last: String::new(),
    };
    let scenarios = std::fs::read_dir(root.join("scenarios")).unwrap();
    let mut files: Vec<PathBuf> = scenarios.map(|it| it.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    assert!(files.len() > 8);
    for file in files {
        let path = file.display().to_string();
        let banner = terminal.start(&["serve", &path]);
        let tried = banner
            .lines()
            .filter_map(|line| line.trim().strip_prefix("try "));
        let text = std::fs::read_to_string(&file).unwrap();
        let head = text.lines().map_while(|line| line.strip_prefix("// "));
        let pasted: Vec<&str> = tried.chain(head).map(str::trim).collect();
        let curls: Vec<&&str> = pasted.iter().filter(|it| it.starts_with("curl ")).collect();
        assert!(!curls.is_empty(), "{path}");
        for curl in curls {
            let answer = terminal.run(curl);
            let answered =
                answer.contains("\"totalResults\":") || answer.contains("\"access_token\":");
            assert!(answered, "{path}: {curl}\n{answer}");
        }
    }
    // Every command in the help of a verb.
    let (_, help, _) = crate::support::program::run(&["--help"]);
    let verbs = [
        "serve",
        "exec",
        "check",
        "profiles",
        "record",
        "replay",
        "provision",
        "demo",
    ];
    let of_verbs = verbs.map(|verb| crate::support::program::run(&[verb, "--help"]).1);
    let all = format!("{help}{}", of_verbs.join(""));
    let quoted = all.split('`').skip(1).step_by(2);
    let commands: Vec<&str> = quoted.filter(|it| it.starts_with("scimulate ")).collect();
    assert_eq!(commands, ["scimulate serve"]);
    let banner = terminal.start(&["serve"]);
    assert!(banner.contains("curl "), "{banner}");
}

/// The two commands of the first page are the ones that people and the gate use.
#[test]
fn the_readme_names_every_verb_and_the_two_commands() {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.contains("\ncargo run --release -- serve\ncargo test\n"));
    let (_, help, _) = crate::support::program::run(&["--help"]);
    let is_verb = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let verbs = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .lines()
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter(is_verb);
    for verb in verbs
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
    {
        assert!(
            readme.contains(&format!("| `{verb} ")),
            "the table of verbs lacks {verb}"
        );
    }
}

impl Terminal {
    fn run(&mut self, command: &str) -> String {
        let words = words(command);
        let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        match arguments.as_slice() {
            [
                "scimulate",
                "check" | "diff" | "distill" | "exec" | "har" | "lint" | "profiles" | "redact",
                ..,
            ] => self.check(&arguments[1..]),
            ["scimulate", "provision", ..] => {
                let real: Vec<String> = arguments[1..].iter().map(|it| self.to_real(it)).collect();
                let real: Vec<&str> = real.iter().map(String::as_str).collect();
                self.to_paper(&self.check(&real))
            }
            ["scimulate", arguments @ ..] => self.start(arguments),
            ["curl", arguments @ ..] => self.curl(arguments),
            ["cat", file] => std::fs::read_to_string(self.path(file)).unwrap(),
            ["sed", "-i", script, file] => self.edit(script, file),
            _ => panic!("the README uses a command that this test does not know: {command}"),
        }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn start(&mut self, arguments: &[&str]) -> String {
        let at = arguments
            .iter()
            .position(|argument| *argument == "--listen");
        let paper = at
            .map_or("127.0.0.1:8080", |at| arguments[at + 1])
            .to_owned();
        self.programs.remove(&paper);
        let real: Vec<String> = arguments
            .iter()
            .enumerate()
            .filter(|(n, _)| at.is_none_or(|at| *n != at && *n != at + 1))
            .map(|(_, argument)| self.to_real(argument))
            .collect();
        let real: Vec<&str> = real.iter().map(String::as_str).collect();
        let (program, banner) = Program::start_for_people(self.folder.path(), &real);
        self.programs.insert(paper.clone(), program);
        self.last = paper;
        self.to_paper(&banner)
    }

    /// What is written on paper, and what it is here.
    fn addresses(&self) -> Vec<(&str, String)> {
        let mut all = Vec::new();
        for (paper, program) in &self.programs {
            all.push((paper.as_str(), program.address().to_string()));
            if program.ready["control"].is_string() {
                all.push(("127.0.0.1:8081", program.control().to_string()));
            }
        }
        all
    }

    /// The verb that listens to nobody: its answer.
    fn check(&self, arguments: &[&str]) -> String {
        let output = command(arguments).current_dir(self.folder.path()).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }

    /// Addresses on paper to addresses that listen.
    fn to_real(&self, text: &str) -> String {
        let all = self.addresses().into_iter();
        all.fold(text.to_owned(), |text, (paper, real)| {
            text.replace(paper, &real)
        })
    }

    fn to_paper(&self, text: &str) -> String {
        let all = self.addresses().into_iter();
        all.fold(text.to_owned(), |text, (paper, real)| {
            text.replace(&real, paper)
        })
    }

    fn curl(&self, arguments: &[&str]) -> String {
        let (mut method, mut token, mut body, mut url, mut query) =
            ("GET", String::new(), "", String::new(), Vec::new());
        let (mut with_head, mut authority) = (false, None);
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || *arguments.next().unwrap();
            match *argument {
                "-X" => method = value(),
                "-d" => (method, body) = (if method == "GET" { "POST" } else { method }, value()),
                "-H" => {
                    let bearer = value().strip_prefix("Authorization: Bearer ");
                    bearer.unwrap().clone_into(&mut token);
                }
                "-u" => token = format!("Basic {}", STANDARD.encode(value())),
                "-G" => {}
                "-i" => with_head = true,
                "--cacert" => {
                    authority = Some(std::fs::read_to_string(self.path(value())).unwrap());
                }
                "--data-urlencode" => {
                    let (name, value) = value().split_once('=').unwrap();
                    query.push(format!(
                        "{name}={}",
                        percent_encoding::utf8_percent_encode(
                            value,
                            percent_encoding::NON_ALPHANUMERIC
                        )
                    ));
                }
                plain => url = self.to_real(plain),
            }
        }
        let (scheme, rest) = url.split_once("://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let address: SocketAddr = host.parse().unwrap();
        let mut client = match (scheme, authority) {
            ("http", None) => Client::new(address, &token),
            ("https", Some(authority)) => tls::client(&authority, address, &token),
            _ => panic!("{url} and --cacert do not go together"),
        };
        // What curl says of `-d` unless it is told otherwise, and readers will not tell it.
        client.media_type = "application/x-www-form-urlencoded";
        let separator = if query.is_empty() { "" } else { "?" };
        let reply = client.send(
            method,
            &format!("/{path}{separator}{}", query.join("&")),
            body,
        );
        if with_head {
            return self.to_paper(&format!("{}\n{}", reply.head, reply.body));
        }
        self.to_paper(&reply.body)
    }

    fn edit(&self, script: &str, file: &str) -> String {
        let parts: Vec<&str> = script.split('/').collect();
        let ["s", from, to, ""] = parts.as_slice() else {
            panic!("expected s/from/to/, found {script}")
        };
        let before = std::fs::read_to_string(self.path(file)).unwrap();
        let after = before.replacen(from, to, 1);
        assert_ne!(before, after, "{script} changes nothing");
        save(&self.path(file), &after);
        let said = self.programs[&self.last].says(file);
        // The last line of either outcome names the file.
        let ended = said.contains("reloaded") || said.contains("stays as it was");
        if ended {
            said
        } else {
            said + &self.programs[&self.last].says("stays as it was")
        }
    }
}

/// Splits a command as a shell does, single quotes only.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for c in command.trim().chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[track_caller]
fn compare(command: &str, expected: &str, found: &str) {
    let mut rest = found.trim_end();
    let parts: Vec<&str> = expected
        .trim_end()
        .split('…')
        .map(|part| part.trim_matches('\n'))
        .collect();
    for (n, part) in parts.iter().enumerate() {
        let last = n + 1 == parts.len();
        // What stands before the first `…` is the beginning, what stands behind the last is the end.
        let at = if last && n > 0 {
            rest.ends_with(part).then(|| rest.len() - part.len())
        } else {
            rest.find(part)
        };
        let at = at.filter(|at| n > 0 || *at == 0);
        let at = at
            .unwrap_or_else(|| panic!("$ {command}\nexpected {part:?} in\n{rest}\n-- of\n{found}"));
        rest = &rest[at + part.len()..];
        assert!(
            !last || rest.is_empty(),
            "$ {command}\nhas more than is written: {rest:?}"
        );
    }
}
