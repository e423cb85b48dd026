//! The server: connections, their timeouts, and a stop that finishes what is under way.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::routes::app;
use crate::state::Relay;

/// Connections at a time; the next ones wait to be accepted.
const CONNECTIONS: usize = 4096;
/// How long a connection may take for a request's headers, and may idle between requests.
const HEADERS: Duration = Duration::from_secs(20);
/// After this a connection takes no further request, so that nobody holds one for ever; event streams are resumed.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// What is under way on a connection may take this long beyond its lifetime.
const OVERTIME: Duration = Duration::from_secs(15 * 60);
/// How long a stop waits for what is under way.
const DRAIN: Duration = Duration::from_secs(30);
/// Between two purges.
const PURGE: Duration = Duration::from_secs(60);

/// Serves the relay until `stop` completes; requests under way are then finished, within half a minute.
pub async fn serve(listener: TcpListener, relay: Relay, stop: impl Future<Output = ()>) {
    let router = app(relay.clone());
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut purge = interval(PURGE);
    purge.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = pin!(stop);
    loop {
        let accept = async {
            let permit = permits.clone().acquire_owned().await;
            (listener.accept().await, permit)
        };
        tokio::select! {
            (accepted, permit) = accept => match accepted {
                Ok((stream, peer)) => {
                    let connection = connect(stream, peer, router.clone(), relay.clone());
                    connections.spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                // Out of file descriptors, or a client gone before it was accepted.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
            _ = connections.join_next(), if !connections.is_empty() => {}
            _ = purge.tick() => {
                let relay = relay.clone();
                tokio::spawn(async move { relay.purge().await });
            }
            () = &mut stop => break,
        }
    }
    drop(listener);
    relay.stop();
    let drained = timeout(DRAIN, async { while connections.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(connections = connections.len(), "stopped with requests under way");
    }
}

async fn connect(stream: TcpStream, peer: SocketAddr, router: Router, relay: Relay) {
    // Replies go out as they are written; a failure only costs delay.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let reply = router.call(request);
        async move { Ok::<_, Infallible>(reply.await.unwrap_or_else(|never| match never {})) }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADERS);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    // A connection that ends in an error is a client gone or too slow: nothing to tell anybody.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = sleep(LIFETIME) => {}
        () = relay.stopped() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(OVERTIME, connection).await;
}
