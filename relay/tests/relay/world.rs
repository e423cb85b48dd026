//! A relay in a temporary folder with a clock that stands still, and a client that calls its router.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use kist_relay::{Clock, Config, Relay, app};
use kist_wire::{
    CreateVault, DeviceId, Digest, ErrorBody, ErrorCode, LoginRequest, NonceIssued, Origin, PublicKey, Session,
    Signature, Token, VaultId, header, path, statement,
};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{self, SigningKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Digest as _;
use tempfile::TempDir;
use tower::ServiceExt as _;

pub const START: i64 = 1_795_435_200;

#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub struct World {
    pub relay: Relay,
    pub app: Router,
    pub clock: TestClock,
    pub config: Config,
    pub folder: TempDir,
}

pub fn origin() -> Origin {
    "https://relay.example".parse().unwrap()
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::new(folder.path(), origin());
        change(&mut config);
        let clock = TestClock(Arc::new(AtomicI64::new(START * 1000)));
        let relay = Relay::open_with_clock(config.clone(), clock.clone()).unwrap();
        Self {
            app: app(relay.clone()),
            relay,
            clock,
            config,
            folder,
        }
    }

    /// Ends the relay and opens its folder again.
    pub fn reopen(self) -> Self {
        let Self {
            relay,
            app: router,
            clock,
            config,
            folder,
        } = self;
        drop((relay, router));
        let relay = Relay::open_with_clock(config.clone(), clock.clone()).unwrap();
        Self {
            app: app(relay.clone()),
            relay,
            clock,
            config,
            folder,
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub fn ask(&self, method: Method, path: impl Into<String>) -> Ask<'_> {
        Ask {
            world: self,
            request: Request::builder().method(method).uri(path.into()),
            body: Body::empty(),
        }
    }

    pub fn get(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub fn put(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::PUT, path)
    }

    pub fn post(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    pub fn delete(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::DELETE, path)
    }

    pub async fn nonce(&self, path: String) -> NonceIssued {
        self.post(path).await_ok().await.json()
    }

    /// A vault with one device that is logged in. Different numbers make different vaults.
    pub async fn member(&self, number: u8) -> Member {
        let device = Device::new(number);
        let vault = VaultId::from([number; 16]);
        let reply = self
            .post(path::VAULTS)
            .json(&device.create(&origin(), vault))
            .call()
            .await;
        assert_eq!(reply.status, StatusCode::CREATED);
        let token = self.login(vault, &device).await;
        Member { vault, device, token }
    }

    pub async fn login(&self, vault: VaultId, device: &Device) -> Token {
        let nonce = self.nonce(path::vault_nonce(&vault)).await;
        let login = device.login(&origin(), vault, &nonce);
        self.post(path::vault_login(&vault))
            .json(&login)
            .await_ok()
            .await
            .json::<Session>()
            .token
    }
}

pub struct Member {
    pub vault: VaultId,
    pub device: Device,
    pub token: Token,
}

pub struct Device {
    pub id: DeviceId,
    pub key: SigningKey,
}

impl Device {
    pub fn new(number: u8) -> Self {
        Self {
            id: DeviceId::from([number; 16]),
            key: SigningKey::from_slice(&[number; 32]).unwrap(),
        }
    }

    pub fn public(&self) -> PublicKey {
        let point = self.key.verifying_key().to_sec1_point(false);
        <[u8; 65]>::try_from(point.as_bytes()).unwrap().into()
    }

    pub fn sign(&self, statement: &[u8]) -> Signature {
        let signature: ecdsa::Signature = self.key.sign(statement);
        <[u8; 64]>::from(signature.to_bytes()).into()
    }

    pub fn create(&self, origin: &Origin, vault: VaultId) -> CreateVault {
        let signature = self.sign(&statement::create_vault(origin, &vault, &self.id, &self.public()));
        CreateVault {
            vault,
            device: self.id,
            key: self.public(),
            signature,
            invite: None,
        }
    }

    pub fn login(&self, origin: &Origin, vault: VaultId, nonce: &NonceIssued) -> LoginRequest {
        let signature = self.sign(&statement::login(origin, &vault, &self.id, nonce.expires, &nonce.nonce));
        LoginRequest {
            device: self.id,
            nonce: nonce.nonce,
            expires: nonce.expires,
            signature,
        }
    }
}

/// SHA-256, as the relay keeps tokens.
pub fn hash(token: &Token) -> Digest {
    digest(token.expose())
}

pub fn digest(bytes: &[u8]) -> Digest {
    <[u8; 32]>::from(sha2::Sha256::digest(bytes)).into()
}

/// A request about to be made.
pub struct Ask<'a> {
    world: &'a World,
    request: axum::http::request::Builder,
    body: Body,
}

impl Ask<'_> {
    pub fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.request = self.request.header(name, value.to_string());
        self
    }

    pub fn bearer(self, token: &Token) -> Self {
        self.header(header::AUTHORIZATION, token.to_bearer())
    }

    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_vec(body).unwrap().into();
        self
    }

    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub fn request(self) -> Request<Body> {
        self.request.body(self.body).unwrap()
    }

    pub async fn call(self) -> Reply {
        let world = self.world;
        world.send(self.request()).await
    }

    pub async fn await_ok(self) -> Reply {
        let reply = self.call().await;
        assert!(
            reply.status.is_success(),
            "{} {}",
            reply.status,
            String::from_utf8_lossy(&reply.body)
        );
        reply
    }

    /// Expects a refusal, and that its status is the code's.
    pub async fn refused(self) -> ErrorCode {
        self.call().await.refusal().code
    }
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn refusal(&self) -> ErrorBody {
        let body: ErrorBody = self.json();
        assert_eq!(body.code.status(), self.status.as_u16());
        body
    }
}
