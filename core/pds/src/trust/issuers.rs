//! Which organisations are believed as issuers: the trust room's certificates and lists behind identity's trait.

use kist_identity::{IssuerEvidence, IssuerTrust, TrustedIssuer};
use kist_trust::verify_issuer;

use super::{Trusted, trusted};
use crate::Result;
use crate::home::Home;

/// The anchors and lists of a store, read once for one decision. A store that believes nobody still verifies what people
/// say of themselves.
pub(crate) struct Issuers(Option<Trusted>);

impl Issuers {
    pub(crate) fn of(home: &Home) -> Result<Issuers> {
        match trusted(home) {
            Ok(trusted) => Ok(Issuers(Some(trusted))),
            Err(error) if error.code() == "TrustListMissing" => Ok(Issuers(None)),
            Err(error) => Err(error),
        }
    }
}

impl IssuerTrust for Issuers {
    fn issuer_key(&self, evidence: &IssuerEvidence<'_>, now: i64) -> kist_identity::Result<TrustedIssuer> {
        let refused = |reason| kist_identity::Error::IssuerNotTrusted { reason };
        let trusted = self.0.as_ref().ok_or(refused("UnknownAnchor"))?;
        let mut issuer = None;
        for vct in &evidence.types {
            let verified = verify_issuer(evidence.certificates, vct, &trusted.lists, &trusted.anchors, now);
            issuer = Some(verified.map_err(|error| refused(reason(&error)))?);
        }
        let issuer = issuer.ok_or(refused("MayNotIssue"))?;
        Ok(TrustedIssuer {
            id: issuer.organisation_id,
            name: issuer.legal_name,
            key: issuer.key,
        })
    }
}

fn reason(error: &kist_trust::Error) -> &'static str {
    match error {
        kist_trust::Error::OrganisationNotTrusted { reason } => reason.code(),
        other => other.code(),
    }
}
