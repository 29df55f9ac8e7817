//! `exec`: a command with a service provider beside it.
#![cfg(unix)]

use crate::support::program::{PATIENCE, command, run};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

fn scenario(folder: &Path, name: &str, token: &str) -> String {
    let path = folder.join(format!("{name}.ron"));
    std::fs::write(&path, format!("Scenario(auth: [Bearer({token:?})])")).unwrap();
    path.display().to_string()
}

/// A command that is run and still runs: `sh` with this script, which prints a line when it is ready.
fn started(script: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = command(&["exec", "--", "sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

fn line(out: &mut impl BufRead) -> String {
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

fn address(url: &str) -> SocketAddr {
    let rest = url.strip_prefix("http://").unwrap();
    rest.split('/').next().unwrap().parse().unwrap()
}

#[test]
fn the_command_finds_the_provider_in_its_environment_and_has_standard_output_to_itself() {
    let script = r#"echo "$SCIM_BASE_URL $SCIM_TOKEN $SCIMULATE_CONTROL_URL""#;
    let (code, out, told) = run(&["exec", "--", "sh", "-c", script]);
    assert_eq!((code, told.as_str()), (Some(0), ""));
    let [url, token, control] = out.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("{out}");
    };
    assert!(url.ends_with("/scim/v2") && control.starts_with("http://127.0.0.1:"));
    assert_eq!(token, "demo-token");
    // Nothing outlives the command.
    assert!(TcpStream::connect(address(url)).is_err());
    assert!(TcpStream::connect(address(control)).is_err());
}

#[test]
fn the_provider_answers_while_the_command_runs() {
    let (mut child, mut out) = started(r#"echo "$SCIM_BASE_URL"; read line; exit 7"#);
    let url = line(&mut out);
    let path = &url[url.find("/scim").unwrap()..];
    let mut client = crate::support::client::Client::new(address(&url), "demo-token");
    assert_eq!(client.get(&format!("{path}/Users")).status, 200);
    writeln!(child.stdin.take().unwrap(), "go on").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(7));
}

#[test]
fn several_scenarios_are_tenants_and_each_has_variables_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let files = [("acme", "a-token"), ("globex.eu", "g-token")];
    let files = files.map(|(name, token)| scenario(folder.path(), name, token));
    let script = r#"echo "$SCIM_BASE_URL $SCIM_TOKEN $SCIM_BASE_URL_ACME $SCIM_TOKEN_ACME $SCIM_BASE_URL_GLOBEX_EU $SCIM_TOKEN_GLOBEX_EU""#;
    let (code, out, told) = run(&["exec", &files[0], &files[1], "--", "sh", "-c", script]);
    assert_eq!(code, Some(0), "{told}");
    let words: Vec<&str> = out.split_whitespace().collect();
    assert_eq!((words[0], words[1]), (words[2], words[3]));
    assert!(words[2].ends_with("/acme/scim/v2") && words[4].ends_with("/globex.eu/scim/v2"));
    assert_eq!((words[3], words[5]), ("a-token", "g-token"));
}

#[test]
fn a_token_for_another_provider_is_not_handed_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("open.ron");
    std::fs::write(&file, "Scenario()").unwrap();
    let file = file.display().to_string();
    let output = command(&["exec", &file, "--", "sh", "-c", "echo \"[$SCIM_TOKEN]\""])
        .env("SCIM_TOKEN", "of-production")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "[]\n");
}

#[test]
fn the_exit_code_is_the_command_s() {
    for (script, expected) in [("exit 0", 0), ("exit 42", 42), ("kill -9 $$", 137)] {
        let (code, _, told) = run(&["exec", "--", "sh", "-c", script]);
        assert_eq!((code, told.as_str()), (Some(expected), ""), "{script}");
    }
}

#[test]
fn signals_are_forwarded_and_the_command_decides_what_they_mean() {
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        // `wait` ends at a signal, `read` would not; the command it waits for ends with its standard input.
        let script =
            format!("trap 'echo told; exit 3' {signal}; exec 3<&0; echo ready; cat <&3 & wait");
        let (mut child, mut out) = started(&script);
        assert_eq!(line(&mut out), "ready");
        let id = child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{number}"), &id])
            .status();
        assert!(sent.unwrap().success());
        assert_eq!(line(&mut out), "told", "{signal}");
        assert_eq!(child.wait().unwrap().code(), Some(3), "{signal}");
    }
    let (mut child, mut out) = started("echo $$; exec sleep 600");
    let command: i32 = line(&mut out).parse().unwrap();
    let sent = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(128 + 15));
    // It was waited for, so nobody of that number is left.
    let began = Instant::now();
    while Path::new(&format!("/proc/{command}")).exists() && cfg!(target_os = "linux") {
        assert!(began.elapsed() < PATIENCE, "{command} is an orphan");
        std::thread::yield_now();
    }
}

#[test]
fn what_cannot_be_run_is_exit_4_and_what_cannot_be_served_exit_3() {
    let (code, out, told) = run(&["exec", "--", "/no/such/program"]);
    assert_eq!((code, out.as_str()), (Some(4), ""));
    assert!(told.contains("cannot run `/no/such/program`"), "{told}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.ron");
    std::fs::write(&file, "Scenario(usrs: [])").unwrap();
    let (code, _, told) = run(&["exec", file.to_str().unwrap(), "--", "true"]);
    assert_eq!(code, Some(3), "{told}");
    assert!(
        told.contains("unknown field `usrs`") && told.contains("broken.ron:1:10"),
        "{told}"
    );
    let (code, _, told) = run(&["exec"]);
    assert_eq!(code, Some(2), "{told}");
    let (code, _, told) = run(&["exec", "no/such.ron", "--", "true"]);
    assert_eq!(code, Some(4), "{told}");
}

#[test]
fn the_log_is_written_if_it_is_asked_for() {
    for (log, lines) in [("on", 1), ("off", 0)] {
        let mut child = command(&[
            "exec",
            "--log",
            log,
            "--",
            "sh",
            "-c",
            "echo $SCIM_BASE_URL; read line",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
        let url = line(&mut BufReader::new(child.stdout.take().unwrap()));
        let mut client = crate::support::client::Client::new(address(&url), "demo-token");
        assert_eq!(client.get("/scim/v2/Users").status, 200);
        writeln!(child.stdin.take().unwrap(), "go on").unwrap();
        let told = child.wait_with_output().unwrap().stderr;
        let told = String::from_utf8(told).unwrap();
        assert_eq!(told.matches("/scim/v2/Users 200").count(), lines, "{told}");
    }
}
