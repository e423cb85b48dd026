//! The one form field of a wallet's answer (`direct_post.jwt`, OpenID4VP 1.0, section 8.3.1).

/// The body that posts `response` (a compact JWE, whose characters need no escaping) to a slot.
pub fn response_form(response: &str) -> String {
    format!("response={response}")
}

/// The `response` parameter of a posted form, or nothing when it has none, or more than one.
pub fn response_of_form(form: &[u8]) -> Option<&str> {
    let mut found = std::str::from_utf8(form)
        .ok()?
        .split('&')
        .filter_map(|pair| pair.strip_prefix("response="));
    let response = found.next().filter(|value| !value.is_empty())?;
    found.next().is_none().then_some(response)
}
