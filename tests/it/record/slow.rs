//! A disk that takes its time: an answer waits for its file no longer than the recorder has patience, and what is lost is counted.

use crate::support::front::{answer, get, names, recorder, send, serve};
use crate::support::upstream::Upstream;
use scimulate::proxy::Config;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// How many files are written at a time.
const THREADS: u64 = 8;

/// Files that hang: what is opened for writing waits for somebody who reads it, which it is when this is dropped.
struct Hung(Vec<PathBuf>);

impl Hung {
    /// The files of the first exchanges.
    fn first(count: u64, folder: &Path) -> Self {
        let pid = std::process::id();
        let paths =
            (1..=count).map(|number| folder.join(format!(".{number:04}-GET-Users-200.json.{pid}")));
        let paths: Vec<_> = paths.collect();
        let made = Command::new("mkfifo").args(&paths).status();
        assert!(made.expect("mkfifo runs").success());
        Self(paths)
    }
}

impl Drop for Hung {
    fn drop(&mut self) {
        for pipe in self.0.drain(..) {
            // Whoever reads and writes waits for nobody. It stays open, so that what is written then has a reader.
            std::mem::forget(File::options().read(true).write(true).open(pipe));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_holds_up_no_traffic_and_is_used_again_when_it_is_back() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let folder = TempDir::new().unwrap();
    let (recorder, heard) = recorder(folder.path());
    let recorder = recorder.patient(Duration::from_millis(20));
    let config = Config::new(&upstream.base);
    let base = serve(config.build(Some(recorder.clone())).unwrap()).await;
    let hung = Hung::first(THREADS, folder.path());
    // These wait for their files, and then do not.
    for _ in 1..=THREADS {
        assert_eq!(send(get(format!("{base}/Users"))).await.status(), 200);
    }
    assert_eq!((recorder.late(), recorder.losses()), (THREADS, 0));
    // There is nobody who could write these, and they do not wait for anybody.
    for _ in 0..100 {
        assert_eq!(send(get(format!("{base}/Users"))).await.status(), 200);
    }
    assert_eq!((recorder.written(), recorder.losses()), (0, 100));
    let said = heard.lock().unwrap().join("\n");
    assert!(said.contains("the disk did not take its file"), "{said}");
    drop(hung);
    // What was late is in the recording all the same.
    while recorder.written() < THREADS {
        tokio::task::yield_now().await;
    }
    let patient = recorder.clone();
    tokio::task::spawn_blocking(move || patient.close())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((recorder.written(), recorder.losses()), (THREADS, 100));
    send(get(format!("{base}/Users"))).await;
    let last = format!("{:04}-GET-Users-200.json", THREADS + 101);
    assert_eq!(names(folder.path()).last(), Some(&last));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_disk_has_not_taken_at_the_end_is_lost() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let folder = TempDir::new().unwrap();
    let recorder = recorder(folder.path()).0.patient(Duration::from_millis(20));
    let config = Config::new(&upstream.base);
    let base = serve(config.build(Some(recorder.clone())).unwrap()).await;
    let _hung = Hung::first(1, folder.path());
    assert_eq!(send(get(format!("{base}/Users"))).await.status(), 200);
    recorder.close().unwrap();
    assert_eq!((recorder.written(), recorder.losses()), (0, 1));
}
