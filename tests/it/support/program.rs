//! The program itself, as a child process on a port of the system's choice.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long a test waits for what must come; far beyond what a loaded machine takes.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A running `scimulate`. Dropping it kills it.
pub(crate) struct Program {
    child: Child,
    /// The line that it printed when it was ready.
    pub(crate) ready: serde_json::Value,
    messages: Receiver<String>,
}

/// `scimulate` with these arguments, and nothing of the environment that could change them.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimulate"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("CI")
        .env("NO_COLOR", "1");
    command
}

impl Program {
    /// Starts a verb that listens and waits until it accepts.
    #[track_caller]
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_command(command(arguments))
    }

    /// The same with an environment of one's own.
    #[track_caller]
    pub(crate) fn start_command(mut command: Command) -> Self {
        let (mut program, out) =
            Self::spawn(command.args(["--listen", "127.0.0.1:0", "--ready", "json"]));
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("a line");
        if line.is_empty() {
            program.fail();
        }
        program.ready = serde_json::from_str(&line).expect("JSON");
        program
    }

    /// Starts it as a person would, in a folder, and returns its banner.
    #[track_caller]
    pub(crate) fn start_for_people(folder: &Path, arguments: &[&str]) -> (Self, String) {
        let ready = tempfile::tempdir().expect("a folder");
        let file = ready.path().join("ready.json");
        let mut command = command(arguments);
        command
            .current_dir(folder)
            .args(["--listen", "127.0.0.1:0", "--log", "off", "--ready-file"])
            .arg(&file);
        let (mut program, out) = Self::spawn(&mut command);
        let mut lines = BufReader::new(out).lines();
        let mut banner = String::new();
        // Every banner has as many lines as there are things to say; the ready file follows it.
        let line = loop {
            if let Ok(line) = std::fs::read_to_string(&file) {
                break line;
            }
            match program.child.try_wait() {
                Ok(None) => std::thread::yield_now(),
                _ => program.fail(),
            }
        };
        program.ready = serde_json::from_str(&line).expect("JSON");
        let rows = match arguments[0] {
            "replay" => 3,
            _ => 4,
        };
        let rows = rows + usize::from(program.ready["control"].is_string());
        for _ in 0..rows {
            banner.push_str(&lines.next().expect("a line").expect("UTF-8"));
            banner.push('\n');
        }
        (program, banner)
    }

    fn spawn(command: &mut Command) -> (Self, ChildStdout) {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (send, messages) = channel();
        let errors = child.stderr.take().expect("piped");
        std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                // A test that has ended reads no more.
                let _ = send.send(line);
            }
        });
        let out = child.stdout.take().expect("piped");
        (
            Self {
                child,
                ready: serde_json::Value::Null,
                messages,
            },
            out,
        )
    }

    #[track_caller]
    fn fail(&self) -> ! {
        let said: Vec<String> = self.messages.iter().collect();
        panic!("it ended before it was ready:\n{}", said.join("\n"));
    }

    /// The SCIM base URL.
    pub(crate) fn base(&self) -> &str {
        self.ready["scim"].as_str().expect("a URL")
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        let (_, rest) = self.base().split_once("://").expect("a URL");
        let authority = rest.split('/').next();
        authority
            .and_then(|authority| authority.parse().ok())
            .expect("an address")
    }

    /// Where the control API listens.
    pub(crate) fn control(&self) -> SocketAddr {
        let url = self.ready["control"].as_str();
        let address = url.and_then(|url| url.strip_prefix("http://")?.parse().ok());
        address.expect("a control API")
    }

    /// Waits for a message that holds `part`, and returns all up to it.
    #[track_caller]
    pub(crate) fn says(&self, part: &str) -> String {
        let mut said = String::new();
        while !said.contains(part) {
            let line = self.messages.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("expected {part:?} among:\n{said}"));
            said.push_str(&line);
            said.push('\n');
        }
        said
    }

    /// What else it says until it ends.
    pub(crate) fn rest(&self) -> String {
        self.messages.iter().collect::<Vec<_>>().join("\n")
    }

    /// All messages that nobody has waited for, after its end.
    pub(crate) fn said(&self) -> String {
        self.messages
            .iter()
            .fold(String::new(), |said, line| said + &line + "\n")
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("a child can be waited for")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs to the end: exit code, standard output, standard error.
pub(crate) fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = command(arguments).output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Writes beside and renames, as editors do.
pub(crate) fn save(path: &Path, text: &str) {
    let beside = path.with_extension("swp");
    std::fs::write(&beside, text).expect("a file is written");
    std::fs::rename(&beside, path).expect("a file is renamed");
}

/// All of a reader as text.
pub(crate) fn text(mut reader: impl Read) -> String {
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("UTF-8");
    text
}
