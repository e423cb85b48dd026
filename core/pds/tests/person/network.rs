//! Relays that are down, that lie, that never end; and one that keeps nobody from another.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use kist_pds::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::world::*;

/// A server that answers everything with the same bytes, and keeps what it was sent.
pub struct Fake {
    pub address: String,
    pub requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Fake {
    pub async fn at(address: &str, reply: impl Into<Vec<u8>>) -> Fake {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (requests, reply) = (Arc::new(Mutex::new(Vec::new())), reply.into());
        let log = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                log.lock().unwrap().push(request);
                let _ = stream.write_all(&reply).await;
            }
        });
        Fake {
            address,
            requests,
            task,
        }
    }

    pub async fn new(reply: impl Into<Vec<u8>>) -> Fake {
        Fake::at("127.0.0.1:0", reply).await
    }

    pub fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }

    pub async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let (head, body) = read_bytes(stream).await;
    head + &String::from_utf8_lossy(&body)
}

/// A request's head with the empty line after it, and its body.
async fn read_bytes(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let (head, body) = bytes.split_at(end + 4);
            let head = String::from_utf8_lossy(head).into_owned();
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return (head, body.to_vec());
            }
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await.unwrap() {
            0 => return (String::from_utf8_lossy(&bytes).into_owned(), Vec::new()),
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

/// Stands before a relay and forgets nothing: it says that it does, and shows every message again. Gives its address; after
/// `most` requests it is gone.
async fn unforgetting(relay: &str, most: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let relay = relay.strip_prefix("http://").unwrap().to_owned();
    tokio::spawn(async move {
        for _ in 0..most {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (head, body) = read_bytes(&mut stream).await;
            if head.starts_with("DELETE") {
                stream
                    .write_all(reply("204 No Content", "", "").as_bytes())
                    .await
                    .unwrap();
                continue;
            }
            let mut behind = TcpStream::connect(&relay).await.unwrap();
            let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
            behind.write_all(head.as_bytes()).await.unwrap();
            behind.write_all(&body).await.unwrap();
            let mut answer = Vec::new();
            behind.read_to_end(&mut answer).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    });
    format!("http://{address}")
}

pub fn reply(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// Sends one request to a server on this machine and gives everything that it answers.
pub async fn raw(url: &str, method: &str, headers: &str, body: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The link of a request, as if it lay with another server.
fn elsewhere(world: &World, hosted: &HostedRequest, fake: &Fake) -> String {
    let port = world.relay.url.rsplit(':').next().unwrap();
    hosted.uri.replace(port, fake.port())
}

#[tokio::test]
async fn a31_a_redirect_is_not_followed() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let target = Fake::new(reply("200 OK", "", "secret")).await;
    for status in [
        "301 Moved",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let location = format!("location: http://{}/\r\n", target.address);
        let fake = Fake::new(reply(status, &location, "")).await;
        let refused = world
            .alice
            .requests()
            .open(&elsewhere(&world, &hosted, &fake))
            .await
            .unwrap_err();
        assert_eq!(refused.category(), Category::Network, "{refused}");
    }
    assert!(target.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a31_a_reply_without_end_is_cut_off() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {
            counter.fetch_add(4096, Ordering::SeqCst);
        }
    });
    let own = world.relay.url.rsplit(':').next().unwrap();
    let refused = world
        .alice
        .requests()
        .open(&hosted.uri.replace(own, &port))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "TooLarge");
    assert!(sent.load(Ordering::SeqCst) < 16 << 20);
}

#[tokio::test]
async fn a13_replies_that_make_no_sense_are_errors_of_the_network() {
    let world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let html = "<html>Sign in to this network</html>";
    for (bytes, expected) in [
        ("this is no HTTP\r\n\r\n".to_owned(), "Unreachable"),
        (String::new(), "Unreachable"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\ncut".to_owned(),
            "Unreachable",
        ),
        (reply("500 Internal", "", html), "RelayBusy"),
        (reply("429 Slow down", "", "{}"), "RelayBusy"),
        (reply("404 Not Found", "", html), "RelayRefused"),
        (reply("403 Forbidden", "", "{\"code\": 7}"), "RelayRefused"),
        (reply("404 Not Found", "", "{\"code\":\"NotFound\"}"), "NotFound"),
    ] {
        let fake = Fake::new(bytes).await;
        let refused = world.alice.requests().open(&elsewhere(&world, &hosted, &fake)).await;
        assert_eq!(code(refused), expected);
    }
    // What is served as a request and is none.
    for body in ["", "no JWT", html] {
        let fake = Fake::new(reply("200 OK", "", body)).await;
        let refused = world
            .alice
            .requests()
            .open(&elsewhere(&world, &hosted, &fake))
            .await
            .unwrap_err();
        assert_eq!(refused.category(), Category::Input, "{refused}");
    }
    assert_eq!(world.alice.requests().pending().await.unwrap(), []);
    assert_eq!(world.alice.history().entries().await.unwrap(), []);
}

/// Another organisation, on a relay of its own, with which Alice has an agreement.
async fn council(world: &World) -> (RunningRelay, Organisation, String) {
    let relay = RunningRelay::start(world.folder.path().join("other relay"), world.clock.clone()).await;
    let dir = world.folder.path().join("council");
    let council = admitted(&world.framework, &dir, &world.clock, "Harbour Council").await;
    council.set_relay(&relay.url).await.unwrap();
    world.alice.set_relay(&relay.url).await.unwrap();
    let list = world.framework.publish(30).await.unwrap().list;
    world
        .alice
        .trust()
        .update_list("Health Framework", &list)
        .await
        .unwrap();
    let hosted = council.requests().create(request()).await.unwrap();
    world.answer(&hosted).await;
    let answer = council.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    (relay, council, answer.agreement.unwrap())
}

fn is_down(event: &InboxEvent, name: &str) -> bool {
    matches!(event, InboxEvent::Unreachable { organisation, code } if organisation == name && code == "Unreachable")
}

#[tokio::test]
async fn c2_a_relay_that_is_down_keeps_nothing_from_the_others() {
    let mut world = World::new().await;
    let with_clinic = world.agree().await;
    let (_relay, council, with_council) = council(&world).await;
    world.alice.inbox().refresh().await.unwrap();
    council
        .deliveries()
        .deliver(&with_council, vaccination())
        .await
        .unwrap();
    world.deliver(&with_clinic).await;
    world.relay.stop().await;

    let events = world.alice.inbox().refresh().await.unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(matches!(&events[0], InboxEvent::Delivered { organisation, .. } if organisation == "Harbour Council"));
    assert!(is_down(&events[1], "Riverside Clinic"));

    // Both withdrawals hold at once; the council hears of its own now.
    let consents = world.alice.consents();
    for agreement in [&with_clinic, &with_council] {
        assert_eq!(
            consents.withdraw(agreement).await.unwrap().state,
            ConsentState::Withdrawn
        );
    }
    let heard = council.inbox().refresh().await.unwrap();
    assert!(matches!(heard.as_slice(), [OrgEvent::Withdrawn { agreement, .. }] if *agreement == with_council));
    let events = world.alice.inbox().refresh().await.unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(matches!(&events[0], InboxEvent::Acknowledged { consent, .. } if *consent == with_council));
    assert!(is_down(&events[1], "Riverside Clinic"));

    // The delivery that lay there came too late.
    world.relay.start_again().await;
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        matches!(
            events.as_slice(),
            [InboxEvent::Waiting {
                outside_agreement: true,
                ..
            }]
        ),
        "{events:?}"
    );
    let heard = world.clinic.inbox().refresh().await.unwrap();
    assert!(matches!(heard.as_slice(), [OrgEvent::Withdrawn { agreement, .. }] if *agreement == with_clinic));
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(matches!(events.as_slice(), [InboxEvent::Acknowledged { consent, .. }] if *consent == with_clinic));
    for consent in consents.list().await.unwrap() {
        assert_eq!(consent.state, ConsentState::WithdrawalAcknowledged);
    }
}

#[tokio::test]
async fn k4_an_organisation_is_told_even_where_the_persons_own_relay_never_comes_back() {
    let mut world = World::new().await;
    let (mut gone, council, _) = council(&world).await;
    // Alice's mailbox for the clinic lies with the relay that goes; the clinic's lies with its own.
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    drop(council);
    gone.stop().await;
    world.alice.consents().withdraw(&agreement).await.unwrap();
    assert_eq!(world.clinic.inbox().refresh().await.unwrap(), []);
    world.clock.forward(25 * 60 * 60);
    world.alice.inbox().refresh().await.unwrap();
    // The acknowledgement waits for ever.
    let heard = world.clinic.inbox().refresh().await.unwrap();
    assert!(
        heard.iter().any(|event| matches!(event, OrgEvent::Withdrawn { .. })),
        "{heard:?}"
    );
    assert_eq!(
        world.alice.consents().get(&agreement).await.unwrap().summary.state,
        ConsentState::Withdrawn
    );
    world.relay.stop().await;
}

#[tokio::test]
async fn h1_an_answer_that_could_not_leave_is_sent_later_or_called_back() {
    let mut world = World::new().await;
    let (_relay, _council, _) = council(&world).await;
    let requests = world.alice.requests();
    let ask = async |world: &World| {
        let hosted = world.clinic.requests().create(request()).await.unwrap();
        let open = requests.open(&hosted.uri).await.unwrap();
        (hosted.id, open)
    };
    let (sent, called_back, late) = (ask(&world).await, ask(&world).await, ask(&world).await);
    world.relay.stop().await;
    let mut consents = Vec::new();
    for (_, open) in [&sent, &called_back, &late] {
        let consent = requests
            .answer(&open.id, Decision::required(open))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(consent.state, ConsentState::AwaitingSend);
        consents.push(consent.id);
    }
    assert_eq!(code(requests.resume().await), "Unreachable");
    let withdrawn = world.alice.consents().withdraw(&consents[1]).await.unwrap();
    assert_eq!(withdrawn.state, ConsentState::Withdrawn);

    world.relay.start_again().await;
    requests.resume().await.unwrap();
    let state = world.alice.consents().get(&consents[0]).await.unwrap().summary.state;
    assert_eq!(state, ConsentState::AwaitingReceipt);
    let collect = async |id: &str| world.clinic.requests().collect(id, 0).await.unwrap();
    assert!(collect(&sent.0).await.is_some());
    assert!(collect(&called_back.0).await.is_none());

    // A request is over before its answer could leave.
    let (_, open) = ask(&world).await;
    world.relay.stop().await;
    requests.answer(&open.id, Decision::required(&open)).await.unwrap();
    world.clock.forward(601);
    assert_eq!(code(requests.resume().await), "RequestExpired");
    requests.resume().await.unwrap();
}

#[tokio::test]
async fn h1_a_first_answer_without_a_relay_changes_nothing_and_can_be_given_again() {
    let mut world = World::new().await;
    let hosted = world.clinic.requests().create(request()).await.unwrap();
    let open = world.alice.requests().open(&hosted.uri).await.unwrap();
    let before = world.alice.history().verify().await.unwrap();
    world.relay.stop().await;
    let refused = world.alice.requests().answer(&open.id, Decision::required(&open)).await;
    assert_eq!(code(refused), "Unreachable");
    assert_eq!(world.alice.history().verify().await.unwrap(), before);
    assert_eq!(world.alice.consents().list().await.unwrap(), []);
    assert_eq!(code(world.alice.requests().open(&hosted.uri).await), "Unreachable");
    world.relay.start_again().await;
    let again = &world.alice.requests().pending().await.unwrap()[0];
    let consent = world
        .alice
        .requests()
        .answer(&again.id, Decision::required(again))
        .await
        .unwrap();
    assert_eq!(consent.unwrap().state, ConsentState::AwaitingReceipt);
}

#[tokio::test]
async fn c3_an_invitation_is_found_answered_behind_junk_that_the_relay_never_forgets() {
    let world = World::new().await;
    let relay = unforgetting(&world.relay.url, 40).await;
    world.alice.set_relay(&relay).await.unwrap();
    let invited = world.alice.people().invite("Bob").await.unwrap();
    let of = |name: &str| {
        let (_, value) = invited.link.split_once(&format!("{name}=")).unwrap();
        value.split('&').next().unwrap().to_owned()
    };
    let url = format!("{}/v1/mailboxes/{}/messages", world.relay.url, of("mailbox"));
    for junk in ["one", "two", "three"] {
        let headers = format!(
            "authorization: Bearer {}\r\ncontent-type: application/octet-stream\r\nidempotency-key: {junk:A<43}\r\n",
            of("send_token")
        );
        let taken = raw(&url, "POST", &headers, junk).await;
        assert!(taken.starts_with("HTTP/1.1 2"), "{taken}");
    }
    let bob = Person::create(&world.folder.path().join("bob"), platform(&world.clock), PASSPHRASE)
        .await
        .unwrap();
    bob.set_relay(&world.relay.url).await.unwrap();
    bob.people().accept(&invited.link, "Alice").await.unwrap();
    let events = world.alice.inbox().refresh().await.unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, InboxEvent::PersonAnswered { .. })),
        "{events:?}"
    );
}

/// Whether somebody was told to go on.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn c2_of_two_refreshes_at_once_one_waits_for_the_other() {
    let mut world = World::new().await;
    world.agree().await;
    world.relay.stop().await;
    let listener = TcpListener::bind(world.relay.url.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let inbox = world.alice.inbox();
    let first = tokio::spawn(async move { inbox.refresh().await });
    // The first has asked the relay, which doesn't answer.
    let (asked, _) = listener.accept().await.unwrap();
    let (inbox, woken) = (world.alice.inbox(), Arc::new(Woken(AtomicBool::new(false))));
    let mut second = Box::pin(inbox.refresh());
    let waker = Waker::from(Arc::clone(&woken));
    assert!(second.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    for _ in 0..50 {
        world.alice.records().list(Filter::default()).await.unwrap();
    }
    assert!(!woken.0.load(Ordering::SeqCst), "the second goes on beside the first");
    drop((asked, listener));
    first.await.unwrap().unwrap();
    second.await.unwrap();
}
