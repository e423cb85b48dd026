//! Push without content: a real service hears that something has come for Alice, and her next refresh brings it.

use std::time::Duration;

use kist_pds::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::world::*;

/// A push service on this machine that gives each instance an address of its own, or none.
struct Service {
    address: String,
    on: bool,
}

impl Push for Service {
    fn endpoint(&self, instance: &str) -> Option<String> {
        self.on.then(|| format!("http://{}/up/{instance}", self.address))
    }
}

async fn service() -> (Service, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (send, receive) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 8192];
            let length = stream.read(&mut bytes).await.unwrap_or(0);
            let _ = send.send(String::from_utf8_lossy(&bytes[..length]).into_owned());
            let _ = stream
                .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")
                .await;
        }
    });
    (Service { address, on: true }, receive)
}

#[tokio::test]
async fn c1_a_push_service_hears_that_something_came_and_the_next_refresh_brings_it() {
    let world = World::new().await;
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    let (mut service, mut heard) = service().await;
    let push = world.alice.push();
    let report = push.register(&service).await.unwrap();
    assert_eq!((report.registered, report.without, report.unreachable), (1, 0, 0));
    assert_eq!(push.register(&service).await.unwrap(), report);

    world.deliver(&agreement).await;
    let word = timeout(Duration::from_secs(30), heard.recv()).await;
    let word = word.expect("the service hears of it").unwrap();
    assert!(word.starts_with("POST /up/"), "{word}");
    assert!(word.ends_with("\r\n\r\n"), "no content: {word}");
    assert!(!word.contains("Clinic") && !word.contains("Alice"));
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(events.as_slice(), [InboxEvent::Delivered { .. }]),
        "{events:?}"
    );

    service.on = false;
    assert_eq!(push.register(&service).await.unwrap().without, 1);
    world.deliver(&agreement).await;
    assert_eq!(world.alice.inbox().refresh().await.unwrap().len(), 1);
    assert!(heard.try_recv().is_err());
}
