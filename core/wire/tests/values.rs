//! Ids, tokens, origins, frames and error bodies as a client or a hostile peer would write them.

use kist_wire::{
    CreateMailbox, ErrorBody, ErrorCode, FrameWriter, Limits, MailboxId, Origin, Token, VaultId, decode_frames, form,
};
use proptest::prelude::*;

#[test]
fn ids_have_16_to_32_bytes_and_one_written_form() {
    for length in [0, 15, 33, 64] {
        assert!(VaultId::from_bytes(&vec![1; length]).is_err(), "{length}");
    }
    let id = VaultId::from_bytes(&[0xff; 17]).unwrap();
    assert_eq!(id.to_string().parse::<VaultId>().unwrap(), id);
    // Padding, the other alphabet, stray bits, white space, nothing.
    for text in [
        "_____________________w==",
        "/////////////////////w",
        "_____________________x",
        " ____________________w",
        "",
    ] {
        assert!(text.parse::<VaultId>().is_err(), "{text}");
    }
    assert!("_____________________w".parse::<VaultId>().is_ok());
}

#[test]
fn ids_order_as_their_bytes() {
    let id = |bytes: &[u8]| VaultId::from_bytes(bytes).unwrap();
    assert!(id(&[1; 16]) < id(&[1; 17]));
    assert!(id(&[1; 32]) < id(&[2; 16]));
}

#[test]
fn z1_a_token_never_prints_itself() {
    let token = Token::from([7; 32]);
    assert_eq!(format!("{token:?}"), "Token(…)");
    assert!(Token::from_bearer("Basic BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc").is_err());
    assert!(Token::from_bearer("Bearer BwcH").is_err());
    assert_eq!(
        Token::from_bearer("bearer BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc").unwrap(),
        token
    );
}

#[test]
fn origins_have_one_written_form() {
    for (text, expected) in [
        ("https://relay.example", "https://relay.example"),
        ("HTTPS://Relay.Example:443/", "https://relay.example"),
        ("http://127.0.0.1:7700", "http://127.0.0.1:7700"),
        ("http://[::1]:80/", "http://[::1]"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ] {
        assert_eq!(text.parse::<Origin>().unwrap().as_str(), expected);
    }
    for text in [
        "",
        "relay.example",
        "ftp://relay.example",
        "https://",
        "https:///x",
        "https://a@b",
        "https://a:0",
        "https://a:65536",
        "https://a:+1",
        "https://a:",
        "https://é.example",
        "https://a b",
        "https://[::g]",
        "https://::1",
        "https://a\\b",
        "https://a/b",
        "https://a?b",
        "https://a//",
    ] {
        assert!(text.parse::<Origin>().is_err(), "{text}");
    }
    let origin = Origin::of_url("https://relay.example/v1/slots/x?y#z").unwrap();
    assert_eq!(origin.url("/health"), "https://relay.example/health");
}

#[test]
fn a_newer_relay_is_understood() {
    let body: ErrorBody = serde_json::from_str(r#"{"code":"SomethingNew","hint":1}"#).unwrap();
    assert_eq!(body.code, ErrorCode::Unknown);
    let limits: Limits = serde_json::from_str(r#"{"blob_bytes":1,"new":2}"#).unwrap();
    assert_eq!(
        limits,
        Limits {
            blob_bytes: 1,
            ..Limits::default()
        }
    );
}

#[test]
fn codes_are_written_in_camel_case() {
    let body = ErrorBody {
        code: ErrorCode::QuotaExceeded,
        next: None,
    };
    assert_eq!(serde_json::to_string(&body).unwrap(), r#"{"code":"QuotaExceeded"}"#);
}

#[test]
fn a_form_has_one_response() {
    assert_eq!(
        form::response_of_form(form::response_form("a.b.c").as_bytes()),
        Some("a.b.c")
    );
    assert_eq!(form::response_of_form(b"state=1&response=a"), Some("a"));
    for body in [
        &b""[..],
        b"response=",
        b"response=a&response=b",
        b"xresponse=a",
        b"\xff",
    ] {
        assert_eq!(form::response_of_form(body), None);
    }
}

proptest! {
    #[test]
    fn frames_come_back_as_written(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
        let mut writer = FrameWriter::default();
        for (number, body) in bodies.iter().enumerate() {
            writer.push(number as u64 * 3, body).unwrap();
        }
        let decoded = decode_frames(&writer.finish()).unwrap();
        prop_assert_eq!(decoded.into_iter().map(|frame| frame.body).collect::<Vec<_>>(), bodies);
    }

    #[test]
    fn a31_no_input_makes_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), text in ".{0,80}") {
        let _ = decode_frames(&bytes);
        let _ = form::response_of_form(&bytes);
        let _ = text.parse::<Origin>();
        let _ = format!("https://{text}").parse::<Origin>();
        let _ = Token::from_bearer(&text);
        let _ = serde_json::from_slice::<CreateMailbox>(&bytes);
        if let Ok(id) = text.parse::<MailboxId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }
}
