//! Relationships: for each organisation one key, one mailbox and one connection, shared with no other.

pub(in crate::person) mod recall;
pub(in crate::person) mod sending;
pub(in crate::person) mod settling;

use kist_channel::{Address, Connection};
use kist_consent::Connection as OfferedConnection;
use kist_exchange::{ReturnAddress, TransportPolicy, is_allowed_url};
use kist_identity::RelationshipKey;
use kist_trust::TrustedParty;
use kist_vault::Transaction;
use kist_wire::Token;
use serde::{Deserialize, Serialize};

use crate::agreements;
pub(in crate::person) use crate::agreements::RELATIONSHIPS as COLLECTION;
use crate::home::{Home, from_json, to_json};
use crate::mail::{self, FreshMailbox, fresh_mailbox};
use crate::relay::Relay;
use crate::{Error, Result};

/// Other people, with whom there is a connection too.
pub(in crate::person) const PEOPLE: &str = "people";
/// The most mailboxes of an organisation that was never heard that one message goes to.
const MAX_DOORS: usize = 8;

/// What the store keeps of a relationship, beside its connection.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::person) struct Relationship {
    pub(in crate::person) organisation_id: String,
    pub(in crate::person) organisation: String,
    /// The framework that vouches for it, by its anchor's label: in another, the same id may be somebody else's.
    pub(in crate::person) anchor: String,
    /// The relationship's key, base64url of its bytes.
    key: String,
    /// What allows sending to the person's mailbox, as the organisation has it.
    pub(in crate::person) send_token: Token,
    /// The person ended it: what comes after is another one.
    #[serde(default)]
    pub(in crate::person) ended: bool,
}

impl Relationship {
    pub(in crate::person) fn key(&self) -> Result<RelationshipKey> {
        Ok(RelationshipKey::from_bytes(&kist_crypto::from_base64url(&self.key)?)?)
    }
}

/// A relationship that an answer is given in: one that stands, or a new one that is stored with the answer.
pub(in crate::person) struct Speaking {
    pub(in crate::person) key: RelationshipKey,
    pub(in crate::person) relationship: Relationship,
    pub(in crate::person) connection: Connection,
    stands: bool,
}

impl Speaking {
    /// The relationship's name in the store.
    pub(in crate::person) fn id(&self) -> String {
        self.key.id().to_string()
    }

    /// Stores it, where it is new, with the organisation's address.
    ///
    /// Errors: `InUse` where the relationship is no longer the one that the answer was made with: another answer has
    /// begun one, or a withdrawal has replaced its token. The answer is to be made anew.
    pub(in crate::person) fn keep(&mut self, changes: &Transaction<'_>, peer: Address) -> Result<()> {
        let Relationship {
            organisation_id,
            anchor,
            ..
        } = &self.relationship;
        let known = find(changes.all_kept(COLLECTION)?, organisation_id, anchor)?;
        match (known, self.stands) {
            (None, false) => {
                self.connection.set_peer(peer)?;
                changes.keep(COLLECTION, &self.id(), &to_json(&self.relationship)?)?;
                mail::keep_connection(changes, &self.id(), &self.connection)
            }
            (Some((_, known)), true) if known.send_token == self.relationship.send_token => {
                // Until the organisation was heard it may never have read an earlier answer, nor the mailbox that went
                // with it: the newest offer is where it will look first.
                let mut connection = mail::connection(changes, &self.id())?;
                if connection.received() == 0 {
                    connection.set_peer(peer)?;
                    mail::keep_connection(changes, &self.id(), &connection)?;
                }
                Ok(())
            }
            _ => Err(Error::new("InUse")),
        }
    }
}

impl Speaking {
    /// Stores it, where it is new, before the organisation has said where it is reached.
    ///
    /// Errors: `InUse` as [`Speaking::keep`].
    pub(in crate::person) fn keep_unanswered(&self, changes: &Transaction<'_>) -> Result<()> {
        let Relationship {
            organisation_id,
            anchor,
            ..
        } = &self.relationship;
        match (
            find(changes.all_kept(COLLECTION)?, organisation_id, anchor)?,
            self.stands,
        ) {
            (None, false) => {
                changes.keep(COLLECTION, &self.id(), &to_json(&self.relationship)?)?;
                mail::keep_connection(changes, &self.id(), &self.connection)
            }
            (Some((_, known)), true) if known.send_token == self.relationship.send_token => Ok(()),
            _ => Err(Error::new("InUse")),
        }
    }
}

/// The relationship with an organisation, where there is one.
pub(in crate::person) fn with_party(home: &Home, party: &TrustedParty) -> Result<Option<Speaking>> {
    let all = home.vault.all_kept(COLLECTION)?;
    let Some((id, relationship)) = find(all, &party.organisation_id, &party.anchor_label)? else {
        return Ok(None);
    };
    Ok(Some(Speaking {
        key: relationship.key()?,
        relationship,
        connection: mail::read_connection(home, &id)?,
        stands: true,
    }))
}

fn find(all: Vec<(String, Vec<u8>)>, organisation_id: &str, anchor: &str) -> Result<Option<(String, Relationship)>> {
    for (id, bytes) in all {
        let relationship: Relationship = from_json(&bytes)?;
        if relationship.organisation_id == organisation_id && relationship.anchor == anchor && !relationship.ended {
            return Ok(Some((id, relationship)));
        }
    }
    Ok(None)
}

/// Begins a relationship: a key and a mailbox that nobody else is given.
pub(in crate::person) async fn begin(relay: &Relay, party: &TrustedParty) -> Result<Speaking> {
    let key = RelationshipKey::generate(&mut kist_crypto::OsRandom);
    let FreshMailbox {
        own,
        send_token,
        receiving,
    } = fresh_mailbox(relay).await?;
    let relationship = Relationship {
        organisation_id: party.organisation_id.clone(),
        organisation: party.legal_name.clone(),
        anchor: party.anchor_label.clone(),
        key: kist_crypto::base64url(key.to_bytes().expose()),
        send_token,
        ended: false,
    };
    Ok(Speaking {
        connection: Connection::new(own, party.key, receiving),
        key,
        relationship,
        stands: false,
    })
}

/// Where the organisation may read what is sent to it now: the connection's address, and until it was heard for the first
/// time the mailbox of every offer that was accepted, since it reads the one whose answer it collects first.
pub(in crate::person) fn doors(home: &Home, changes: &Transaction<'_>, id: &str) -> Result<Vec<Address>> {
    let connection = mail::connection(changes, id)?;
    let mut doors: Vec<Address> = connection.peer().cloned().into_iter().collect();
    if connection.received() > 0 {
        return Ok(doors);
    }
    for kept in agreements::of_relationship(changes, id)? {
        let offered = address(&kept.agreement.offer().connection, home.platform.transport)?;
        if doors.len() < MAX_DOORS && doors.iter().all(|door| door.mailbox != offered.mailbox) {
            doors.push(offered);
        }
    }
    Ok(doors)
}

/// Where the organisation of this relationship reaches the person.
pub(in crate::person) fn return_address(speaking: &Speaking) -> Result<ReturnAddress> {
    let address = speaking
        .connection
        .own_address(speaking.relationship.send_token.clone());
    let receiving_key = kist_crypto::from_base64url(&address.receiving_key)?;
    let token = serde_json::to_value(&address.send_token)?;
    Ok(ReturnAddress {
        relay: address.relay,
        mailbox: address.mailbox.to_string(),
        send_token: token.as_str().unwrap_or_default().to_owned(),
        receiving_key: kist_crypto::hpke::PublicKey::from_bytes(&receiving_key)?,
    })
}

/// The organisation's address as the offer has it. One that may not be reached is refused here, since a message to it
/// would wait for ever.
pub(in crate::person) fn address(connection: &OfferedConnection, policy: TransportPolicy) -> Result<Address> {
    let OfferedConnection {
        relay,
        mailbox,
        send_token,
        receiving_key,
    } = connection;
    if !is_allowed_url(relay, policy) {
        return Err(Error::new("AddressRefused"));
    }
    let malformed = |_| Error::new("Malformed").with("what", "address");
    Ok(Address {
        relay: relay.clone(),
        mailbox: mailbox.parse().map_err(malformed)?,
        send_token: send_token.parse().map_err(malformed)?,
        receiving_key: receiving_key.clone(),
    })
}

/// Posts a new receiving key wherever the one in use has served long enough.
pub(in crate::person) fn renew_keys(home: &Home) -> Result<()> {
    let now = home.platform.now();
    for id in home.vault.kept_keys(COLLECTION)? {
        if mail::read_connection(home, &id)?.wants_new_key(now) {
            let key = read(home, &id)?.key()?;
            home.transaction(|changes| mail::renew_key(changes, &id, &mail::signer(&key), now))?;
        }
    }
    Ok(())
}

/// A relationship by its name in the store, to change it.
pub(in crate::person) fn by_id(changes: &Transaction<'_>, id: &str) -> Result<Relationship> {
    found(changes.kept(COLLECTION, id)?)
}

/// A relationship by its name in the store, to look at.
pub(in crate::person) fn read(home: &Home, id: &str) -> Result<Relationship> {
    found(home.vault.kept(COLLECTION, id)?)
}

fn found(bytes: Option<Vec<u8>>) -> Result<Relationship> {
    let bytes = bytes.ok_or_else(|| Error::new("NotFound").with("what", "relationship"))?;
    from_json(&bytes)
}
