//! What the person has set: the relay that their mailboxes and backup are made on.

use crate::Result;
use crate::home::{Home, to_json};
use crate::relay::Relay;

const COLLECTION: &str = "settings";
const RELAY: &str = "relay";

/// The relay that was set, where one is.
pub(super) fn relay(home: &Home) -> Result<Option<String>> {
    home.kept(COLLECTION, RELAY)
}

/// Sets the relay for what is made from now on.
pub(super) fn set_relay(home: &Home, relay: &str) -> Result<()> {
    let origin = Relay::new(home.mail.clone(), relay)?.origin().to_string();
    home.keep(COLLECTION, RELAY, &to_json(&origin)?)
}
