//! Backup and restore against restic: 10,000 records of 1 KB and 200 files of 1 MiB, seeded random bytes.
//!
//! Each run begins with new stores on both sides. [`COMPARED`] says what is fair and what is not in the comparison.
#![allow(clippy::unwrap_used)]

mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kist_pds::{
    FileId, FileMeta, Filter, Freshness, LifeArea, Person, Platform, Provenance, RecordDraft, RecordId, RecoveryInput,
    no_progress,
};
use kist_relay::{Config, Relay, serve};
use table::{Measure, report, seconds};
use tokio::runtime::Runtime;

const RUNS: u64 = 5;
const RECORDS: usize = 10_000;
const FILES: usize = 200;
const MIB: usize = 1 << 20;
/// One in a hundred of each changes.
const CHANGED: usize = 100;
const COMPARED: &str = "\
10,000 records of 1 KB and 200 files of 1 MiB; 1 % is 100 records corrected and 2 files replaced.
Ours: an open store, over HTTP to a relay on loopback (in this process; it syncs what it acknowledges).
Peer: restic's program and a local folder. A record is a file of its own there, since one JSON file of all records
would have restic send it whole for a change of one. Each of restic's runs derives its key from the password anew, which
is most of its time where nothing changed; ours derives one only to restore. Bytes sent are bodies, without HTTP headers.";
const PASSPHRASE: &str = "correct horse battery staple";

/// Seeded random bytes (xorshift64*, Vigna 2016), as many as asked for.
fn random(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let words = std::iter::repeat_with(|| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes()
    });
    words.flatten().take(length).collect()
}

fn record_text(seed: u64) -> String {
    random(seed, 500).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What both sides keep: records' texts and files' bytes, by number.
struct Data {
    round: u64,
}

impl Data {
    fn record(&self, number: usize, version: u64) -> String {
        record_text(self.round << 40 | version << 32 | number as u64)
    }

    fn file(&self, number: usize, version: u64) -> Vec<u8> {
        random(self.round << 40 | version << 33 | 1 << 32 | number as u64, MIB)
    }
}

struct Ours {
    dir: PathBuf,
    url: String,
    person: Person,
    records: Vec<RecordId>,
    files: Vec<RecordId>,
}

fn platform() -> Platform {
    Platform::desktop("bench").allow_loopback()
}

fn draft(text: String) -> RecordDraft {
    let body = serde_json::json!({ "text": text });
    RecordDraft::new(
        "urn:kist:schema:note:1",
        LifeArea::OTHER,
        body,
        Provenance::self_asserted(0),
    )
}

impl Ours {
    async fn fill(dir: &Path, url: &str, data: &Data) -> Ours {
        let person = Person::create(&dir.join("store"), platform(), PASSPHRASE)
            .await
            .unwrap();
        let drafts = (0..RECORDS).map(|number| draft(data.record(number, 0))).collect();
        let records = person
            .records()
            .add_many(drafts)
            .await
            .unwrap()
            .into_iter()
            .map(|record| record.id)
            .collect();
        let mut files = Vec::new();
        for number in 0..FILES {
            let bytes = data.file(number, 0);
            files.push(
                person
                    .files()
                    .attach_bytes(bytes, FileMeta::named(format!("{number}.bin")))
                    .await
                    .unwrap()
                    .id,
            );
        }
        Ours {
            dir: dir.to_owned(),
            url: url.to_owned(),
            person,
            records,
            files,
        }
    }

    /// Corrects one record in a hundred. Gives the bytes of what is new.
    async fn correct(&self, data: &Data, version: u64) -> u64 {
        let mut changed = 0;
        for number in (0..RECORDS).step_by(CHANGED) {
            let text = data.record(number, version);
            changed += text.len() as u64;
            self.person
                .records()
                .correct(self.records[number], serde_json::json!({ "text": text }))
                .await
                .unwrap();
        }
        changed
    }

    /// Changes one in a hundred of all. Gives the bytes of what is new.
    async fn change(&self, data: &Data) -> u64 {
        let mut changed = self.correct(data, 1).await;
        for number in (0..FILES).step_by(CHANGED) {
            self.person.records().delete(self.files[number]).await.unwrap();
            let bytes = data.file(number, 1);
            changed += bytes.len() as u64;
            self.person
                .files()
                .attach_bytes(bytes, FileMeta::named(format!("{number}.bin")))
                .await
                .unwrap();
        }
        changed
    }

    async fn restore(&self, code: &str) -> Person {
        let input = RecoveryInput {
            code: code.to_owned(),
            relay: Some(self.url.clone()),
        };
        let (dir, fresh) = (self.dir.join("restored"), Freshness::AtLeast(2));
        Person::restore(&dir, platform(), &input, PASSPHRASE, fresh, no_progress())
            .await
            .unwrap()
            .0
    }
}

/// That a restore brought back the newest of everything.
async fn check(person: &Person, data: &Data) {
    let records = person.records().list(Filter::default()).await.unwrap();
    assert_eq!(records.len(), RECORDS + FILES);
    let newest = records.iter().find(|record| record.title == "0.bin").unwrap();
    let file: FileId = person.records().get(newest.id).await.unwrap().files[0].id;
    assert_eq!(person.files().read(file).await.unwrap(), data.file(0, 1));
}

fn restic(repository: &Path, arguments: &[&str]) {
    let mut command = Command::new("restic");
    command
        .env("RESTIC_PASSWORD", PASSPHRASE)
        .arg("-r")
        .arg(repository)
        .arg("--quiet");
    command.env("RESTIC_CACHE_DIR", repository.with_extension("cache"));
    assert!(
        command.args(arguments).status().unwrap().success(),
        "restic {arguments:?}"
    );
}

fn restic_fill(dir: &Path, data: &Data) {
    fs::create_dir_all(dir.join("records")).unwrap();
    fs::create_dir_all(dir.join("files")).unwrap();
    for number in 0..RECORDS {
        fs::write(dir.join(format!("records/{number}.json")), data.record(number, 0)).unwrap();
    }
    for number in 0..FILES {
        fs::write(dir.join(format!("files/{number}.bin")), data.file(number, 0)).unwrap();
    }
}

fn restic_change(dir: &Path, data: &Data) {
    for number in (0..RECORDS).step_by(CHANGED) {
        fs::write(dir.join(format!("records/{number}.json")), data.record(number, 1)).unwrap();
    }
    for number in (0..FILES).step_by(CHANGED) {
        fs::write(dir.join(format!("files/{number}.bin")), data.file(number, 1)).unwrap();
    }
}

fn relay(runtime: &Runtime, data: &Path) -> String {
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut config = Config::new(data, url.parse().unwrap());
    config.rate = None;
    runtime.spawn(serve(listener, Relay::open(config).unwrap(), std::future::pending()));
    url
}

fn main() {
    const PEER: Option<&str> = Some("restic of Debian, a local folder");
    let mut first = Measure::new("backup_first", "s", PEER);
    let mut changed = Measure::new("backup_1pct", "s", PEER);
    let mut unchanged = Measure::new("backup_unchanged", "s", PEER);
    let mut restored = Measure::new("restore", "s", PEER);
    let mut sent = Measure::new("bytes_sent_per_change", "ratio", None);
    let mut sent_records = Measure::new("bytes_sent_per_record", "ratio", None);
    let runtime = Runtime::new().unwrap();
    for round in 0..RUNS {
        let data = Data { round };
        let dir = tempfile::TempDir::new().unwrap();
        let url = relay(&runtime, &dir.path().join("relay"));
        let ours = runtime.block_on(Ours::fill(dir.path(), &url, &data));
        let (source, repository) = (dir.path().join("source"), dir.path().join("repository"));
        restic_fill(&source, &data);
        restic(&repository, &["init"]);
        let source = source.to_str().unwrap().to_owned();
        let kit = runtime.block_on(ours.person.backup().set_up(&url)).unwrap();
        let back_up = || runtime.block_on(ours.person.backup().run(no_progress())).unwrap();

        let (time, _) = seconds(back_up);
        first
            .runs
            .push((time, Some(seconds(|| restic(&repository, &["backup", &source])).0)));
        let (time, report) = seconds(back_up);
        assert_eq!(report.bytes_sent, 0);
        unchanged
            .runs
            .push((time, Some(seconds(|| restic(&repository, &["backup", &source])).0)));
        let bytes = runtime.block_on(ours.change(&data));
        restic_change(Path::new(&source), &data);
        let (time, report) = seconds(back_up);
        changed
            .runs
            .push((time, Some(seconds(|| restic(&repository, &["backup", &source])).0)));
        sent.runs.push((report.bytes_sent as f64 / bytes as f64, None));
        let (time, person) = seconds(|| runtime.block_on(ours.restore(&kit.code)));
        let to = dir.path().join("back").to_str().unwrap().to_owned();
        restored.runs.push((
            time,
            Some(seconds(|| restic(&repository, &["restore", "latest", "--target", &to])).0),
        ));
        runtime.block_on(check(&person, &data));
        let bytes = runtime.block_on(ours.correct(&data, 2));
        sent_records
            .runs
            .push((back_up().bytes_sent as f64 / bytes as f64, None));
    }
    report(
        "backup",
        COMPARED,
        &[first, changed, unchanged, restored, sent, sent_records],
    );
}
