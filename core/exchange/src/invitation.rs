//! An organisation's invitation: where anybody may knock, signed by its access certificate (docs/formats/connections.md).
//!
//! It is the same for all people, or, in a letter, for the one that the letter went to. A person who verified it knocks by
//! a [`crate::Hello`].

use std::collections::BTreeSet;

use kist_crypto::{Context, base64url, jws, sha256};
use kist_trust::{Grounds, Reason, TrustedParty, verify_organisation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::address::allowed_origin;
use crate::wire::{CLOCK_SKEW, certificates, x5c};
use crate::{Error, MixUp, Result, ReturnAddress, TransportPolicy};

/// The largest invitation that is read, in bytes of its compact form.
pub const MAX_INVITATION: usize = 128 << 10;
/// The context that a letter's invitation is sealed under.
pub const LETTER: Context<'static> = Context {
    label: "kist/2026-11/letter",
    version: 1,
    fields: &[],
};
const TYPE: &str = "kist-invitation+jwt";
const VERSION: u64 = 1;
/// The most intended uses and clusters that an invitation names.
const MAX_NAMED: usize = 64;
/// The most bytes of a name in it.
pub(crate) const MAX_NAME: usize = 256;
const MALFORMED: Error = Error::Malformed { what: "invitation" };

/// An invitation to make.
#[derive(Debug, Clone, Copy)]
pub struct InvitationDraft<'a> {
    /// The access certificate and what leads to the anchor, DER, leaf first.
    pub certificates: &'a [Vec<u8>],
    /// The registration, a compact JWS of the framework.
    pub registration: &'a str,
    /// Where hellos go, and the key that they are sealed to.
    pub address: &'a ReturnAddress,
    /// The intended uses that are offered here, by id.
    pub uses: &'a [String],
    /// The clusters in which the organisation takes part.
    pub clusters: &'a [ClusterName],
    /// What proves that a hello comes from the letter's reader: random, in a letter alone.
    pub letter: Option<&'a str>,
    /// When it is made, Unix seconds.
    pub issued_at: i64,
    /// The last second at which it may be used, Unix seconds.
    pub expires_at: i64,
    /// Which addresses are allowed.
    pub policy: TransportPolicy,
}

/// A cluster by who leads it and the name that they give it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterName {
    /// The id of the organisation that leads it.
    pub lead: String,
    /// The cluster's id with that organisation.
    pub id: String,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    version: u64,
    relay: String,
    mailbox: String,
    send_token: String,
    receiving_key: String,
    uses: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    clusters: Vec<ClusterName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    letter: Option<String>,
    registration: String,
    iat: i64,
    exp: i64,
}

impl InvitationDraft<'_> {
    /// What the access certificate's key signs.
    ///
    /// Errors: `AddressRefused`, `Malformed`.
    pub fn prepare(&self) -> Result<jws::Unsigned> {
        allowed_origin(&self.address.relay, self.policy)?;
        let claims = Value::Object(self.address.to_claims());
        let address: AddressClaims = serde_json::from_value(claims).map_err(|_| MALFORMED)?;
        let payload = Payload {
            version: VERSION,
            relay: address.relay,
            mailbox: address.mailbox,
            send_token: address.send_token,
            receiving_key: address.receiving_key,
            uses: self.uses.to_vec(),
            clusters: self.clusters.to_vec(),
            letter: self.letter.map(str::to_owned),
            registration: self.registration.to_owned(),
            iat: self.issued_at,
            exp: self.expires_at,
        };
        payload.check()?;
        signed_by(self.certificates, TYPE, &payload)
    }
}

#[derive(Deserialize)]
struct AddressClaims {
    relay: String,
    mailbox: String,
    send_token: String,
    receiving_key: String,
}

impl Payload {
    fn check(&self) -> Result<()> {
        let name = |name: &String| !name.is_empty() && name.len() <= MAX_NAME;
        let clusters = self.clusters.iter().flat_map(|cluster| [&cluster.lead, &cluster.id]);
        let once = self.uses.iter().collect::<BTreeSet<_>>().len() == self.uses.len();
        let few = (1..=MAX_NAMED).contains(&self.uses.len()) && self.clusters.len() <= MAX_NAMED;
        let named = self.uses.iter().chain(clusters).chain(&self.letter).all(name);
        match once && few && named && self.iat < self.exp {
            true => Ok(()),
            false => Err(MALFORMED),
        }
    }
}

/// An invitation whose organisation is believed, in time, with an address that may be reached.
#[derive(Clone)]
pub struct VerifiedInvitation {
    party: TrustedParty,
    address: ReturnAddress,
    uses: Vec<String>,
    clusters: Vec<ClusterName>,
    letter: Option<String>,
    expires_at: i64,
    hash: String,
}

impl VerifiedInvitation {
    /// Verifies an invitation at `now` (Unix seconds). `client_id` is what a link said of its signer, where a link led here.
    ///
    /// Errors: `OrganisationNotTrusted` and trust's others; `MixUpRefused` for another signer than the link's;
    /// `SignatureInvalid`, `RequestExpired`, `NotYetValid`, `AddressRefused`, `Malformed`, `TooLarge`, `Unsupported`.
    pub fn verify(
        compact: &str,
        client_id: Option<&str>,
        trust: &Grounds<'_>,
        now: i64,
        policy: TransportPolicy,
    ) -> Result<Self> {
        let (payload, party) = open::<Payload>(compact, TYPE, trust, now, |payload| &payload.registration)?;
        check_client(client_id, &party)?;
        if payload.version != VERSION {
            return Err(Error::Unsupported { what: "invitation" });
        }
        payload.check()?;
        check_time(payload.iat, payload.exp, now)?;
        allowed_origin(&payload.relay, policy)?;
        let registered = |id: &String| party.registration.intended_use(id).is_some();
        if !payload.uses.iter().all(registered) {
            return Err(MALFORMED);
        }
        let claims = Map::from_iter([
            ("relay".to_owned(), payload.relay.into()),
            ("mailbox".to_owned(), payload.mailbox.into()),
            ("send_token".to_owned(), payload.send_token.into()),
            ("receiving_key".to_owned(), payload.receiving_key.into()),
        ]);
        Ok(VerifiedInvitation {
            party,
            address: ReturnAddress::from_claims(&claims)?,
            uses: payload.uses,
            clusters: payload.clusters,
            letter: payload.letter,
            expires_at: payload.exp,
            hash: invitation_hash(compact),
        })
    }

    /// Who invites.
    pub fn party(&self) -> &TrustedParty {
        &self.party
    }

    /// Where hellos go.
    pub fn address(&self) -> &ReturnAddress {
        &self.address
    }

    /// The intended uses that are offered, by id; each is registered.
    pub fn uses(&self) -> &[String] {
        &self.uses
    }

    /// Whether the organisation takes part in a cluster.
    pub fn is_in(&self, cluster: &ClusterName) -> bool {
        self.clusters.contains(cluster)
    }

    /// What proves that a hello comes from the letter's reader.
    pub fn letter(&self) -> Option<&str> {
        self.letter.as_deref()
    }

    /// The last second at which it may be used, Unix seconds.
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// Its name: SHA-256 of its compact form, base64url.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Its signer as a link names it: `x509_hash:…`.
    pub fn client_id(&self) -> String {
        x509_hash_of(&self.party)
    }
}

impl std::fmt::Debug for VerifiedInvitation {
    /// Who invites alone: the address carries a token, and a letter its secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifiedInvitation({}, …)", self.party.organisation_id)
    }
}

/// An invitation's name: SHA-256 of its compact form, base64url.
pub fn invitation_hash(compact: &str) -> String {
    base64url(sha256(&[compact.as_bytes()]))
}

/// A statement of an organisation to be signed, with the certificates of its key.
pub(crate) fn signed_by(certificates: &[Vec<u8>], typ: &str, payload: &impl Serialize) -> Result<jws::Unsigned> {
    let header = Map::from_iter([
        ("typ".to_owned(), Value::from(typ)),
        ("x5c".to_owned(), x5c(certificates)),
    ]);
    let payload = serde_json::to_vec(payload).map_err(|_| MALFORMED)?;
    Ok(jws::Unsigned::new(header, &payload))
}

/// A statement that an organisation of the framework signed, and who that is.
pub(crate) fn open<T: for<'de> Deserialize<'de>>(
    compact: &str,
    typ: &'static str,
    trust: &Grounds<'_>,
    now: i64,
    registration: impl Fn(&T) -> &String,
) -> Result<(T, TrustedParty)> {
    if compact.len() > MAX_INVITATION {
        return Err(Error::TooLarge {
            what: "invitation",
            limit: MAX_INVITATION,
        });
    }
    let parsed = jws::parse(compact)?;
    if parsed.header_str("typ") != Some(typ) {
        return Err(MALFORMED);
    }
    let chain = certificates(parsed.header.get("x5c"))?;
    let payload: T = serde_json::from_slice(&parsed.payload).map_err(|_| MALFORMED)?;
    if chain.is_empty() {
        return Err(kist_trust::Error::from(Reason::Unsigned).into());
    }
    let party = verify_organisation(&chain, registration(&payload), trust.lists, trust.anchors, now)?;
    parsed.verify(&party.key)?;
    Ok((payload, party))
}

/// That what an organisation signed holds now, and that its times are of a calendar, since people are shown them.
pub(crate) fn check_time(issued: i64, expires: i64, now: i64) -> Result<()> {
    if now > expires {
        return Err(Error::RequestExpired);
    }
    if issued > now.saturating_add(CLOCK_SKEW) {
        return Err(Error::NotYetValid { at: issued });
    }
    if issued < 0 || expires > kist_identity::MAX_TIME {
        return Err(Error::Malformed { what: "expiry" });
    }
    Ok(())
}

/// That a statement's signer is who a link said.
pub(crate) fn check_client(named: Option<&str>, party: &TrustedParty) -> Result<()> {
    match named {
        Some(named) if named != x509_hash_of(party) => Err(Error::MixUpRefused { part: MixUp::ClientId }),
        _ => Ok(()),
    }
}

fn x509_hash_of(party: &TrustedParty) -> String {
    format!("x509_hash:{}", base64url(party.certificate_sha256))
}
