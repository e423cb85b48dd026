//! Tests that change SQLite for the whole process, and so have one of their own.

use std::env;
use std::process::Command;

/// Says which test a process was started for.
const VARIABLE: &str = "KIST_TEST_PROCESS";

/// Runs `body` in a process that runs the test `name` alone.
pub(super) fn of_its_own(name: &str, body: impl FnOnce()) {
    if env::var(VARIABLE).is_ok_and(|test| test == name) {
        return body();
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(VARIABLE, name)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{complained}"
    );
    println!("{said}");
}
