//! Ctrl-C: the command ends as cancelled, and the store is as it was.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::tool::{Desk, Run};

#[test]
fn ctrl_c_cancels_what_waits_for_the_network_and_leaves_the_store_as_it_was() {
    let desk = Desk::with_store();
    desk.json(&["add", "note", "text=Locker 14"]);
    // A relay that takes the call and never answers.
    let relay = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", relay.local_addr().expect("an address"));
    let mut command = desk.command(&["backup", "setup", &address, "--allow-loopback", "--json"]);
    let running = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let (_connection, _) = relay.accept().expect("a call");
    let interrupted = Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(interrupted.expect("kill").success());
    let run = Run::of(running.wait_with_output().expect("its end"));
    assert_eq!(run.code, 130, "{}{}", run.stdout, run.stderr);
    let error = &run.document()["error"];
    assert_eq!(
        (&error["code"], &error["category"]),
        (&json!("Cancelled"), &json!("cancelled"))
    );
    assert_eq!(desk.json(&["list"]).as_array().map(Vec::len), Some(1));
    assert_eq!(desk.json(&["backup", "status"])["relay"], json!(null));
}
