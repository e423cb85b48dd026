//! The program itself, on a real socket: start, stop, sudden death.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use kist_wire::{BlobId, Origin, Session, Token, VaultId, path};
use serde::de::DeserializeOwned;

use crate::world::Device;

struct Process {
    child: Child,
    address: String,
    origin: Origin,
}

impl Process {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kist-relay"))
            .args([
                "--listen",
                "127.0.0.1:0",
                "--public-url",
                "https://relay.example",
                "--no-rate-limit",
                "--data",
            ])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let address = line["address"].as_str().unwrap().to_owned();
        assert_eq!(line["url"], format!("http://{address}"));
        Self {
            child,
            address,
            origin: "https://relay.example".parse().unwrap(),
        }
    }

    fn connect(&self) -> Client {
        Client(BufReader::new(TcpStream::connect(&self.address).unwrap()))
    }

    fn terminate(&self) {
        assert!(
            Command::new("kill")
                .args(["-TERM", &self.child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone, unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The little of HTTP/1.1 that the tests speak.
struct Client(BufReader<TcpStream>);

impl Client {
    fn begin(&mut self, method: &str, path: &str, token: Option<&Token>, length: usize, more: &str) {
        let authorization = token.map_or(String::new(), |token| {
            format!("authorization: {}\r\n", token.to_bearer())
        });
        let head =
            format!("{method} {path} HTTP/1.1\r\nhost: relay\r\ncontent-length: {length}\r\n{authorization}{more}\r\n");
        self.write(head.as_bytes()).unwrap();
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    /// Status, headers in lower case, body.
    fn reply(&mut self) -> std::io::Result<(u16, String, Vec<u8>)> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let head = head.to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head
            .split("content-length: ")
            .nth(1)
            .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok((status, head, body))
    }

    fn call(
        &mut self,
        method: &str,
        path: &str,
        token: Option<&Token>,
        body: &[u8],
    ) -> std::io::Result<(u16, Vec<u8>)> {
        self.begin(method, path, token, body.len(), "");
        self.write(body)?;
        self.reply().map(|(status, _, body)| (status, body))
    }

    fn json<T: DeserializeOwned>(&mut self, path: &str, body: &impl serde::Serialize) -> T {
        let (status, reply) = self
            .call("POST", path, None, &serde_json::to_vec(body).unwrap())
            .unwrap();
        assert!(status < 300, "{status}");
        serde_json::from_slice(&reply).unwrap()
    }
}

fn vault() -> VaultId {
    VaultId::from([1; 16])
}

fn login(process: &Process) -> Token {
    let (device, mut client) = (Device::new(1), process.connect());
    let create = serde_json::to_vec(&device.create(&process.origin, vault())).unwrap();
    assert!(client.call("POST", path::VAULTS, None, &create).unwrap().0 < 300);
    let (_, nonce) = client.call("POST", &path::vault_nonce(&vault()), None, b"").unwrap();
    let nonce = serde_json::from_slice(&nonce).unwrap();
    client
        .json::<Session>(
            &path::vault_login(&vault()),
            &device.login(&process.origin, vault(), &nonce),
        )
        .token
}

#[test]
fn a_stop_finishes_what_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path());
    let token = login(&process);
    let place = path::blob(&vault(), &BlobId::from([1; 16]));
    let mut idle = process.connect();
    assert_eq!(idle.call("GET", path::READY, None, b"").unwrap().0, 200);

    // The relay asks for the body, so the request is under way.
    let mut client = process.connect();
    client.begin("PUT", &place, Some(&token), 10, "expect: 100-continue\r\n");
    assert_eq!(client.reply().unwrap().0, 100);
    client.write(b"01234").unwrap();
    process.terminate();
    while TcpStream::connect(&process.address).is_ok() {}
    assert_eq!(idle.0.read(&mut [0]).unwrap(), 0, "an idle connection is closed");

    client.write(b"56789").unwrap();
    let (status, head, _) = client.reply().unwrap();
    assert_eq!(status, 201);
    assert!(head.contains("connection: close"));
    assert!(process.child.wait().unwrap().success());

    let again = Process::start(folder.path());
    let (status, body) = again.connect().call("GET", &place, Some(&token), b"").unwrap();
    assert_eq!((status, body.as_slice()), (200, &b"0123456789"[..]));
}

#[test]
fn a40_killed_in_mid_put_acknowledged_blobs_are_readable_and_no_head_dangles() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path());
    let token = login(&process);
    let bytes = |id: u8| vec![id; 300_000];
    let (acknowledged, acknowledgements) = mpsc::channel();
    let writers: Vec<_> = (0..3u8)
        .map(|writer| {
            let (mut client, token, acknowledged) = (process.connect(), token.clone(), acknowledged.clone());
            std::thread::spawn(move || {
                // Each writer puts blobs until the relay dies; one also moves the head to each blob that it put.
                let mut condition = "if-none-match: *\r\n".to_owned();
                for number in 0..80 {
                    let id = writer * 80 + number;
                    let place = path::blob(&vault(), &BlobId::from([id; 16]));
                    let Ok((201, _)) = client.call("PUT", &place, Some(&token), &bytes(id)) else {
                        return;
                    };
                    acknowledged.send(id).unwrap();
                    if writer == 0 {
                        client.begin("PUT", &path::head(&vault()), Some(&token), 1, &condition);
                        let Ok(()) = client.write(&[id]) else { return };
                        let Ok((204, head, _)) = client.reply() else { return };
                        let tag = head.split("etag: ").nth(1).unwrap().split("\r\n").next().unwrap();
                        condition = format!("if-match: {tag}\r\n");
                    }
                }
            })
        })
        .collect();
    drop(acknowledged);
    let mut ids: Vec<u8> = acknowledgements.iter().take(12).collect();
    process.child.kill().unwrap();
    process.child.wait().unwrap();
    for writer in writers {
        let _ = writer.join();
    }
    ids.extend(acknowledgements.try_iter());

    let process = Process::start(folder.path());
    let mut client = process.connect();
    for id in ids {
        let place = path::blob(&vault(), &BlobId::from([id; 16]));
        let (status, body) = client.call("GET", &place, Some(&token), b"").unwrap();
        assert!(status == 200 && body == bytes(id), "blob {id} was acknowledged");
    }
    let (status, head) = client.call("GET", &path::head(&vault()), Some(&token), b"").unwrap();
    if status == 200 {
        let place = path::blob(&vault(), &BlobId::from([head[0]; 16]));
        assert_eq!(
            client.call("GET", &place, Some(&token), b"").unwrap().0,
            200,
            "the head names a blob"
        );
    }
}

#[test]
fn a_bad_setting_is_said_and_nothing_runs() {
    for arguments in [
        &["--data", "/dev/null/x"][..],
        &["--data", "/tmp", "--public-url", "relay.example"],
        &["--data", "/tmp", "--country", "Britain"],
        &[],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_kist-relay"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(!output.status.success() && !output.stderr.is_empty());
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn c1_a_relay_that_could_tell_no_push_service_says_so_and_does_not_run() {
    let data = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_kist-relay"))
        .args(["--listen", "127.0.0.1:0", "--push-host", "push.example", "--data"])
        .arg(data.path())
        .env("SSL_CERT_FILE", "/dev/null")
        .env("SSL_CERT_DIR", data.path())
        .output()
        .unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("certificate authorities"));
}
