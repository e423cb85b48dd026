//! The relay as a client, a stranger and an operator meet it: through its router, and once as a process on a socket.

#![allow(clippy::unwrap_used)] // helpers of tests
#![allow(unreachable_pub)] // modules of one test program

mod abuse;
mod blobs;
mod heads_and_logs;
mod mailboxes;
mod process;
mod push;
mod recovery;
mod slots;
mod vaults;
mod world;
