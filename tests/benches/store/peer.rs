//! The program of `tests/peers`, which does on demand what this process does.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::workload::{WORKS, Work};

/// A running peer. It ends when this is dropped.
pub(crate) struct Peer {
    process: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts the program that `scripts/bench` built, with a folder for its stores.
    pub(crate) fn start(folder: &Path) -> Self {
        let program = std::env::var_os("KIST_PEERS").expect("KIST_PEERS names the program: see scripts/bench");
        let mut process = Command::new(program)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take(), process.stdout.take().unwrap());
        Peer {
            process,
            to,
            from: BufReader::new(from),
        }
    }

    /// Puts the store away and makes another.
    pub(crate) fn fresh(&mut self) {
        self.ask("fresh");
    }

    /// Does a piece of work; gives its CPU seconds.
    pub(crate) fn run(&mut self, work: Work, turn: u64) -> f64 {
        let (name, _) = WORKS.iter().find(|(_, known)| *known == work).unwrap();
        self.ask(&format!("{name} {turn}"))
    }

    fn ask(&mut self, line: &str) -> f64 {
        writeln!(self.to.as_mut().unwrap(), "{line}").unwrap();
        let mut answer = String::new();
        self.from.read_line(&mut answer).unwrap();
        answer.trim().parse().unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.to = None; // The end of its input ends the program.
        let _ = self.process.wait();
    }
}
