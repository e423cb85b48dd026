//! Addresses that a handshake may name: https, a public host, nothing hidden in it. Read strictly, so that the text that
//! is checked here can't mean another host to the client that fetches it (RFC 3986; ATTACKS A18, A31).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{Error, Result};

/// The longest address that is read, in bytes.
pub const MAX_ADDRESS: usize = 2048;

/// Which addresses are allowed beside https on public hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TransportPolicy {
    /// Also http and https on this machine itself (`localhost`, `127.0.0.0/8`, `[::1]`): for demonstrations and tests.
    pub allow_loopback: bool,
}

/// Scheme, host and port: what two addresses of one server share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// The origin of an address that the policy allows; anything else is `AddressRefused`.
///
/// Names are not resolved here: whoever connects refuses private addresses again after resolution.
pub(crate) fn allowed_origin(address: &str, policy: TransportPolicy) -> Result<Origin> {
    let (origin, loopback) = parse(address).ok_or(Error::AddressRefused)?;
    let allowed = match (loopback, origin.scheme) {
        (true, _) => policy.allow_loopback,
        (false, Scheme::Https) => true,
        (false, Scheme::Http) => false,
    };
    if allowed {
        Ok(origin)
    } else {
        Err(Error::AddressRefused)
    }
}

/// Whether a client may connect to this address.
pub fn is_allowed_url(address: &str, policy: TransportPolicy) -> bool {
    allowed_origin(address, policy).is_ok()
}

/// Whether a client may connect to this IP address, which a name was resolved to.
pub fn is_allowed_ip(ip: IpAddr, policy: TransportPolicy) -> bool {
    match meant(ip) {
        ip if ip.is_loopback() => policy.allow_loopback,
        ip => is_public(ip),
    }
}

/// The origin, and whether it is this machine. `None` for what is no address, and for literal private ones.
fn parse(address: &str) -> Option<(Origin, bool)> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b'"' | b'<' | b'>' | b'`');
    if address.len() > MAX_ADDRESS || !address.bytes().all(plain) {
        return None;
    }
    let (scheme, rest) = address.split_once("://")?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return None,
    };
    let authority = rest.split(['/', '?']).next()?;
    let (host, port) = split_port(authority)?;
    let port = match (port, scheme) {
        (Some(port), _) => port,
        (None, Scheme::Https) => 443,
        (None, Scheme::Http) => 80,
    };
    let host = host.to_ascii_lowercase();
    let loopback = match literal(&host)? {
        Some(ip) if ip.is_loopback() => true,
        Some(ip) if is_public(ip) => false,
        Some(_) => return None,
        None => host == "localhost",
    };
    Some((Origin { scheme, host, port }, loopback))
}

/// Host and port; user information is refused by the host's symbols.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.rfind(']') {
        Some(end) => {
            let (host, port) = authority.split_at(end + 1);
            (
                host,
                port.strip_prefix(':')
                    .map_or_else(|| port.is_empty().then_some(None), |p| Some(Some(p)))?,
            )
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    match port {
        None => Some((host, None)),
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some((host, Some(digits.parse().ok()?)))
        }
        Some(_) => None,
    }
}

/// The literal IP address that a host is, if it is one. `None` for what is neither a name nor an address in the usual
/// notation: `0x7f.1` and `2130706433` are addresses to some clients.
fn literal(host: &str) -> Option<Option<IpAddr>> {
    if let Some(inner) = host.strip_prefix('[') {
        let ip: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
        return Some(Some(meant(IpAddr::V6(ip))));
    }
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        return Some(Some(IpAddr::V4(ip)));
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let last = host.rsplit('.').next()?;
    let name = host.len() <= 253
        && host.split('.').all(label)
        && !last.bytes().all(|b| b.is_ascii_digit())
        && !last.starts_with("0x");
    name.then_some(None)
}

/// The IPv4 address that an IPv6 address stands for: mapped (RFC 4291, section 2.5.5.2), or behind the NAT64 of a network
/// without IPv4 (RFC 6052, section 2.1), by which phones reach most servers.
fn meant(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = ip else { return ip };
    let [head @ .., a, b, c, d] = six.octets();
    match head == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] {
        true => IpAddr::from([a, b, c, d]),
        false => six.to_ipv4_mapped().map_or(ip, IpAddr::V4),
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(ip.is_private() || ip.is_link_local() || ip.is_multicast() || shared || a == 0 || a >= 240)
        }
        IpAddr::V6(ip) => {
            let first = ip.segments()[0];
            // Global unicast is 2000::/3; what embeds an IPv4 address in it (6to4, Teredo) may hide a private one.
            first & 0xe000 == 0x2000 && first != 0x2002 && !(first == 0x2001 && ip.segments()[1] == 0)
        }
    }
}

/// Percent-encodes everything but RFC 3986's unreserved symbols.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

/// The pairs of `application/x-www-form-urlencoded` text. `None` for a broken escape, for what is not UTF-8, and for
/// more than `limit` pairs.
pub(crate) fn form_pairs(text: &str, limit: usize) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == limit {
            return None;
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((form_decode(name)?, form_decode(value)?));
    }
    Some(pairs)
}

fn form_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                (high * 16 + low) as u8
            }
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: TransportPolicy = TransportPolicy { allow_loopback: false };
    const DEMO: TransportPolicy = TransportPolicy { allow_loopback: true };

    #[test]
    fn a18_one_server_has_one_origin() {
        let same = [
            "https://relay.example/a",
            "HTTPS://Relay.Example:443/b?c",
            "https://relay.example",
        ];
        let origins: Vec<_> = same.iter().map(|a| allowed_origin(a, PUBLIC).unwrap()).collect();
        assert!(origins.windows(2).all(|pair| pair[0] == pair[1]));
        for other in [
            "https://relay.example:8443/",
            "https://relay.example.evil/",
            "https://elay.example/",
        ] {
            assert_ne!(allowed_origin(other, PUBLIC).unwrap(), origins[0]);
        }
    }

    #[test]
    fn a31_private_odd_and_plain_addresses_are_refused() {
        for refused in [
            "http://relay.example/",
            "ftp://relay.example/",
            "https:/relay.example",
            "https://",
            "https:///x",
            "https://user@relay.example/",
            "https://relay.example:99999/",
            "https://relay.example:/",
            "https://relay.example:+80/",
            "https://relay.example\\@evil.example/",
            "https://relay.example/#f",
            "https://re lay.example/",
            "https://10.0.0.1/",
            "https://192.168.1.1/",
            "https://172.16.0.1/",
            "https://169.254.169.254/",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://[fe80::1]/",
            "https://[fc00::1]/",
            "https://[::]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[2002:a00:1::]/",
            "https://[::1/",
            "https://relay..example/",
        ] {
            assert_eq!(allowed_origin(refused, DEMO), Err(Error::AddressRefused), "{refused}");
        }
        for loopback in [
            "http://127.0.0.1:8080/x",
            "http://localhost:1/",
            "https://[::1]:443/",
            "http://127.9.9.9/",
        ] {
            assert!(allowed_origin(loopback, DEMO).is_ok(), "{loopback}");
            assert_eq!(
                allowed_origin(loopback, PUBLIC),
                Err(Error::AddressRefused),
                "{loopback}"
            );
        }
        assert!(allowed_origin("https://[2606:4700::1]/", PUBLIC).is_ok());
        assert!(allowed_origin("https://9.9.9.9:8443/x", PUBLIC).is_ok());
    }

    #[test]
    fn a31_a_name_that_resolves_to_a_private_address_is_not_connected_to() {
        let allowed = |ip: &str, policy| is_allowed_ip(ip.parse().unwrap(), policy);
        for public in ["9.9.9.9", "2606:4700::1", "64:ff9b::909:909", "::ffff:9.9.9.9"] {
            assert!(allowed(public, PUBLIC), "{public}");
        }
        for private in [
            "10.0.0.1",
            "169.254.169.254",
            "::",
            "fe80::1",
            "64:ff9b::a00:1",
            "::ffff:192.168.0.1",
        ] {
            assert!(!allowed(private, DEMO), "{private}");
        }
        for loopback in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"] {
            assert!(allowed(loopback, DEMO) && !allowed(loopback, PUBLIC), "{loopback}");
        }
        assert!(is_allowed_url("https://relay.example/x", PUBLIC) && !is_allowed_url("http://relay.example/x", DEMO));
    }

    #[test]
    fn a_form_reads_back_what_was_encoded() {
        let text = "https://é.example/?a=b&c d+%";
        let pairs = form_pairs(&format!("k={}&k2=a+b", percent_encode(text)), 2).unwrap();
        assert_eq!(pairs, [("k".into(), text.into()), ("k2".into(), "a b".into())]);
        assert!(
            form_pairs("a=%g0", 2).is_none() && form_pairs("a=%f", 2).is_none() && form_pairs("a=%ff", 2).is_none()
        );
        assert!(form_pairs("a&b&c", 2).is_none());
    }
}
