//! Runs the program on a store of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "chest in the attic";

/// A folder with a store, and files to give the program.
pub(crate) struct Desk {
    dir: TempDir,
}

/// What a run of the program came to.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    pub(crate) fn new() -> Desk {
        let dir = TempDir::new().expect("a folder");
        Desk { dir }
    }

    /// With a store in it.
    pub(crate) fn with_store() -> Desk {
        let desk = Desk::new();
        assert_eq!(desk.run(&["init"]).code, 0);
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, contents).expect("a file");
        path.display().to_string()
    }

    /// The program, in a clean environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kist"));
        command
            .env_clear()
            .env("KIST_PASSPHRASE", PASSPHRASE)
            .env("KIST_STORE", self.path("store"))
            .env("KIST_LANG", "en")
            .args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().expect("the program"))
    }

    /// The result as JSON; the run must succeed.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(run.code, 0, "{}", run.stdout);
        assert_eq!(run.stderr, "", "--json prints one document and nothing else");
        run.document()
    }

    /// The error as JSON; the run must fail with this exit code.
    pub(crate) fn error(&self, code: i32, arguments: &[&str]) -> Value {
        let run = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
        run.document()["error"].clone()
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("a JSON document")
    }
}

/// The bytes of every file below a folder.
pub(crate) fn all_bytes(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => bytes.extend(all_bytes(&path)),
            false => bytes.extend(std::fs::read(&path).expect("a file")),
        }
    }
    bytes
}
