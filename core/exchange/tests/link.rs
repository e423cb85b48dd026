//! The link that starts a handshake: what is one, what is not, and what is refused.

use kist_exchange::{Error, MAX_LINK, RequestLink, RequestUriMethod, TransportPolicy};
use proptest::prelude::*;

const PUBLIC: TransportPolicy = TransportPolicy { allow_loopback: false };
const CLIENT: &str = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk";
const QUERY: &str = "client_id=x509_hash%3AUvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk&request_uri=https%3A%2F%2Frelay.example%2Fv1%2Fslots%2Fabc%2Frequest";

fn parse(text: &str) -> Result<RequestLink, Error> {
    RequestLink::parse(text, PUBLIC)
}

#[test]
fn h1_a_link_is_read_from_every_scheme_and_from_web_links() {
    let expected = RequestLink::new(CLIENT, "https://relay.example/v1/slots/abc/request", PUBLIC).unwrap();
    for text in [
        format!("openid4vp://?{QUERY}"),
        format!("OpenID4VP:?{QUERY}"),
        format!("  openid4vp://authorize?{QUERY}\n"),
        format!("haip-vp://?{QUERY}&unknown=1"),
        format!("eudi-openid4vp://?{QUERY}&request_uri_method=get"),
        format!("https://kist.example/open?{QUERY}"),
        format!("https://kist.example/open#{QUERY}"),
        expected.to_uri(),
        expected.to_universal_link("https://kist.example/open"),
    ] {
        assert_eq!(parse(&text).unwrap(), expected, "{text}");
    }
    assert_eq!(expected.client_id(), CLIENT);
    assert_eq!(expected.method(), RequestUriMethod::Get);
    let post = parse(&format!("openid4vp://?{QUERY}&request_uri_method=post")).unwrap();
    assert_eq!(post.method(), RequestUriMethod::Post);
    assert_eq!(parse(&post.to_uri()).unwrap(), post);
}

#[test]
fn h1_what_is_no_request_says_so() {
    for text in [
        "",
        "kist",
        "https://www.example.org/",
        "https://www.example.org/#top",
        "WIFI:T:WPA;S:clinic;P:secret;;",
        "BEGIN:VCARD\nFN:Ada\nEND:VCARD",
        "openid4vp://",
        "openid4vp://?client_id=x",
        "openid4vp:client_id=x&request_uri=y",
        "mailto:ada@example.org?client_id=x&request_uri=y",
        &format!("http://kist.example/?{QUERY}"),
        &format!("openid4vp://?{QUERY}&request_uri=https%3A%2F%2Fevil.example%2F"),
        &format!("openid4vp://?{QUERY}&client_id=other"),
        &format!("openid4vp://?{QUERY}&broken=%zz"),
        &format!("openid4vp://?{QUERY}{}", "&x=y".repeat(20)),
        &format!("openid4vp://?{QUERY}&pad={}", "a".repeat(MAX_LINK)),
    ] {
        assert_eq!(parse(text), Err(Error::NotARequest), "{text}");
    }
}

#[test]
fn h1_a_request_that_cannot_be_answered_is_told_from_none() {
    let unsupported = |text: &str| matches!(parse(text), Err(Error::Unsupported { .. }));
    assert!(unsupported(
        "openid4vp://?client_id=redirect_uri%3Ahttps%3A%2F%2Fa.example&response_type=vp_token"
    ));
    assert!(unsupported(&format!(
        "openid4vp://?client_id={CLIENT}&request=eyJ.e30.AA"
    )));
    assert!(unsupported(
        "openid4vp://?client_id=x509_san_dns%3Aa.example&request_uri=https%3A%2F%2Fa.example%2F"
    ));
    assert!(unsupported(&format!("openid4vp://?{QUERY}&request_uri_method=GET")));
    let malformed = parse("openid4vp://?client_id=x509_hash%3Ashort&request_uri=https%3A%2F%2Fa.example%2F");
    assert_eq!(malformed, Err(Error::Malformed { what: "client_id" }));
}

#[test]
fn a31_a_link_to_a_private_or_plain_address_is_refused() {
    let demo = TransportPolicy { allow_loopback: true };
    for address in [
        "http://relay.example/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "file:///etc/passwd",
    ] {
        assert_eq!(
            RequestLink::new(CLIENT, address, demo),
            Err(Error::AddressRefused),
            "{address}"
        );
    }
    let loopback = "http://127.0.0.1:8080/request";
    assert_eq!(RequestLink::new(CLIENT, loopback, PUBLIC), Err(Error::AddressRefused));
    let link = RequestLink::new(CLIENT, loopback, demo).unwrap();
    assert_eq!(parse(&link.to_uri()), Err(Error::AddressRefused));
    assert_eq!(RequestLink::parse(&link.to_uri(), demo).unwrap(), link);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a31_any_text_is_a_link_or_an_error(text in "(openid4vp|haip-vp|https)?:?/?/?[?#]?\\PC{0,80}") {
        if let Ok(link) = parse(&text) {
            prop_assert_eq!(parse(&link.to_uri()).unwrap(), link);
        }
    }

    #[test]
    fn a31_any_change_of_a_link_is_a_link_or_an_error(place in 0_usize..200, byte in any::<u8>()) {
        let mut bytes = format!("openid4vp://?{QUERY}").into_bytes();
        let place = place % bytes.len();
        bytes[place] = byte;
        if let Ok(link) = parse(&String::from_utf8_lossy(&bytes)) {
            prop_assert_eq!(parse(&link.to_uri()).unwrap(), link);
        }
    }
}
