//! Hot reload, the half that looks at files: every way of saving is seen, and nothing else is.
//!
//! No test waits for time to pass: where nothing should be told about one file, another is changed, and is told first.

use scimulate::scenario::NamedFile;
use scimulate::scenario::watch::{WatchError, Watcher};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Far beyond what a change needs; only a change that is never seen takes this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Two files under watch, `a.ron` and `b.ron`, and what has been told about them: name and bytes at that moment.
struct Desk {
    folder: TempDir,
    told: Receiver<(String, String)>,
    watcher: Watcher,
}

type Start = fn(Vec<PathBuf>, Tell) -> Result<Watcher, WatchError>;
type Tell = Box<dyn Fn(&Path) + Send>;

/// With the system's events, and without.
const WAYS: [Start; 2] = [
    |paths, tell| Watcher::start(paths, tell),
    |paths, tell| Watcher::polling(paths, tell),
];

fn watch(start: Start, paths: Vec<PathBuf>) -> (Watcher, Receiver<(String, String)>) {
    let (tell, told) = channel();
    let on_change = move |path: &Path| {
        let name = path
            .file_name()
            .expect("a file has a name")
            .to_string_lossy()
            .into_owned();
        let _ = tell.send((name, fs::read_to_string(path).unwrap_or_default()));
    };
    let watcher = start(paths, Box::new(on_change)).expect("a thread can be started");
    (watcher, told)
}

impl Desk {
    fn new(start: Start) -> Self {
        let folder = TempDir::new().expect("the folder is ours");
        let paths = vec![folder.path().join("a.ron"), folder.path().join("b.ron")];
        for path in &paths {
            fs::write(path, "old").expect("the folder is ours");
        }
        let (watcher, told) = watch(start, paths);
        Self {
            folder,
            told,
            watcher,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder is ours");
    }

    fn save_by_rename(&self, name: &str, text: &str) {
        self.write(".swap", text);
        fs::rename(self.path(".swap"), self.path(name)).expect("the folder is ours");
    }

    #[track_caller]
    fn next(&self) -> (String, String) {
        self.told
            .recv_timeout(PATIENCE)
            .expect("the change is seen")
    }

    /// The next that is told is this, unless the file was caught empty while it was being written.
    #[track_caller]
    fn expect(&self, name: &str, text: &str) {
        let wanted = (name.to_owned(), text.to_owned());
        let mut told = self.next();
        while told.0 == wanted.0 && told.1.is_empty() {
            told = self.next();
        }
        assert_eq!(told, wanted);
    }
}

#[test]
fn a_save_in_place_is_seen() {
    for start in WAYS {
        let desk = Desk::new(start);
        desk.write("a.ron", "new");
        desk.expect("a.ron", "new");
    }
}

#[test]
fn a_save_by_rename_is_seen_each_time() {
    for start in WAYS {
        let desk = Desk::new(start);
        for text in ["one", "two", "three"] {
            desk.save_by_rename("a.ron", text);
            desk.expect("a.ron", text);
        }
    }
}

#[test]
fn a_save_that_moves_the_old_file_away_first_is_seen() {
    for start in WAYS {
        let desk = Desk::new(start);
        fs::rename(desk.path("a.ron"), desk.path("a.ron~")).unwrap();
        desk.write("a.ron", "new");
        desk.expect("a.ron", "new");
    }
}

#[test]
fn a_file_that_is_emptied_and_then_written_is_told_with_what_was_written() {
    for start in WAYS {
        let desk = Desk::new(start);
        let mut file = File::create(desk.path("a.ron")).unwrap();
        // Another file is told while this one is empty.
        desk.save_by_rename("b.ron", "meanwhile");
        let (name, _) = desk.next();
        file.write_all(b"new").unwrap();
        drop(file);
        if name == "b.ron" {
            desk.expect("a.ron", "new");
        } else {
            let rest = [desk.next(), desk.next()];
            assert!(rest.contains(&("a.ron".into(), "new".into())), "{rest:?}");
        }
    }
}

#[test]
fn a_file_that_stays_empty_is_told() {
    for start in WAYS {
        let desk = Desk::new(start);
        desk.write("a.ron", "");
        assert_eq!(desk.next(), ("a.ron".into(), String::new()));
    }
}

#[test]
fn a_file_that_is_deleted_is_told_when_it_is_back() {
    for start in WAYS {
        let desk = Desk::new(start);
        fs::remove_file(desk.path("a.ron")).unwrap();
        desk.save_by_rename("b.ron", "new");
        desk.expect("b.ron", "new");
        desk.write("a.ron", "back");
        desk.expect("a.ron", "back");
    }
}

#[test]
fn a_file_that_keeps_its_bytes_is_not_told() {
    for start in WAYS {
        let desk = Desk::new(start);
        desk.save_by_rename("b.ron", "new");
        desk.expect("b.ron", "new");
        desk.save_by_rename("a.ron", "old");
        desk.write("neighbour.txt", "new");
        desk.save_by_rename("b.ron", "newer");
        desk.expect("b.ron", "newer");
        desk.save_by_rename("a.ron", "new");
        desk.expect("a.ron", "new");
    }
}

#[test]
fn a_folder_that_is_never_quiet_does_not_hide_a_change() {
    let desk = Desk::new(WAYS[0]);
    let log = desk.path("access.log");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut log = File::create(log).unwrap();
            while !done.load(Ordering::Relaxed) {
                writeln!(log, "GET /Users 200").unwrap();
                thread::yield_now();
            }
        });
        desk.save_by_rename("a.ron", "new");
        let told = desk.told.recv_timeout(PATIENCE);
        done.store(true, Ordering::Relaxed);
        assert_eq!(told, Ok(("a.ron".into(), "new".into())));
    });
}

/// What Kubernetes does when a `ConfigMap` changes.
#[cfg(unix)]
#[test]
fn a_swapped_link_is_seen_and_so_is_a_change_where_it_leads() {
    use std::os::unix::fs::symlink;
    for start in WAYS {
        let folder = TempDir::new().unwrap();
        let at = |path: &str| folder.path().join(path);
        for (version, text) in [("v1", "one"), ("v2", "two")] {
            fs::create_dir(at(version)).unwrap();
            fs::write(at(version).join("a.ron"), text).unwrap();
        }
        fs::create_dir(at("mount")).unwrap();
        symlink("../v1", at("mount/..data")).unwrap();
        symlink("..data/a.ron", at("mount/a.ron")).unwrap();
        let (_watcher, told) = watch(start, vec![at("mount/a.ron")]);
        let next = || told.recv_timeout(PATIENCE).expect("the change is seen").1;

        symlink("../v2", at("mount/..data_tmp")).unwrap();
        fs::rename(at("mount/..data_tmp"), at("mount/..data")).unwrap();
        assert_eq!(next(), "two");
        fs::write(at("new"), "three").unwrap();
        fs::rename(at("new"), at("v2/a.ron")).unwrap();
        assert_eq!(next(), "three");
    }
}

#[test]
fn a_folder_that_cannot_be_watched_is_looked_at_all_the_same() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("later/a.ron");
    let (watcher, told) = watch(WAYS[0], vec![path.clone()]);
    let why = watcher
        .fallback()
        .expect("the folder is not there")
        .to_string();
    assert!(why.contains("later"), "{why}");
    fs::create_dir(folder.path().join("later")).unwrap();
    fs::write(folder.path().join("new"), "new").unwrap();
    fs::rename(folder.path().join("new"), path).unwrap();
    assert_eq!(
        told.recv_timeout(PATIENCE),
        Ok(("a.ron".into(), "new".into()))
    );
}

#[test]
fn a_watcher_that_is_dropped_makes_no_more_calls() {
    for start in WAYS {
        let desk = Desk::new(start);
        drop(desk.watcher);
        fs::write(desk.folder.path().join("a.ron"), "new").unwrap();
        assert!(
            desk.told.recv().is_err(),
            "its thread has ended, and the callback with it"
        );
    }
}

#[test]
fn a_watcher_of_nothing_ends_too() {
    for start in WAYS {
        drop(start(Vec::new(), Box::new(|_| {})).unwrap());
    }
}

#[test]
fn the_systems_events_are_used_where_there_are_any() {
    assert!(Desk::new(WAYS[0]).watcher.fallback().is_none());
}

#[test]
fn a_change_of_a_file_that_another_names_is_told_of_that_one() {
    for start in WAYS {
        let desk = Desk::new(start);
        fs::create_dir(desk.path("schemas")).unwrap();
        desk.write("schemas/car.json", "one");
        let named = |path: &str, bytes: &[u8]| NamedFile {
            path: desk.path(path),
            bytes: bytes.to_vec(),
        };
        let files = vec![
            named("schemas/car.json", b"one"),
            named("schemas/none.json", b""),
        ];
        desk.watcher.follow(&desk.path("a.ron"), files);
        desk.write("schemas/car.json", "two");
        desk.expect("a.ron", "old");
        desk.save_by_rename("schemas/car.json", "three");
        desk.expect("a.ron", "old");
        desk.write("schemas/none.json", "here now");
        desk.expect("a.ron", "old");
        // What was read is older than what is there: the change fell between.
        desk.watcher
            .follow(&desk.path("b.ron"), vec![named("schemas/car.json", b"two")]);
        desk.expect("b.ron", "old");
        // It names nothing any more.
        desk.watcher.follow(&desk.path("a.ron"), Vec::new());
        desk.watcher.follow(&desk.path("b.ron"), Vec::new());
        desk.write("schemas/car.json", "four");
        desk.write("a.ron", "new");
        desk.expect("a.ron", "new");
    }
}
