//! The relay's API over HTTP: slots and mailboxes here, a vault that a device is logged in to in [`vault`].

mod recovery;
mod vault;

use kist_crypto::{CryptoRng, sha256};
use kist_wire::{
    CreateMailbox, Digest, ErrorBody, ErrorCode, Frame, IdempotencyKey, MailboxId, OpenSlot, Origin, RegisterPush,
    ReplaceSendToken, SlotId, Token, decode_frames, header, limits, path,
};
use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::{self, Http, MAX_REPLY};
use crate::{Error, Result};

pub(crate) use vault::{VaultLogin, VaultSession};

/// A relay, reached over one client. Vaults and mailboxes use clients of their own, so that they share no connection.
#[derive(Clone)]
pub(crate) struct Relay {
    http: Http,
    origin: Origin,
}

/// A fresh random id or token of 32 bytes.
pub(crate) fn random<T: From<[u8; 32]>>(rng: &mut (impl CryptoRng + ?Sized)) -> T {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    bytes.into()
}

fn token_hash(token: &Token) -> Digest {
    sha256(&[token.expose()]).into()
}

impl Relay {
    /// The relay at an address; `AddressRefused` where the policy does not allow it.
    pub(crate) fn new(http: Http, address: &str) -> Result<Self> {
        let origin = Origin::of_url(address).map_err(|_| Error::new("AddressRefused"))?;
        http.check(origin.as_str())?;
        Ok(Relay { http, origin })
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        self.http.request(method, &self.origin.url(path))
    }

    /// Opens a handshake slot that expires at `expires`, Unix seconds.
    pub(crate) async fn open_slot(&self, slot: &SlotId, request: &str, owner: &Token, expires: i64) -> Result<()> {
        let body = OpenSlot {
            request: request.to_owned(),
            owner_token_hash: token_hash(owner),
            expires,
        };
        done(json(self.request(Method::PUT, &path::slot(slot))?, &body)).await
    }

    /// The answer in a slot: waits at most `wait` seconds for it.
    pub(crate) async fn slot_answer(&self, slot: &SlotId, owner: &Token, wait: u64) -> Result<Option<String>> {
        let request = self.request(
            Method::GET,
            &path::slot_response_wait(slot, wait.min(limits::WAIT_SECONDS)),
        )?;
        let response = http::send(bearer(request, owner)).await?;
        if response.status() == reqwest::StatusCode::NO_CONTENT {
            return Ok(None);
        }
        let bytes = http::body(accepted(response).await?, limits::SLOT_RESPONSE_BYTES as usize + 1024).await?;
        String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Error::new("Malformed").with("what", "answer"))
    }

    /// Closes a slot, with its answer, for good.
    pub(crate) async fn close_slot(&self, slot: &SlotId, owner: &Token) -> Result<()> {
        done(bearer(self.request(Method::DELETE, &path::slot(slot))?, owner)).await
    }

    /// Creates a mailbox; the relay learns the hashes of its tokens alone.
    pub(crate) async fn create_mailbox(&self, mailbox: &MailboxId, send: &Token, receive: &Token) -> Result<()> {
        let body = CreateMailbox {
            mailbox: *mailbox,
            send_token_hash: token_hash(send),
            receive_token_hash: token_hash(receive),
        };
        done(json(self.request(Method::POST, path::MAILBOXES)?, &body)).await
    }

    /// Puts a message into a mailbox. The same bytes sent again are one message.
    pub(crate) async fn send_message(&self, mailbox: &MailboxId, send: &Token, sealed: Vec<u8>) -> Result<()> {
        let key = IdempotencyKey::from(sha256(&[&sealed]));
        let request = bearer(self.request(Method::POST, &path::messages(mailbox))?, send)
            .header(header::IDEMPOTENCY_KEY, key.to_string())
            .header("content-type", header::OCTET_STREAM)
            .body(sealed);
        done(request).await
    }

    /// Messages that wait in a mailbox, oldest first, as many as fit one reply.
    pub(crate) async fn messages(&self, mailbox: &MailboxId, receive: &Token, after: u64) -> Result<Vec<Frame>> {
        let request = bearer(
            self.request(Method::GET, &path::messages_after(mailbox, after, 0))?,
            receive,
        );
        frames(accepted(http::send(request).await?).await?).await
    }

    /// Lets the relay forget messages up to and including `through`.
    pub(crate) async fn acknowledge(&self, mailbox: &MailboxId, receive: &Token, through: u64) -> Result<()> {
        done(bearer(
            self.request(Method::DELETE, &path::messages_through(mailbox, through))?,
            receive,
        ))
        .await
    }

    /// Sets where the push service of a mailbox is told, or takes it away.
    pub(crate) async fn set_push(&self, mailbox: &MailboxId, receive: &Token, endpoint: Option<&str>) -> Result<()> {
        let path = path::push(mailbox);
        match endpoint {
            Some(endpoint) => {
                let body = RegisterPush {
                    endpoint: endpoint.to_owned(),
                };
                done(json(bearer(self.request(Method::PUT, &path)?, receive), &body)).await
            }
            None => done(bearer(self.request(Method::DELETE, &path)?, receive)).await,
        }
    }

    /// Removes a mailbox with what waits in it.
    pub(crate) async fn delete_mailbox(&self, mailbox: &MailboxId, receive: &Token) -> Result<()> {
        done(bearer(self.request(Method::DELETE, &path::mailbox(mailbox))?, receive)).await
    }

    /// Replaces what allows sending to a mailbox: the old token is worthless at once.
    pub(crate) async fn replace_send_token(&self, mailbox: &MailboxId, receive: &Token, send: &Token) -> Result<()> {
        let body = ReplaceSendToken {
            send_token_hash: token_hash(send),
        };
        done(json(
            bearer(self.request(Method::PUT, &path::send_token(mailbox))?, receive),
            &body,
        ))
        .await
    }
}

/// A request to whatever address a handshake names: the request object by GET.
pub(crate) async fn fetch_request(http: &Http, url: &str) -> Result<String> {
    let request = http.request(Method::GET, url)?.header("accept", header::REQUEST_OBJECT);
    let response = accepted(http::send(request).await?).await?;
    let bytes = http::body(response, limits::SLOT_REQUEST_BYTES as usize + 1024).await?;
    String::from_utf8(bytes).map_err(|_| Error::new("NotARequest"))
}

/// Delivers a handshake's answer: a form body, by POST.
pub(crate) async fn post_answer(http: &Http, url: &str, form: String) -> Result<()> {
    done(
        http.request(Method::POST, url)?
            .header("content-type", header::FORM)
            .body(form),
    )
    .await
}

fn bearer(request: RequestBuilder, token: &Token) -> RequestBuilder {
    request.header(header::AUTHORIZATION, token.to_bearer())
}

fn json(request: RequestBuilder, body: &impl Serialize) -> RequestBuilder {
    #[allow(clippy::expect_used)]
    let bytes = serde_json::to_vec(body).expect("a wire body serialises");
    request.header("content-type", "application/json").body(bytes)
}

/// Sends, and expects success with nothing to read.
async fn done(request: RequestBuilder) -> Result<()> {
    accepted(http::send(request).await?).await.map(drop)
}

async fn read_json<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    let bytes = http::body(accepted(http::send(request).await?).await?, MAX_REPLY).await?;
    serde_json::from_slice(&bytes).map_err(|_| Error::new("Malformed").with("what", "reply"))
}

async fn frames(response: Response) -> Result<Vec<Frame>> {
    const ROOM: usize = limits::REPLY_BYTES as usize + limits::LOG_ENTRY_BYTES as usize + 1024;
    let bytes = http::body(response, ROOM).await?;
    decode_frames(&bytes).map_err(|_| Error::new("Malformed").with("what", "frames"))
}

/// The response, if the relay accepted; otherwise what it refused.
async fn accepted(response: Response) -> Result<Response> {
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status().as_u16();
    let code = match http::body(response, MAX_REPLY).await {
        Ok(bytes) => serde_json::from_slice::<ErrorBody>(&bytes).map_or(ErrorCode::Unknown, |body| body.code),
        Err(_) => ErrorCode::Unknown,
    };
    Err(refusal(code, status))
}

fn refusal(code: ErrorCode, status: u16) -> Error {
    match code {
        ErrorCode::NotFound => Error::new("NotFound").with("what", "on relay"),
        ErrorCode::Expired => Error::new("RequestExpired"),
        // The device was removed from the vault, or the relay was put back to before it was added.
        ErrorCode::LoginRefused => Error::new("DeviceUnknown"),
        ErrorCode::AlreadyAnswered => Error::new("ReplayRejected"),
        ErrorCode::HeadMoved => Error::new("HeadMoved"),
        ErrorCode::TooLarge => Error::new("TooLarge").with("what", "on relay"),
        // Not the relay's word, but that of something before it.
        ErrorCode::Unknown if (400..500).contains(&status) && !matches!(status, 408 | 429) => {
            Error::new("RelayRefused").with("status", status)
        }
        code if code.is_temporary() || status >= 500 => Error::new("RelayBusy").with("status", status),
        _ => Error::new("RelayRefused").with("status", status),
    }
}
