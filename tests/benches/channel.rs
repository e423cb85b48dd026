//! Messages of 1 KB from one store to another over the real relay, against store and forward over plain HTTP and SQLite.
//!
//! [`COMPARED`] says what is fair and what is not in the comparison.
#![allow(clippy::unwrap_used)]

mod table;

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as At, State};
use axum::routing::{delete, get, post};
use kist_pds::bench::Line;
use kist_relay::{Config, Relay, serve};
use kist_wire::{Frame, FrameWriter, decode_frames};
use rusqlite::{Connection, params};
use table::{Better, Measure, report, seconds};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const RUNS: usize = 9;
const MESSAGES: usize = 500;
const BYTES: usize = 1000;
const COMPARED: &str = "\
500 messages of 1,000 bytes, from one store to another; each is durable in the sender's store by itself before it leaves,
at the relay before it answers, and in the receiver's store before the relay forgets it. All in this process, on loopback.
Ours: padded, sealed to the recipient's key, signed, numbered, once and in order; sealed stores; the real relay.
Peer: an outbox, a server and an inbox, each a table of plain SQLite (write-ahead log, synchronous=FULL); one POST a
message, one GET for all that fits 8 MiB, one DELETE; nothing sealed, signed, numbered by its sender or recognised when sent twice.";

fn bodies(run: usize) -> Vec<Vec<u8>> {
    (0..MESSAGES).map(|number| vec![(run + number) as u8; BYTES]).collect()
}

/// A database as the peer keeps each of its three.
fn database(path: &Path) -> Connection {
    let database = Connection::open(path).unwrap();
    database
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE messages (number INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);",
        )
        .unwrap();
    database
}

fn insert(database: &Connection, body: &[u8]) {
    let mut insert = database
        .prepare_cached("INSERT INTO messages (body) VALUES (?1)")
        .unwrap();
    insert.execute([body]).unwrap();
}

type Shared = Arc<Mutex<Connection>>;

/// The peer's server: takes a message, gives what it has, forgets.
fn server(database: Connection) -> Router {
    async fn take(State(database): State<Shared>, body: Bytes) {
        let insert = move || insert(&database.lock().unwrap(), &body);
        tokio::task::spawn_blocking(insert).await.unwrap();
    }
    async fn give(State(database): State<Shared>, At(after): At<u64>) -> Vec<u8> {
        let read = move || {
            let database = database.lock().unwrap();
            let mut query = database
                .prepare_cached("SELECT number, body FROM messages WHERE number > ?1 ORDER BY number")
                .unwrap();
            let mut rows = query.query([after as i64]).unwrap();
            let mut frames = FrameWriter::default();
            while let Some(row) = rows.next().unwrap()
                && frames.len() < 8 << 20
            {
                let number: i64 = row.get(0).unwrap();
                frames
                    .push(number as u64, row.get_ref(1).unwrap().as_blob().unwrap())
                    .unwrap();
            }
            frames.finish()
        };
        tokio::task::spawn_blocking(read).await.unwrap()
    }
    async fn forget(State(database): State<Shared>, At(through): At<u64>) {
        let remove = move || {
            let database = database.lock().unwrap();
            let removed = database.execute("DELETE FROM messages WHERE number <= ?1", [through as i64]);
            removed.unwrap();
        };
        tokio::task::spawn_blocking(remove).await.unwrap();
    }
    Router::new()
        .route("/messages", post(take))
        .route("/messages/after/{after}", get(give))
        .route("/messages/through/{through}", delete(forget))
        .with_state(Arc::new(Mutex::new(database)))
}

struct Peer {
    url: String,
    client: reqwest::Client,
    outbox: Shared,
    inbox: Shared,
}

impl Peer {
    async fn open(dir: &Path) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = server(database(&dir.join("server.db")));
        tokio::spawn(async move { axum::serve(listener, server).await.unwrap() });
        let client = reqwest::Client::builder().no_proxy().http1_only();
        Peer {
            url,
            client: client.build().unwrap(),
            outbox: Arc::new(Mutex::new(database(&dir.join("outbox.db")))),
            inbox: Arc::new(Mutex::new(database(&dir.join("inbox.db")))),
        }
    }

    async fn send(&self, bodies: Vec<Vec<u8>>) {
        let outbox = Arc::clone(&self.outbox);
        let store = move || bodies.iter().for_each(|body| insert(&outbox.lock().unwrap(), body));
        tokio::task::spawn_blocking(store).await.unwrap();
        let outbox = Arc::clone(&self.outbox);
        let read = move || -> Vec<(i64, Vec<u8>)> {
            let outbox = outbox.lock().unwrap();
            let mut query = outbox
                .prepare("SELECT number, body FROM messages ORDER BY number")
                .unwrap();
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let waiting = tokio::task::spawn_blocking(read).await.unwrap();
        for batch in waiting.chunks(32) {
            for (_, body) in batch {
                let request = self.client.post(format!("{}/messages", self.url)).body(body.clone());
                request.send().await.unwrap().error_for_status().unwrap();
            }
            let (outbox, last) = (Arc::clone(&self.outbox), batch.last().unwrap().0);
            let remove = move || {
                let outbox = outbox.lock().unwrap();
                outbox
                    .execute("DELETE FROM messages WHERE number <= ?1", params![last])
                    .unwrap();
            };
            tokio::task::spawn_blocking(remove).await.unwrap();
        }
    }

    async fn receive(&self) -> usize {
        let (mut after, mut count) = (0, 0);
        loop {
            let url = format!("{}/messages/after/{after}", self.url);
            let reply = self.client.get(url).send().await.unwrap().bytes().await.unwrap();
            let frames: Vec<Frame> = decode_frames(&reply).unwrap();
            let Some(last) = frames.last() else { return count };
            (after, count) = (last.number, count + frames.len());
            let inbox = Arc::clone(&self.inbox);
            let store = move || {
                let mut inbox = inbox.lock().unwrap();
                let together = inbox.transaction().unwrap();
                frames.iter().for_each(|frame| insert(&together, &frame.body));
                together.commit().unwrap();
            };
            tokio::task::spawn_blocking(store).await.unwrap();
            let url = format!("{}/messages/through/{after}", self.url);
            self.client
                .delete(url)
                .send()
                .await
                .unwrap()
                .error_for_status()
                .unwrap();
        }
    }
}

/// A relay in this process; gives its address.
async fn relay(dir: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let config = Config {
        rate: None,
        ..Config::new(dir.join("relay"), url.parse().unwrap())
    };
    let relay = Relay::open(config).unwrap();
    tokio::spawn(serve(listener, relay, std::future::pending()));
    url
}

#[allow(clippy::print_stderr)]
fn main() {
    let runtime = Runtime::new().unwrap();
    let folder =
        tempfile::tempdir_in(std::env::var_os("KIST_BENCH_DIR").unwrap_or_else(|| table::target().into())).unwrap();
    let (line, peer) = runtime.block_on(async {
        // A provider for the client of the peer is installed by ours.
        let line = Line::open(folder.path(), &relay(folder.path()).await).await.unwrap();
        (line, Peer::open(folder.path()).await)
    });
    let mut speed = Measure::new("messages_per_s", "1/s", None);
    let mut against = Measure::new("messages_vs_plain", "1/s", Some("plain HTTP and SQLite"));
    (speed.better, against.better) = (Better::Higher, Better::Higher);
    for run in 0..=RUNS {
        let (sending, ()) = seconds(|| runtime.block_on(line.send(bodies(run))).unwrap());
        let (receiving, received) = seconds(|| runtime.block_on(line.receive()).unwrap());
        assert_eq!(received, MESSAGES);
        let (plain_sending, ()) = seconds(|| runtime.block_on(peer.send(bodies(run))));
        let (plain_receiving, received) = seconds(|| runtime.block_on(peer.receive()));
        assert_eq!(received, MESSAGES);
        if std::env::var_os("KIST_BENCH_PARTS").is_some() {
            eprintln!("ours {sending:.3} + {receiving:.3} s, plain {plain_sending:.3} + {plain_receiving:.3} s");
        }
        // The first turn opens connections and fills caches.
        if run > 0 {
            let per_second = |seconds: f64| MESSAGES as f64 / seconds;
            let (ours, plain) = (
                per_second(sending + receiving),
                per_second(plain_sending + plain_receiving),
            );
            speed.runs.push((ours, None));
            against.runs.push((ours, Some(plain)));
        }
    }
    report("channel", COMPARED, &[speed, against]);
}
