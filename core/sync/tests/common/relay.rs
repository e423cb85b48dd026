//! A relay in memory. What it stores is open to tests; a fault or a lie can be set.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use kist_crypto::sha256;
use kist_sync::{Append, Error, Remote, Swap};
use kist_wire::{BlobId, DeviceId, Frame};

/// What a backup or a restore over this relay ends with.
#[derive(Debug)]
pub enum Failure {
    Sync(Error),
    /// The relay didn't answer.
    Down,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Sync(error)
    }
}

impl From<kist_vault::Error> for Failure {
    fn from(error: kist_vault::Error) -> Self {
        Failure::Sync(error.into())
    }
}

impl Failure {
    pub fn code(&self) -> &'static str {
        match self {
            Failure::Sync(error) => error.code(),
            Failure::Down => "Down",
        }
    }
}

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    Refused,
    /// It happens, and its reply is lost.
    ReplyLost,
    /// The caller gives up waiting; it never arrives.
    Hangs,
    /// The caller gives up waiting; it happens.
    HappensThenHangs,
}

pub const FAULTS: [Fault; 4] = [Fault::Refused, Fault::ReplyLost, Fault::Hangs, Fault::HappensThenHangs];

/// What is acknowledged and dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drops {
    Nothing,
    Blobs,
    Entries,
    Heads,
}

/// What lies on a relay.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    pub head: Option<Vec<u8>>,
    pub logs: BTreeMap<DeviceId, Vec<Vec<u8>>>,
    pub blobs: BTreeMap<BlobId, Vec<u8>>,
}

impl Stored {
    /// Everything, one object after the other.
    pub fn objects(&self) -> impl Iterator<Item = &Vec<u8>> {
        let logs = self.logs.values().flatten();
        self.head.iter().chain(logs).chain(self.blobs.values())
    }

    pub fn size(&self) -> usize {
        self.objects().map(Vec::len).sum()
    }
}

struct Inside {
    stored: Stored,
    calls: usize,
    fault: Option<(usize, Fault)>,
    drops: Drops,
    /// Entries of a reply, at most.
    frames: usize,
    /// Rewrites a reply of a log.
    rewrite: fn(Vec<Frame>) -> Vec<Frame>,
}

#[derive(Clone)]
pub struct Relay(Arc<Mutex<Inside>>);

impl Relay {
    pub fn new() -> Self {
        Relay(Arc::new(Mutex::new(Inside {
            stored: Stored::default(),
            calls: 0,
            fault: None,
            drops: Drops::Nothing,
            frames: 3,
            rewrite: |frames| frames,
        })))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    pub fn login(&self, device: DeviceId) -> LoggedIn {
        LoggedIn {
            relay: self.clone(),
            device,
        }
    }

    pub fn stored(&self) -> Stored {
        self.inside().stored.clone()
    }

    /// Puts back what lay there, as if nothing had come since.
    pub fn put_back(&self, stored: Stored) {
        self.inside().stored = stored;
    }

    pub fn change(&self, change: impl FnOnce(&mut Stored)) {
        change(&mut self.inside().stored);
    }

    /// A relay that shows something else from now on, while this one stays as it is.
    pub fn forked(&self) -> Self {
        let other = Relay::new();
        other.put_back(self.stored());
        other
    }

    pub fn calls(&self) -> usize {
        self.inside().calls
    }

    /// Has one call fail, counted from the next as 0.
    pub fn fail_at(&self, call: usize, fault: Fault) {
        let mut inside = self.inside();
        inside.fault = Some((inside.calls + call, fault));
    }

    pub fn drop_what_comes(&self, drops: Drops) {
        self.inside().drops = drops;
    }

    pub fn rewrite_logs(&self, rewrite: fn(Vec<Frame>) -> Vec<Frame>) {
        self.inside().rewrite = rewrite;
    }
}

/// The relay as one device reaches it.
pub struct LoggedIn {
    relay: Relay,
    device: DeviceId,
}

impl LoggedIn {
    async fn call<T>(&self, call: impl FnOnce(&mut Inside) -> T) -> Result<T, Failure> {
        let (value, fault) = {
            let mut inside = self.relay.inside();
            let number = inside.calls;
            inside.calls += 1;
            let fault = inside.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault);
            match fault {
                Some(Fault::Refused | Fault::Hangs) => (None, fault),
                _ => (Some(call(&mut inside)), fault),
            }
        };
        match (value, fault) {
            (Some(value), None) => Ok(value),
            (_, Some(Fault::Hangs | Fault::HappensThenHangs)) => std::future::pending().await,
            _ => Err(Failure::Down),
        }
    }
}

impl Remote for LoggedIn {
    type Error = Failure;

    async fn head(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.call(|inside| inside.stored.head.clone()).await
    }

    async fn swap_head(&self, previous: Option<[u8; 32]>, head: Vec<u8>) -> Result<Swap, Failure> {
        self.call(|inside| {
            let stands = inside.stored.head.as_ref().map(|head| sha256(&[head]));
            if stands != previous {
                return Swap::Moved;
            }
            if inside.drops != Drops::Heads {
                inside.stored.head = Some(head);
            }
            Swap::Done
        })
        .await
    }

    async fn append(&self, index: u64, entry: Vec<u8>) -> Result<Append, Failure> {
        self.call(|inside| {
            if inside.drops == Drops::Entries {
                return Append::Done;
            }
            let log = inside.stored.logs.entry(self.device).or_default();
            if index == log.len() as u64 {
                log.push(entry);
                return Append::Done;
            }
            let same = log.get(index as usize).is_some_and(|stands| *stands == entry);
            if same { Append::Done } else { Append::Taken }
        })
        .await
    }

    async fn log(&self, device: &DeviceId, from: u64) -> Result<Vec<Frame>, Failure> {
        self.call(|inside| {
            let log = inside.stored.logs.get(device).into_iter().flatten();
            let frames = log.enumerate().map(|(number, body)| Frame {
                number: number as u64,
                body: body.clone(),
            });
            (inside.rewrite)(frames.skip(from as usize).take(inside.frames).collect())
        })
        .await
    }

    async fn put_blob(&self, id: &BlobId, bytes: Vec<u8>) -> Result<(), Failure> {
        self.call(|inside| {
            if inside.drops != Drops::Blobs {
                let before = inside.stored.blobs.insert(*id, bytes.clone());
                assert!(before.is_none_or(|before| before == bytes), "a blob is never changed");
            }
        })
        .await
    }

    async fn blob(&self, id: &BlobId) -> Result<Option<Vec<u8>>, Failure> {
        self.call(|inside| inside.stored.blobs.get(id).cloned()).await
    }
}
