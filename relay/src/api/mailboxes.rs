//! Mailboxes. A token that doesn't fit is told that there is no such mailbox.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt as _};
use kist_wire::header::{IDEMPOTENCY_KEY, LAST_EVENT_ID};
use kist_wire::limits::JSON_BYTES;
use kist_wire::{
    CreateMailbox, Digest, ErrorCode, Frame, FrameWriter, IdempotencyKey, MailboxId, MessageAccepted, Opaque,
    RegisterPush, ReplaceSendToken, decode_frames,
};
use serde::Deserialize;

use super::{frames, status_of, waiting};
use crate::auth::{Bearer, digest};
use crate::openapi::Refusal;
use crate::push;
use crate::request::{Asked, At, read_body, read_json};
use crate::state::Relay;
use crate::store::Outcome;

/// Which messages, and how long to wait for one.
#[derive(Deserialize)]
pub(crate) struct Reading {
    after: Option<u64>,
    wait: Option<u64>,
}

/// How far messages are acknowledged.
#[derive(Deserialize)]
pub(crate) struct Acknowledged {
    through: u64,
}

/// Create a mailbox. The same again is answered with 200.
#[utoipa::path(post, path = "/v1/mailboxes", tag = "mailbox", request_body = CreateMailbox,
    responses((status = 201, description = "Created"), (status = 200, description = "Was created before"), Refusal))]
pub(crate) async fn create(State(relay): State<Relay>, body: Body) -> Outcome<StatusCode> {
    let new: CreateMailbox = read_json(body, JSON_BYTES).await?;
    relay
        .run(move |store, _| store.create_mailbox(&new))
        .await
        .map(status_of)
}

/// Send a message. A repeat with the same key and bytes is answered with the first one's number and 200.
#[utoipa::path(post, path = "/v1/mailboxes/{mailbox}/messages", tag = "mailbox",
    params(("mailbox" = MailboxId, Path), ("idempotency-key" = IdempotencyKey, Header)),
    request_body(content = [u8], content_type = "application/octet-stream"), security(("sendToken" = [])),
    responses((status = 201, body = MessageAccepted), (status = 200, body = MessageAccepted), Refusal))]
pub(crate) async fn send(
    State(relay): State<Relay>,
    At(mailbox): At<MailboxId>,
    Bearer(token): Bearer,
    headers: HeaderMap,
    body: Body,
) -> Outcome<(StatusCode, Json<MessageAccepted>)> {
    let key = headers
        .get(IDEMPOTENCY_KEY)
        .and_then(|value| value.to_str().ok()?.parse::<IdempotencyKey>().ok());
    let key = key.ok_or(ErrorCode::InvalidRequest)?;
    relay.run(move |store, _| store.may_send(&mailbox, &token)).await?;
    let body = read_body(body, relay.config().limits.message_bytes).await?;
    let (number, done) = relay
        .run(move |store, now| store.send(&mailbox, &token, (&key, &body, &digest(&body)), now))
        .await?;
    relay.ring(mailbox.as_bytes());
    push::tell(&relay, mailbox);
    Ok((status_of(done), Json(MessageAccepted { number })))
}

/// Read messages numbered above `after`, as frames. With none there, the reply waits up to `wait` seconds, and may then
/// hold no frame.
#[utoipa::path(get, path = "/v1/mailboxes/{mailbox}/messages", tag = "mailbox",
    params(("mailbox" = MailboxId, Path), ("after" = Option<u64>, Query), ("wait" = Option<u64>, Query)),
    security(("receiveToken" = [])),
    responses((status = 200, body = [u8], content_type = "application/vnd.kist.frames"), Refusal))]
pub(crate) async fn read(
    State(relay): State<Relay>,
    At(mailbox): At<MailboxId>,
    Asked(reading): Asked<Reading>,
    Bearer(token): Bearer,
) -> Outcome<impl IntoResponse> {
    let wait = waiting(reading.wait, relay.config().limits.wait_seconds);
    let found = look(&relay, mailbox, token, reading.after.unwrap_or(0), wait).await?;
    Ok(frames(found.unwrap_or_default()))
}

async fn look(
    relay: &Relay,
    mailbox: MailboxId,
    token: Digest,
    after: u64,
    wait: Duration,
) -> Outcome<Option<FrameWriter>> {
    let look = move |store: &crate::store::Store, _| {
        let found = store.messages(&mailbox, &token, after)?;
        Ok((!found.is_empty()).then_some(found))
    };
    relay.wait_for(mailbox.as_bytes(), wait, look).await
}

/// Acknowledge messages: those numbered `through` or less are removed.
#[utoipa::path(delete, path = "/v1/mailboxes/{mailbox}/messages", tag = "mailbox",
    params(("mailbox" = MailboxId, Path), ("through" = u64, Query)), security(("receiveToken" = [])),
    responses((status = 204, description = "Removed"), Refusal))]
pub(crate) async fn acknowledge(
    State(relay): State<Relay>,
    At(mailbox): At<MailboxId>,
    Asked(acknowledged): Asked<Acknowledged>,
    Bearer(token): Bearer,
) -> Outcome<StatusCode> {
    relay
        .run(move |store, _| store.acknowledge(&mailbox, &token, acknowledged.through))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Receive messages as server-sent events: `id` is the number, `data` the message in base64url. A stream that ended is
/// resumed with `Last-Event-ID`.
#[utoipa::path(get, path = "/v1/mailboxes/{mailbox}/events", tag = "mailbox",
    params(("mailbox" = MailboxId, Path), ("after" = Option<u64>, Query), ("last-event-id" = Option<u64>, Header)),
    security(("receiveToken" = [])),
    responses((status = 200, body = String, content_type = "text/event-stream"), Refusal))]
pub(crate) async fn events(
    State(relay): State<Relay>,
    At(mailbox): At<MailboxId>,
    Asked(reading): Asked<Reading>,
    Bearer(token): Bearer,
    headers: HeaderMap,
) -> Outcome<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let resumed = headers
        .get(LAST_EVENT_ID)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let after = resumed.or(reading.after).unwrap_or(0);
    // A token that doesn't fit is refused here, before a stream begins.
    relay
        .run(move |store, _| store.messages(&mailbox, &token, after))
        .await?;
    let batches = stream::unfold((relay, after), move |(relay, after)| async move {
        let frames = next_frames(&relay, mailbox, token, after).await?;
        let after = frames.last().map_or(after, |frame| frame.number);
        Some((frames, (relay, after)))
    });
    let events = batches.flat_map(|frames| stream::iter(frames.into_iter().map(|frame| Ok(event(frame)))));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// Waits for messages; none when the stream is over: the mailbox is gone, or the relay stops.
async fn next_frames(relay: &Relay, mailbox: MailboxId, token: Digest, after: u64) -> Option<Vec<Frame>> {
    let wait = waiting(Some(u64::MAX), relay.config().limits.wait_seconds);
    let found = look(relay, mailbox, token, after, wait).await.ok()?;
    if relay.is_stopping() {
        return None;
    }
    decode_frames(&found.unwrap_or_default().finish()).ok()
}

fn event(frame: Frame) -> Event {
    Event::default()
        .id(frame.number.to_string())
        .data(Opaque(frame.body).to_string())
}

/// Replace the token that sends: the one before is refused from now on.
#[utoipa::path(put, path = "/v1/mailboxes/{mailbox}/send-token", tag = "mailbox",
    params(("mailbox" = MailboxId, Path)), request_body = ReplaceSendToken, security(("receiveToken" = [])),
    responses((status = 204, description = "Replaced"), Refusal))]
pub(crate) async fn replace_send_token(
    State(relay): State<Relay>,
    At(mailbox): At<MailboxId>,
    Bearer(token): Bearer,
    body: Body,
) -> Outcome<StatusCode> {
    let ReplaceSendToken { send_token_hash } = read_json(body, JSON_BYTES).await?;
    relay
        .run(move |store, _| store.set_send_token(&mailbox, &token, Some(&send_token_hash)))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take the token that sends away: nobody sends until another is set.
#[utoipa::path(delete, path = "/v1/mailboxes/{mailbox}/send-token", tag = "mailbox",
    params(("mailbox" = MailboxId, Path)), security(("receiveToken" = [])),
    responses((status = 204, description = "Taken away"), Refusal))]
pub(crate) async fn remove_send_token(
    State(relay): State<Relay>,
    At(mailbox): At<MailboxId>,
    Bearer(token): Bearer,
) -> Outcome<StatusCode> {
    relay
        .run(move |store, _| store.set_send_token(&mailbox, &token, None))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Register where a push service is told that a message has come, in place of the one before. It is told nothing else: the
/// request has no body (RFC 8030). A relay that tells none answers with 404.
#[utoipa::path(put, path = "/v1/mailboxes/{mailbox}/push", tag = "mailbox",
    params(("mailbox" = MailboxId, Path)), request_body = RegisterPush, security(("receiveToken" = [])),
    responses((status = 204, description = "Registered"), Refusal))]
pub(crate) async fn register_push(
    State(relay): State<Relay>,
    At(mailbox): At<MailboxId>,
    Bearer(token): Bearer,
    body: Body,
) -> Outcome<StatusCode> {
    let RegisterPush { endpoint } = read_json(body, JSON_BYTES).await?;
    relay.pusher().ok_or(ErrorCode::NotFound)?.check(&endpoint)?;
    relay
        .run(move |store, _| store.set_push(&mailbox, &token, Some(&endpoint)))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tell the push service no more.
#[utoipa::path(delete, path = "/v1/mailboxes/{mailbox}/push", tag = "mailbox",
    params(("mailbox" = MailboxId, Path)), security(("receiveToken" = [])),
    responses((status = 204, description = "Taken away"), Refusal))]
pub(crate) async fn remove_push(
    State(relay): State<Relay>,
    At(mailbox): At<MailboxId>,
    Bearer(token): Bearer,
) -> Outcome<StatusCode> {
    relay
        .run(move |store, _| store.set_push(&mailbox, &token, None))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a mailbox with its messages.
#[utoipa::path(delete, path = "/v1/mailboxes/{mailbox}", tag = "mailbox", params(("mailbox" = MailboxId, Path)),
    security(("receiveToken" = [])), responses((status = 204, description = "Removed"), Refusal))]
pub(crate) async fn delete(
    State(relay): State<Relay>,
    At(mailbox): At<MailboxId>,
    Bearer(token): Bearer,
) -> Outcome<StatusCode> {
    relay
        .run(move |store, _| store.delete_mailbox(&mailbox, &token))
        .await?;
    relay.ring(mailbox.as_bytes());
    Ok(StatusCode::NO_CONTENT)
}
