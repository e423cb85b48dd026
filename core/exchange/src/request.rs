//! The person's side reads a request: who signed it, whether they may ask, and that nothing in it belongs to anyone else
//! (OpenID4VP 1.0, sections 5 and 14; ATTACKS A18).

use kist_consent::{Offer, Signed};
use kist_crypto::es256::PublicKey;
use kist_crypto::jws;
use kist_identity::dcql::{Meta, Query};
use kist_trust::{Grounds, Presented, Reason, TrustedParty, Verdict, verify_request, x509_hash};

use crate::address::allowed_origin;
use crate::invitation::check_time;
use crate::wire::{
    AUDIENCE, EncryptionKey, MAX_REQUEST, RESPONSE_MODE, RESPONSE_TYPE, RequestObject, TYPE, VerifierInfo,
    certificates, is_url_safe,
};
use crate::{CONNECTION, CONNECTION_TYPE, Commission, Error, MixUp, RequestLink, Result, Session, TransportPolicy};
use crate::{agreement, transaction};

/// A request that an organisation of the framework signed, whole and in time. Whether what it asks is reasonable is for
/// the consent room to evaluate and for the person to decide.
#[derive(Clone)]
pub struct VerifiedRequest {
    asking: Asking,
    query: Query,
    offer: Option<Signed<Offer>>,
    pub(crate) transaction_data: Vec<String>,
    pub(crate) client_id: String,
    pub(crate) nonce: String,
    pub(crate) state: Option<String>,
    pub(crate) response_uri: String,
    pub(crate) session: Option<Session>,
    pub(crate) encryption: EncryptionKey,
    issued_at: i64,
    expires_at: i64,
}

/// Who stands behind a request.
#[derive(Clone)]
struct Asking {
    /// Whose request it is. Where a supplier asks, its registration has the uses of the mandate alone.
    party: TrustedParty,
    supplier: Option<TrustedParty>,
    /// Why no framework vouches for the party; in a developer's mode alone.
    unverified: Option<Reason>,
}

impl VerifiedRequest {
    /// Verifies the request object that was fetched from the link's `request_uri`, at `now` (Unix seconds).
    ///
    /// A supplier's request is that of the organisation which it acts for, and which signed what is asked.
    ///
    /// Errors: `MixUpRefused` where link, certificate, request, offer and addresses are not of one party;
    /// `RequestExpired`, `NotYetValid`; `InvalidTransactionData`; `AddressRefused`; trust's for the organisation
    /// (`OrganisationNotTrusted`, `PrincipalNotTrusted` …); `SignatureInvalid`; `Unsupported` outside the profile; `Malformed`, `TooLarge`.
    pub fn verify(
        jwt: &str,
        link: &RequestLink,
        trust: &Grounds<'_>,
        now: i64,
        policy: TransportPolicy,
    ) -> Result<Self> {
        let (object, asking) = authenticate(jwt, link, trust, now, policy)?;
        check_time(object.iat, object.exp, now)?;
        let query = Query::from_value(&object.dcql_query)?;
        let offer = match &object.transaction_data {
            None => None,
            Some(data) => Some(offer(data, &query, &asking, now)?),
        };
        Ok(VerifiedRequest {
            encryption: object.client_metadata.encryption_key()?,
            asking,
            query,
            offer,
            transaction_data: object.transaction_data.unwrap_or_default(),
            client_id: object.client_id,
            nonce: object.nonce,
            state: object.state,
            response_uri: object.response_uri,
            session: object.client_metadata.kist_session,
            issued_at: object.iat,
            expires_at: object.exp,
        })
    }

    /// Whose request it is: who asks, or the organisation that a supplier asks for. Where a supplier asks, the registration
    /// has the uses of its mandate alone. Where [`VerifiedRequest::unverified`] says so, all of it is hearsay.
    pub fn party(&self) -> &TrustedParty {
        &self.asking.party
    }

    /// The supplier that asks in the party's name.
    pub fn supplier(&self) -> Option<&TrustedParty> {
        self.asking.supplier.as_ref()
    }

    /// Why no framework vouches for the party. Only ever with [`kist_trust::Mode::Developer`].
    pub fn unverified(&self) -> Option<Reason> {
        self.asking.unverified
    }

    /// What is asked.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The agreement that is offered; none for a single sharing.
    pub fn offer(&self) -> Option<&Signed<Offer>> {
        self.offer.as_ref()
    }

    /// Where the answer goes.
    pub fn response_uri(&self) -> &str {
        &self.response_uri
    }

    /// The session that the answer is given out to: the person has to bring it a code.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// When it was asked, Unix seconds.
    pub fn issued_at(&self) -> i64 {
        self.issued_at
    }

    /// When the request ends, Unix seconds.
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }
}

impl std::fmt::Debug for VerifiedRequest {
    /// Who asks alone: the offer carries a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifiedRequest({}, …)", self.client_id)
    }
}

/// Signature, signer and addresses; nothing of the request is believed before.
fn authenticate(
    jwt: &str,
    link: &RequestLink,
    trust: &Grounds<'_>,
    now: i64,
    policy: TransportPolicy,
) -> Result<(RequestObject, Asking)> {
    const MALFORMED: Error = Error::Malformed { what: "request" };
    if jwt.len() > MAX_REQUEST {
        return Err(Error::TooLarge {
            what: "request",
            limit: MAX_REQUEST,
        });
    }
    let parsed = jws::parse(jwt)?;
    if parsed.header_str("typ") != Some(TYPE) {
        return Err(MALFORMED);
    }
    let chain = certificates(parsed.header.get("x5c"))?;
    let object: RequestObject = serde_json::from_slice(&parsed.payload).map_err(|_| MALFORMED)?;
    check_client(&object, link, &chain)?;
    let registration = object.verifier_info.iter().find_map(VerifierInfo::jwt);
    let registration = registration.ok_or(Error::Malformed { what: "verifier_info" })?;
    let sender = Presented {
        chain: &chain,
        registration,
    };
    let commission = commission(&object)?;
    let principal = commission.as_ref().map(|(commission, registration)| Presented {
        chain: commission.chain(),
        registration,
    });
    let (asking, key) = Asking::of(verify_request(&sender, principal.as_ref(), trust, now)?)?;
    parsed.verify(&key)?;
    if let Some((commission, _)) = &commission {
        commission.check(&object, &object.client_metadata.encryption_key()?.key)?;
    }
    check_profile(&object)?;
    check_addresses(&object, link, policy)?;
    Ok((object, asking))
}

impl Asking {
    /// Who stands behind a request, and the key that has to have signed it.
    fn of(verdict: Verdict) -> Result<(Asking, PublicKey)> {
        let (party, supplier, unverified) = match verdict {
            Verdict::Organisation(party) => (*party, None, None),
            Verdict::Supplier(acting) => {
                let (mut party, uses) = (acting.organisation, acting.mandate.intended_uses);
                party
                    .registration
                    .intended_uses
                    .retain(|intended| uses.contains(&intended.id));
                (party, Some(acting.supplier), None)
            }
            Verdict::Unverified(claimed) => {
                let reason = claimed.reason;
                let party = claimed.as_claimed().ok_or(kist_trust::Error::from(reason))?;
                (party, None, Some(reason))
            }
        };
        let key = supplier.as_ref().unwrap_or(&party).key;
        Ok((
            Asking {
                party,
                supplier,
                unverified,
            },
            key,
        ))
    }
}

/// The commission that a supplier asks with, and the registration of the organisation that gave it. One request has one.
fn commission(object: &RequestObject) -> Result<Option<(Commission, &str)>> {
    let mut all = object.verifier_info.iter().filter_map(VerifierInfo::commissioned);
    let Some((commission, registration)) = all.next() else {
        return Ok(None);
    };
    match all.next() {
        None => Ok(Some((Commission::parse(commission)?, registration))),
        Some(_) => Err(Error::Malformed { what: "verifier_info" }),
    }
}

/// The link's client is the request's client, and is the certificate that signs (sections 5.9.3 and 5.10.1).
fn check_client(object: &RequestObject, link: &RequestLink, chain: &[Vec<u8>]) -> Result<()> {
    if object.client_id != link.client_id() {
        return Err(Error::MixUpRefused { part: MixUp::ClientId });
    }
    match chain.first() {
        Some(leaf) if x509_hash(leaf) == object.client_id => Ok(()),
        Some(_) => Err(Error::MixUpRefused {
            part: MixUp::Certificate,
        }),
        None => Err(kist_trust::Error::from(Reason::Unsigned).into()),
    }
}

fn check_profile(object: &RequestObject) -> Result<()> {
    let unsupported = |what| Err(Error::Unsupported { what });
    if object.response_type != RESPONSE_TYPE {
        return unsupported("response_type");
    }
    if object.response_mode != RESPONSE_MODE {
        return unsupported("response_mode");
    }
    if object.aud != AUDIENCE {
        return unsupported("aud");
    }
    if object.redirect_uri.is_some() || object.scope.is_some() {
        return Err(Error::Malformed { what: "request" });
    }
    let safe = is_url_safe(&object.nonce) && object.state.as_deref().is_none_or(is_url_safe);
    if safe {
        Ok(())
    } else {
        Err(Error::Malformed { what: "nonce" })
    }
}

/// Hosted profile: request and answer lie with one relay, so nobody else learns that there was an answer.
fn check_addresses(object: &RequestObject, link: &RequestLink, policy: TransportPolicy) -> Result<()> {
    let request = allowed_origin(link.request_uri(), policy)?;
    if let Some(session) = &object.client_metadata.kist_session {
        session.check(policy)?;
    }
    match allowed_origin(&object.response_uri, policy)? == request {
        true => Ok(()),
        false => Err(Error::MixUpRefused {
            part: MixUp::ResponseUri,
        }),
    }
}

/// The agreement in the transaction data, and that the query asks for a return address beside what the offer names.
fn offer(transaction_data: &[String], query: &Query, asking: &Asking, now: i64) -> Result<Signed<Offer>> {
    let jws = transaction::offer(transaction_data)?;
    let connection = query.credential(CONNECTION).ok_or(Error::InvalidTransactionData)?;
    let asks_address = matches!(&connection.meta, Meta::SdJwtVc { vct_values } if *vct_values == [CONNECTION_TYPE]);
    let bound = query
        .credentials()
        .iter()
        .all(|credential| credential.require_cryptographic_holder_binding);
    if !asks_address || connection.multiple || !bound {
        return Err(Error::InvalidTransactionData);
    }
    let (party, supplier) = (&asking.party, asking.supplier.as_ref());
    let offer = agreement::verify_offer(&jws, query, party, supplier, now)?;
    match supplier.is_none() || party.registration.intended_use(&offer.intended_use).is_some() {
        true => Ok(offer),
        false => Err(kist_trust::Error::PrincipalNotTrusted {
            reason: Reason::NotInMandate,
        }
        .into()),
    }
}
