//! A vault on a relay, as a device that is logged in reaches it.

use std::sync::{Arc, Mutex};

use kist_crypto::es256;
use kist_sync::{Append, Remote, Swap};
use kist_wire::{
    BlobId, CreateVault, DeviceId, Digest, Frame, Locator, LoginRequest, NonceIssued, Opaque, PublicKey,
    RegisterDevice, Session, StoreRecovery, VaultId, header, limits, path, statement,
};
use reqwest::{Method, RequestBuilder, StatusCode};
use tokio::task::JoinSet;

use super::{Relay, bearer, frames, json, read_json};
use crate::http;
use crate::{Error, Result};

/// Signs what a login states, with the device's key.
pub(crate) type LoginSigner = Arc<dyn Fn(&[u8]) -> kist_crypto::Result<[u8; 64]> + Send + Sync>;

/// Who logs in to which vault.
#[derive(Clone)]
pub(crate) struct VaultLogin {
    pub(crate) vault: VaultId,
    pub(crate) device: DeviceId,
    pub(crate) sign: LoginSigner,
}

/// A vault and the session with it, which is begun when it is first needed and again when it has ended. Clones share it.
#[derive(Clone)]
pub(crate) struct VaultSession {
    relay: Relay,
    login: VaultLogin,
    session: Arc<Mutex<Option<Session>>>,
}

impl VaultSession {
    pub(crate) fn new(relay: Relay, login: VaultLogin) -> Self {
        VaultSession {
            relay,
            login,
            session: Arc::default(),
        }
    }

    /// Creates the vault on the relay, with this device as its first.
    pub(crate) async fn create(&self, key: &es256::PublicKey) -> Result<()> {
        let VaultLogin { vault, device, sign } = &self.login;
        let key = PublicKey::from(key.to_sec1());
        let signature = sign(&statement::create_vault(&self.relay.origin, vault, device, &key))?.into();
        let body = CreateVault {
            vault: *vault,
            device: *device,
            key,
            signature,
            invite: None,
        };
        super::done(json(self.relay.request(Method::POST, path::VAULTS)?, &body)).await
    }

    /// Lets another key log in.
    pub(crate) async fn register(&self, device: &DeviceId, key: &es256::PublicKey) -> Result<()> {
        let path = path::device(&self.login.vault, device);
        let body = RegisterDevice {
            key: key.to_sec1().into(),
        };
        self.call(|| Ok(json(self.relay.request(Method::PUT, &path)?, &body)))
            .await
            .map(drop)
    }

    /// Stores what a recovery code leads to.
    pub(crate) async fn store_recovery(&self, locator: [u8; 32], key: &es256::PublicKey, blob: Vec<u8>) -> Result<()> {
        let path = path::recovery(&Locator::from(locator));
        let body = StoreRecovery {
            key: key.to_sec1().into(),
            blob: Opaque(blob),
        };
        self.call(|| Ok(json(self.relay.request(Method::PUT, &path)?, &body)))
            .await
            .map(drop)
    }

    fn cached(&self) -> Option<Session> {
        self.session
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }

    async fn log_in(&self) -> Result<Session> {
        let VaultLogin { vault, device, sign } = &self.login;
        let issued: NonceIssued = read_json(self.relay.request(Method::POST, &path::vault_nonce(vault))?).await?;
        let stated = statement::login(&self.relay.origin, vault, device, issued.expires, &issued.nonce);
        let body = LoginRequest {
            device: *device,
            nonce: issued.nonce,
            expires: issued.expires,
            signature: sign(&stated)?.into(),
        };
        let session: Session = read_json(json(
            self.relay.request(Method::POST, &path::vault_login(vault))?,
            &body,
        ))
        .await?;
        *self.session.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(session.clone());
        Ok(session)
    }

    /// Sends with the session's token; a session that has ended is begun anew, once.
    async fn raw(&self, request: impl Fn() -> Result<RequestBuilder>) -> Result<reqwest::Response> {
        let session = match self.cached() {
            Some(session) => session,
            None => self.log_in().await?,
        };
        let response = http::send(bearer(request()?, &session.token)).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let session = self.log_in().await?;
        http::send(bearer(request()?, &session.token)).await
    }

    async fn call(&self, request: impl Fn() -> Result<RequestBuilder>) -> Result<reqwest::Response> {
        super::accepted(self.raw(request).await?).await
    }

    fn with_bytes(&self, method: Method, path: &str, bytes: &SharedBytes) -> Result<RequestBuilder> {
        let request = self.relay.request(method, path)?;
        Ok(request.header("content-type", header::OCTET_STREAM).body(bytes.clone()))
    }
}

/// A body that can be sent a second time without a copy.
type SharedBytes = bytes::Bytes;

impl Remote for VaultSession {
    type Error = Error;

    async fn head(&self) -> Result<Option<Vec<u8>>> {
        let path = path::head(&self.login.vault);
        let response = self.raw(|| self.relay.request(Method::GET, &path)).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        http::body(super::accepted(response).await?, limits::HEAD_BYTES as usize)
            .await
            .map(Some)
    }

    async fn swap_head(&self, previous: Option<[u8; 32]>, head: Vec<u8>) -> Result<Swap> {
        let path = path::head(&self.login.vault);
        let head = SharedBytes::from(head);
        let outcome = self
            .call(|| {
                let request = self.with_bytes(Method::PUT, &path, &head)?;
                Ok(match previous {
                    Some(hash) => request.header(header::IF_MATCH, format!("\"{}\"", Digest::from(hash))),
                    None => request.header(header::IF_NONE_MATCH, "*"),
                })
            })
            .await;
        match outcome {
            Ok(_) => Ok(Swap::Done),
            Err(error) if error.code() == "HeadMoved" => Ok(Swap::Moved),
            Err(error) => Err(error),
        }
    }

    async fn append(&self, index: u64, entry: Vec<u8>) -> Result<Append> {
        let path = path::log_entry(&self.login.vault, &self.login.device, index);
        let entry = SharedBytes::from(entry);
        let response = self.raw(|| self.with_bytes(Method::POST, &path, &entry)).await?;
        if response.status() == StatusCode::CONFLICT {
            return Ok(Append::Taken);
        }
        super::accepted(response).await.map(|_| Append::Done)
    }

    async fn log(&self, device: &DeviceId, from: u64) -> Result<Vec<Frame>> {
        let path = path::log(&self.login.vault, device, from);
        frames(self.call(|| self.relay.request(Method::GET, &path)).await?).await
    }

    // Blobs travel in tasks of their own, so that they go on while the caller is busy with the store.

    async fn put_blob(&self, id: &BlobId, bytes: Vec<u8>) -> Result<()> {
        let (session, path) = (self.clone(), path::blob(&self.login.vault, id));
        let bytes = SharedBytes::from(bytes);
        apart(async move {
            session
                .call(|| session.with_bytes(Method::PUT, &path, &bytes))
                .await
                .map(drop)
        })
        .await
    }

    async fn blob(&self, id: &BlobId) -> Result<Option<Vec<u8>>> {
        let (session, path) = (self.clone(), path::blob(&self.login.vault, id));
        apart(async move {
            let response = session.raw(|| session.relay.request(Method::GET, &path)).await?;
            if response.status() == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            http::body(super::accepted(response).await?, limits::BLOB_BYTES as usize)
                .await
                .map(Some)
        })
        .await
    }
}

/// Runs in a task of its own, which ends when this is dropped.
async fn apart<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let mut tasks = JoinSet::new();
    tasks.spawn(work);
    match tasks.join_next().await {
        Some(Ok(done)) => done,
        _ => Err(Error::new("Internal")),
    }
}
