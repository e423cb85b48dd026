//! Who stands behind a request: an organisation, a supplier for an organisation, or, in a developer's mode alone, somebody
//! whom nobody vouches for.

use kist_crypto::es256::PublicKey;
use kist_crypto::jws;
use serde_json::Value;

use crate::{
    Anchor, AnchorKind, Certificate, Error, Freshness, Reason, Registration, Result, SealedTo, Subject, Supplier,
    TrustList, TrustedParty, verify_organisation,
};

/// What a party shows of itself.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// Its certificates in DER, leaf first; none where nobody has signed.
    pub chain: &'a [Vec<u8>],
    /// Its registration, a compact JWS.
    pub registration: &'a str,
}

/// Whom to believe.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// The pinned anchors.
    pub anchors: &'a [Anchor],
    /// One verified list of each.
    pub lists: &'a [TrustList],
    /// Whether requests of nobody known are let through, and said to be.
    pub mode: Mode,
}

/// What becomes of requests that no framework vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// They are refused.
    #[default]
    Strict,
    /// They come through as [`Verdict::Unverified`], for who develops an organisation's side. Broken signatures,
    /// suspended and expelled organisations are refused all the same.
    Developer,
}

/// How the label begins that stands in an anchor's place for who has none: no anchor may be called so.
pub const NOBODY: &str = "nobody:";

/// Who stands behind a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// An organisation that asks for itself.
    Organisation(Box<TrustedParty>),
    /// A supplier that asks for an organisation: "X for Y".
    Supplier(Box<ActingParty>),
    /// Nobody whom a framework vouches for. Only in [`Mode::Developer`], and always to be shown as what it is.
    Unverified(Box<UnverifiedParty>),
}

/// A supplier that acts for an organisation; both were verified.
#[derive(Debug, Clone, PartialEq)]
pub struct ActingParty {
    /// Who asks: X.
    pub supplier: TrustedParty,
    /// For whom: Y. Its purposes, its legal basis, its registration count.
    pub organisation: TrustedParty,
    /// What Y lets X do.
    pub mandate: Supplier,
}

/// What somebody says of themselves, and nobody vouches for.
#[derive(Debug, Clone, PartialEq)]
pub struct UnverifiedParty {
    /// Why they are not believed.
    pub reason: Reason,
    /// Who they say they are.
    pub claimed: Option<Subject>,
    /// The key that they show.
    pub key: Option<PublicKey>,
    /// What they say to have registered.
    pub registration: Option<Registration>,
}

/// Decides who stands behind a request, at `now` (Unix seconds). `sender` is who signed it, `organisation` the one that it
/// says to act for.
///
/// Fails as [`verify_organisation`] does; with `PrincipalNotTrusted` and the reason where the organisation that a supplier
/// acts for is not believed, has not named it, or its mandate is over.
pub fn verify_request(
    sender: &Presented<'_>,
    organisation: Option<&Presented<'_>>,
    grounds: &Grounds<'_>,
    now: i64,
) -> Result<Verdict> {
    let sender = match verify(sender, grounds, now) {
        Err(Error::OrganisationNotTrusted { reason }) if grounds.mode == Mode::Developer && is_of_nobody(reason) => {
            return Ok(Verdict::Unverified(Box::new(UnverifiedParty::of(sender, reason))));
        }
        sender => sender?,
    };
    match organisation {
        None => Ok(Verdict::Organisation(Box::new(sender))),
        Some(organisation) => {
            let organisation = verify(organisation, grounds, now).map_err(principal)?;
            let acting = ActingParty::new(sender, organisation, now).map_err(|reason| principal(reason.into()))?;
            Ok(Verdict::Supplier(Box::new(acting)))
        }
    }
}

fn verify(presented: &Presented<'_>, grounds: &Grounds<'_>, now: i64) -> Result<TrustedParty> {
    if presented.chain.is_empty() {
        return Err(Reason::Unsigned.into());
    }
    verify_organisation(
        presented.chain,
        presented.registration,
        grounds.lists,
        grounds.anchors,
        now,
    )
}

fn principal(error: Error) -> Error {
    match error {
        Error::OrganisationNotTrusted { reason } => Error::PrincipalNotTrusted { reason },
        other => other,
    }
}

/// Whether a reason says that somebody is unknown, and not that they are known to be wrong.
fn is_of_nobody(reason: Reason) -> bool {
    matches!(reason, Reason::Unsigned | Reason::UnknownAnchor | Reason::NotListed)
}

impl Verdict {
    /// The organisation whose request it is, where a framework vouches for one: whose purposes are shown, and with whom an
    /// agreement is made.
    pub fn organisation(&self) -> Option<&TrustedParty> {
        match self {
            Verdict::Organisation(party) => Some(party),
            Verdict::Supplier(acting) => Some(&acting.organisation),
            Verdict::Unverified(_) => None,
        }
    }

    /// The supplier that asks in its name.
    pub fn supplier(&self) -> Option<&TrustedParty> {
        match self {
            Verdict::Supplier(acting) => Some(&acting.supplier),
            _ => None,
        }
    }
}

impl ActingParty {
    /// That `organisation` has mandated `supplier`, now, in the framework of both.
    fn new(supplier: TrustedParty, organisation: TrustedParty, now: i64) -> std::result::Result<Self, Reason> {
        let mandate = organisation.registration.supplier(&supplier.organisation_id);
        let mandate = mandate.filter(|mandate| {
            mandate.legal_name == supplier.legal_name && organisation.anchor_label == supplier.anchor_label
        });
        let mandate = mandate.ok_or(Reason::NotASupplier)?.clone();
        if now < mandate.from || now > mandate.until {
            return Err(Reason::MandateExpired);
        }
        Ok(ActingParty {
            supplier,
            organisation,
            mandate,
        })
    }

    /// Whether the supplier may ask this claim of a credential of this type for this use: the organisation registered it,
    /// and the mandate names the use.
    pub fn permits(&self, use_id: &str, vct: &str, path: &[Value]) -> bool {
        self.mandate.intended_uses.iter().any(|id| id == use_id)
            && self.organisation.registration.permits(use_id, vct, path)
    }

    /// To whose key data is sealed. `agreed` is what the agreement says: the organisation's, unless both it and the
    /// mandate say the supplier's. Fails with `PrincipalNotTrusted` and `NotInMandate`.
    pub fn recipient(&self, agreed: SealedTo) -> Result<&TrustedParty> {
        match (agreed, self.mandate.sealed_to) {
            (SealedTo::Organisation, _) => Ok(&self.organisation),
            (SealedTo::Supplier, SealedTo::Supplier) => Ok(&self.supplier),
            (SealedTo::Supplier, SealedTo::Organisation) => Err(Error::PrincipalNotTrusted {
                reason: Reason::NotInMandate,
            }),
        }
    }
}

impl UnverifiedParty {
    /// The party as it says that it is, for a developer to look at: hearsay in the form of what would be verified. `None`
    /// where it doesn't say who it is, shows no key, or names no registration.
    pub fn as_claimed(&self) -> Option<TrustedParty> {
        let (subject, registration, key) = (self.claimed.clone()?, self.registration.clone()?, self.key?);
        Some(TrustedParty {
            organisation_id: subject.organisation_id,
            legal_name: subject.legal_name,
            country: subject.country,
            // Two that claim one name are two.
            anchor_label: format!("{NOBODY}{}", key.thumbprint()),
            anchor_kind: AnchorKind::default(),
            freshness: Freshness::Current,
            active_since: 0,
            registration,
            key,
            certificate_sha256: [0; 32],
            dns_names: Vec::new(),
        })
    }

    fn of(presented: &Presented<'_>, reason: Reason) -> Self {
        let leaf = presented.chain.first().and_then(|der| Certificate::from_der(der).ok());
        let registration = jws::parse(presented.registration).ok();
        UnverifiedParty {
            reason,
            claimed: leaf.as_ref().and_then(|leaf| leaf.subject().ok()),
            key: leaf.map(|leaf| leaf.key()),
            registration: registration.and_then(|parsed| Registration::unverified(&parsed.payload)),
        }
    }
}
