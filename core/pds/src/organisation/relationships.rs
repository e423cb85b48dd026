//! Relationships: the people that an organisation knows, each by a key that nobody else sees, each with one connection.

use kist_channel::{Address, Connection, OwnMailbox};
use kist_crypto::es256::PublicKey;
use kist_crypto::hpke;
use kist_exchange::{ReturnAddress, TransportPolicy, is_allowed_url};
use kist_vault::Transaction;
use kist_wire::Token;
use serde::{Deserialize, Serialize};

use crate::home::{from_json, let_go, to_json};
use crate::mail::{self, FreshMailbox};
use crate::{Error, Result};

const COLLECTION: &str = "relationships";

/// What the store keeps of a relationship, beside its connection.
#[derive(Serialize, Deserialize)]
struct Relationship {
    /// The earliest acceptance, Unix seconds, whose return address is newer than the one in use: answers may be collected
    /// in another order than they were given, and a withdrawal gives a new token too.
    address_since: i64,
}

/// The mailbox that an offer named, until somebody accepts the offer.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct OfferedMailbox {
    own: OwnMailbox,
    /// The receiving key, base64url of its 32 bytes.
    receiving: String,
}

impl From<FreshMailbox> for OfferedMailbox {
    fn from(fresh: FreshMailbox) -> Self {
        OfferedMailbox {
            own: fresh.own,
            receiving: kist_crypto::base64url(fresh.receiving.secret().expose()),
        }
    }
}

impl OfferedMailbox {
    fn connection(&self, person: PublicKey) -> Result<Connection> {
        let corrupt = || Error::new("Corrupt").with("part", "request");
        let bytes = kist_crypto::from_base64url(&self.receiving)?;
        let secret = kist_crypto::Secret::from_slice(&bytes).ok_or_else(corrupt)?;
        let receiving = hpke::PrivateKey::from_secret(secret)?;
        Ok(Connection::new(self.own.clone(), person, receiving))
    }
}

/// Where a person is reached, as they presented it. An address that may not be reached is refused here, since a message
/// to it would wait for ever.
pub(super) fn address(presented: ReturnAddress, policy: TransportPolicy) -> Result<Address> {
    if !is_allowed_url(&presented.relay, policy) {
        return Err(Error::new("AddressRefused"));
    }
    let malformed = |_| Error::new("Malformed").with("what", "address");
    Ok(Address {
        relay: presented.relay,
        mailbox: presented.mailbox.parse().map_err(malformed)?,
        send_token: presented.send_token.parse().map_err(malformed)?,
        receiving_key: kist_crypto::base64url(presented.receiving_key.to_bytes()),
    })
}

/// The relationship with the holder of `person`: the one that stands, with its connection, or a new one that begins with
/// the mailbox of the offer. `accepted_at` is when they presented `address`. Gives the relationship's name.
pub(super) fn meet(
    changes: &Transaction<'_>,
    person: &PublicKey,
    offered: &OfferedMailbox,
    address: Address,
    accepted_at: i64,
) -> Result<String> {
    let name = person.thumbprint();
    let Some(bytes) = changes.kept(COLLECTION, &name)? else {
        let mut connection = offered.connection(*person)?;
        connection.set_peer(address)?;
        store(changes, &name, &connection, accepted_at)?;
        return Ok(name);
    };
    let relationship: Relationship = from_json(&bytes)?;
    if accepted_at >= relationship.address_since {
        let mut connection = mail::connection(changes, &name)?;
        match connection.peer() {
            // The receiving key that the connection has is at least as new as the one presented.
            Some(known) if (&known.relay, known.mailbox) == (&address.relay, address.mailbox) => {
                connection.set_peer_send_token(address.send_token)?;
            }
            _ => connection.set_peer(address)?,
        }
        store(changes, &name, &connection, accepted_at)?;
    }
    Ok(name)
}

/// Takes the token that came with a withdrawal signed at `withdrawn_at`, in place of the one that was taken back.
pub(super) fn renew_token(changes: &Transaction<'_>, name: &str, token: Token, withdrawn_at: i64) -> Result<()> {
    let mut connection = mail::connection(changes, name)?;
    connection.set_peer_send_token(token)?;
    let since = match changes.kept(COLLECTION, name)? {
        Some(bytes) => from_json::<Relationship>(&bytes)?.address_since,
        None => 0,
    };
    // An acceptance of the same second may have been given before it. A withdrawal that is sent again is older than others.
    store(changes, name, &connection, since.max(withdrawn_at.saturating_add(1)))
}

/// Lets go of a relationship. Gives the mailbox that served it.
pub(super) fn forget(changes: &Transaction<'_>, name: &str) -> Result<OwnMailbox> {
    let own = mail::connection(changes, name)?.own().clone();
    let_go(changes, mail::CONNECTIONS, name)?;
    let_go(changes, COLLECTION, name)?;
    Ok(own)
}

/// Whether there is a relationship of this name.
pub(super) fn is_known(changes: &Transaction<'_>, name: &str) -> Result<bool> {
    Ok(changes.kept(COLLECTION, name)?.is_some())
}

/// The names of all relationships.
pub(super) fn names(home: &crate::home::Home) -> Result<Vec<String>> {
    let all = home.vault.all_kept(COLLECTION)?;
    Ok(all.into_iter().map(|(name, _)| name).collect())
}

fn store(changes: &Transaction<'_>, name: &str, connection: &Connection, address_since: i64) -> Result<()> {
    mail::keep_connection(changes, name, connection)?;
    Ok(changes.keep(COLLECTION, name, &to_json(&Relationship { address_since })?)?)
}
