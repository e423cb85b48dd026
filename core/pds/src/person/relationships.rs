//! Relationships: for each organisation one key, one mailbox and one connection, shared with no other.

use kist_channel::Connection;
use kist_crypto::es256::PublicKey;
use kist_identity::RelationshipKey;
use kist_vault::Transaction;
use kist_wire::Token;
use serde::{Deserialize, Serialize};

use crate::home::{Home, from_json, to_json};
use crate::mail::{self, FreshMailbox, fresh_mailbox};
use crate::relay::Relay;
use crate::{Error, Result};

pub(super) const COLLECTION: &str = "relationships";

/// What the store keeps of a relationship, beside its connection.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Relationship {
    pub(super) organisation_id: String,
    pub(super) organisation: String,
    /// The relationship's key, base64url of its bytes.
    key: String,
    /// What allows sending to the person's mailbox, as the organisation has it.
    pub(super) send_token: Token,
}

impl Relationship {
    pub(super) fn key(&self) -> Result<RelationshipKey> {
        Ok(RelationshipKey::from_bytes(&kist_crypto::from_base64url(&self.key)?)?)
    }
}

/// A relationship that an answer is given in: one that stands, or a new one that is stored with the answer.
pub(super) struct Speaking {
    pub(super) key: RelationshipKey,
    pub(super) relationship: Relationship,
    pub(super) connection: Connection,
}

impl Speaking {
    /// The relationship's name in the store.
    pub(super) fn id(&self) -> String {
        self.key.id().to_string()
    }

    /// Stores it.
    pub(super) fn keep(&self, changes: &Transaction<'_>) -> Result<()> {
        changes.keep(COLLECTION, &self.id(), &to_json(&self.relationship)?)?;
        mail::keep_connection(changes, &self.id(), &self.connection)
    }
}

/// The relationship with an organisation, where there is one.
pub(super) fn with_organisation(home: &Home, organisation_id: &str) -> Result<Option<Speaking>> {
    for (id, relationship) in home.all_kept::<Relationship>(COLLECTION)? {
        if relationship.organisation_id == organisation_id {
            let connection = home.transaction(|changes| mail::connection(changes, &id))?;
            return Ok(Some(Speaking {
                key: relationship.key()?,
                relationship,
                connection,
            }));
        }
    }
    Ok(None)
}

/// Begins a relationship: a key and a mailbox that nobody else is given.
pub(super) async fn begin(
    relay: &Relay,
    organisation_id: &str,
    organisation: &str,
    peer: PublicKey,
) -> Result<Speaking> {
    let key = RelationshipKey::generate(&mut kist_crypto::OsRandom);
    let FreshMailbox {
        own,
        send_token,
        receiving,
    } = fresh_mailbox(relay).await?;
    let relationship = Relationship {
        organisation_id: organisation_id.to_owned(),
        organisation: organisation.to_owned(),
        key: kist_crypto::base64url(key.to_bytes().expose()),
        send_token,
    };
    Ok(Speaking {
        connection: Connection::new(own, peer, receiving),
        key,
        relationship,
    })
}

/// A relationship by its name in the store.
pub(super) fn by_id(changes: &Transaction<'_>, id: &str) -> Result<Relationship> {
    let bytes = changes
        .kept(COLLECTION, id)?
        .ok_or_else(|| Error::new("NotFound").with("what", "relationship"))?;
    from_json(&bytes)
}
