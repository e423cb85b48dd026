//! What of an archive's claims is believed when nothing vouches for the archive: what its credentials prove.

use std::cell::RefCell;

use kist_identity::{Credential, IssuerEvidence, IssuerTrust, TrustedIssuer};
use kist_vault::{Provenance, Source, Verification};
use serde_json::Value;

use super::record::RevisionEntry;
use crate::Result;
use crate::credentials::{CREDENTIALS, data_of};
use crate::home::Home;
use crate::trust::issuers::Issuers;

/// What a record was imported from when its source can't be proven.
const FROM: &str = "kist-archive";

/// Who issued a credential, by the frameworks that this store believes, whether or not the credential has expired since.
/// `None` where nobody vouches for it.
pub(super) fn issuer(issuers: &Issuers, credential: &Credential, now: i64) -> Option<TrustedIssuer> {
    let witness = Witness {
        issuers,
        seen: RefCell::default(),
    };
    match credential.verify(&witness, now) {
        // The times are looked at last, when the signature was found good.
        Ok(_) | Err(kist_identity::Error::CredentialExpired { .. }) => witness.seen.into_inner(),
        Err(_) => None,
    }
}

/// Remembers whom the issuers' list named.
struct Witness<'a> {
    issuers: &'a Issuers,
    seen: RefCell<Option<TrustedIssuer>>,
}

impl IssuerTrust for Witness<'_> {
    fn issuer_key(&self, evidence: &IssuerEvidence<'_>, now: i64) -> kist_identity::Result<TrustedIssuer> {
        let found = self.issuers.issuer_key(evidence, now)?;
        self.seen.replace(Some(found.clone()));
        Ok(found)
    }
}

/// What is believed of a revision's provenance: all of it where a kept credential proves it or where it claims nothing
/// that needs proof; else that the record was imported.
pub(super) fn believed(home: &Home, issuers: &Issuers, revision: &RevisionEntry) -> Result<Provenance> {
    let claimed = &revision.provenance;
    let source = match &claimed.source {
        Source::Delivered { .. } if is_proven(home, issuers, revision)? => return Ok(claimed.clone()),
        Source::Delivered { .. } => Source::Imported { from: FROM.to_owned() },
        source => source.clone(),
    };
    Ok(Provenance {
        source,
        verification: Verification::None,
        collected_ms: claimed.collected_ms,
    })
}

fn is_proven(home: &Home, issuers: &Issuers, revision: &RevisionEntry) -> Result<bool> {
    let Provenance {
        source: Source::Delivered {
            by,
            organisation_id,
            credential,
        },
        verification: Verification::Signature { issuer: signer },
        ..
    } = &revision.provenance
    else {
        return Ok(false);
    };
    let Some(bytes) = home.vault.kept(CREDENTIALS, credential)? else {
        return Ok(false);
    };
    let credential = Credential::from_bytes(&bytes)?;
    let Some(issuer) = issuer(issuers, &credential, home.platform.now()) else {
        return Ok(false);
    };
    let says_so = issuer.id == *organisation_id && issuer.name == *by && issuer.name == *signer;
    let says_this = credential.vct() == revision.schema && Value::Object(data_of(credential.claims())) == revision.body;
    Ok(says_so && says_this)
}
