//! A new phone: everything back from a recovery code, without asking any organisation.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use kist_consent::history::Event;
use kist_crypto::{OsRandom, RecoveryCode, Secret};
use kist_sync::{Freshness, Recovered, restore as fetch};
use kist_wire::DeviceId;
use serde::Serialize;

use super::{device_entry, driven, keep, read_kit};
use crate::home::Home;
use crate::http::Http;
use crate::relay::{Relay, VaultLogin, VaultSession};
use crate::{Error, Platform, ProgressFn, Result, blocking, device, history};

/// What the person has of their recovery kit.
#[derive(Clone)]
pub struct RecoveryInput {
    /// The code as typed, or the text of the kit's QR.
    pub code: String,
    /// The relay, where the code was typed.
    pub relay: Option<String>,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoreReport {
    /// The sequence of the backup's head.
    pub sequence: u64,
    /// When it was made, Unix seconds, by its device's clock.
    pub made_at: i64,
    /// The device that made it.
    pub device_name: String,
    /// Records that came back.
    pub records: u64,
    /// Bytes that were downloaded.
    pub bytes_received: u64,
}

/// As [`crate::Person::restore`] says.
pub(in crate::person) async fn restore(
    dir: &Path,
    platform: Platform,
    input: &RecoveryInput,
    passphrase: &str,
    freshness: Freshness,
    progress: ProgressFn,
) -> Result<(Arc<Home>, RestoreReport)> {
    if Home::exists(dir) {
        return Err(Error::new("AlreadyExists"));
    }
    let (code, relay) = read_kit(&input.code)?;
    let code = RecoveryCode::from_str(code)?;
    let relay = input.relay.as_deref().or(relay).ok_or_else(|| Error::new("NoRelay"))?;
    let relay = Relay::new(Http::new(&platform)?, relay)?;
    let recovered = find(&relay, &code).await?;
    let session = recovery_session(relay.clone(), &recovered, &code);

    let (folder, root) = (dir.to_owned(), recovered.root.clone());
    let new = blocking::run(move || Home::begin(&folder, platform, root)).await?;
    let (remote, known) = (session.clone(), recovered.clone());
    let (new, restored) = driven(async move {
        let restored = fetch(&remote, &known, freshness, &new.vault, &*progress).await?;
        Ok((new, restored))
    })
    .await?;
    let (head, bytes_received) = (restored.head.head.clone(), restored.bytes_received);

    let passphrase = passphrase.to_owned();
    let home = Arc::new(blocking::run(move || new.assemble()).await?);
    let device = DeviceId::from(*Secret::<16>::generate(&mut OsRandom).expose());
    let (setup, key) = device::new_device(
        &home,
        relay.origin().as_str(),
        recovered.vault,
        device,
        Some(recovered.identity),
    )?;
    session.register(&device, &key).await?;
    let proven = matches!(freshness, Freshness::AtLeast(_));
    let sequence = head.sequence;
    let records = home
        .blocking(move |home| {
            let mut state = restored.into_state(&recovered, device, home.vault.last_position()?);
            let sign = |message: &[u8]| Ok(code.login_key().sign(message));
            let entry = device_entry(home, device, &key);
            state.devices.add(
                &setup.vault,
                entry,
                home.platform.now(),
                recovered.recovery_device,
                &sign,
            )?;
            let event = Event::Restored {
                backup: sequence,
                freshness_proven: proven,
            };
            home.transaction(|changes| {
                keep(changes, &setup, &state)?;
                history::append(changes, event, home.platform.now_ms())
            })?;
            home.commit(&passphrase)?;
            Ok(home.vault.list(&kist_vault::Filter::default())?.len() as u64)
        })
        .await?;
    let report = RestoreReport {
        sequence,
        made_at: head.made_at,
        device_name: head.device_name,
        records,
        bytes_received,
    };
    Ok((home, report))
}

async fn find(relay: &Relay, code: &RecoveryCode) -> Result<Recovered> {
    // A relay doesn't say whether there is nothing under a locator or the login is refused: to the person both mean that
    // this code opens nothing here.
    let blob = relay.recovery_blob(code).await.map_err(|error| match error.code() {
        "NotFound" | "DeviceUnknown" => Error::new("KeyMismatch"),
        _ => error,
    })?;
    Ok(Recovered::open(code, &blob)?)
}

fn recovery_session(relay: Relay, recovered: &Recovered, code: &RecoveryCode) -> VaultSession {
    let key = code.login_key();
    let sign = Arc::new(move |message: &[u8]| Ok(key.sign(message)));
    VaultSession::new(
        relay,
        VaultLogin {
            vault: recovered.vault,
            device: recovered.recovery_device,
            sign,
        },
    )
}
