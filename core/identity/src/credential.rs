//! A held credential: an SD-JWT VC (`dc+sd-jwt`, draft-ietf-oauth-sd-jwt-vc-18) with all its disclosures.

use std::fmt;

use kist_crypto::es256::PublicKey;
use kist_crypto::{Jwk, jws};
use serde_json::{Map, Value};

use crate::dcql::{Candidate, Format};
use crate::issuer::{Issuer, IssuerEvidence, IssuerTrust, TrustedIssuer, certificates};
use crate::path::PathElement;
use crate::sd_jwt::{Node, Processed, SdJwt, process};
use crate::{ClaimPath, Error, Result};

/// Seconds by which two clocks may differ.
pub const CLOCK_SKEW: i64 = 60;

/// The `typ` of a credential's JWT.
pub(crate) const TYPE: &str = "dc+sd-jwt";

/// Claims that are never selectively disclosed (draft-ietf-oauth-sd-jwt-vc-18, section "Registered JWT Claims").
pub(crate) const ALWAYS_OPEN: [&str; 8] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"];

/// The most additional types of a credential.
const MAX_TYPES: usize = 64;

/// The last second that RFC 3339 can write: the end of the year 9999.
pub const MAX_TIME: i64 = 253_402_300_799;

const KEPT_VERSION: u8 = 1;

/// A credential as its holder keeps it. Well formed by construction; whether it is to be believed, [`Credential::verify`]
/// says.
#[derive(Clone)]
pub struct Credential {
    sd_jwt: SdJwt,
    checked: Checked,
}

impl Credential {
    /// Reads a credential without verifying who signed it. One that comes with a key binding is refused: it was shown to
    /// somebody, not issued to us (RFC 9901, section 7.2).
    pub fn parse(compact: &str) -> Result<Self> {
        let sd_jwt = SdJwt::parse(compact)?;
        if sd_jwt.key_binding().is_some() {
            return Err(Error::Malformed {
                what: "issued credential",
            });
        }
        let checked = Checked::new(&sd_jwt)?;
        Ok(Credential { sd_jwt, checked })
    }

    /// Reads a credential and verifies it: what a holder does with one that was delivered.
    pub fn parse_and_verify(compact: &str, trust: &dyn IssuerTrust, now: i64) -> Result<(Self, Issuer)> {
        let credential = Self::parse(compact)?;
        let issuer = credential.verify(trust, now)?;
        Ok((credential, issuer))
    }

    /// Verifies signature, issuer and validity at `now` (Unix seconds).
    pub fn verify(&self, trust: &dyn IssuerTrust, now: i64) -> Result<Issuer> {
        self.checked.verify(trust, now)
    }

    /// The compact form.
    pub fn compact(&self) -> String {
        self.sd_jwt.to_string()
    }

    /// The bytes that the vault keeps: version 1, then the compact form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![KEPT_VERSION];
        bytes.extend_from_slice(self.compact().as_bytes());
        bytes
    }

    /// From the bytes that the vault kept. It was verified when it came; [`Credential::verify`] does it again.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        match bytes.split_first() {
            Some((&KEPT_VERSION, compact)) => Self::parse(str::from_utf8(compact).map_err(|_| Error::Malformed {
                what: "kept credential",
            })?),
            _ => Err(Error::Malformed {
                what: "kept credential",
            }),
        }
    }

    /// The credential's type.
    pub fn vct(&self) -> &str {
        &self.checked.vct
    }

    /// Every claim, concealed or not, with the registered ones (`vct`, `exp`, `cnf` …).
    pub fn claims(&self) -> &Map<String, Value> {
        &self.checked.claims
    }

    /// The key that the credential is bound to.
    pub fn holder(&self) -> Option<&PublicKey> {
        self.checked.holder.as_ref()
    }

    /// `exp`, Unix seconds.
    pub fn expires(&self) -> Option<i64> {
        self.checked.expires
    }

    /// `iat`, Unix seconds.
    pub fn issued_at(&self) -> Option<i64> {
        self.checked.issued_at
    }

    /// Whether nobody but its holder vouches for it.
    pub fn is_self_asserted(&self) -> bool {
        self.checked.is_self_asserted()
    }

    /// The certificates of its issuer, DER, leaf first; none for a self-asserted credential.
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.checked.certificates
    }

    /// What can be shown or kept back by itself, in the order of the disclosures.
    pub fn disclosable(&self) -> impl Iterator<Item = &ClaimPath> {
        self.checked.nodes.iter().map(|node| &node.path)
    }

    /// What a query is evaluated against. Authorities are for the caller to add, who knows the issuer's certificates.
    pub fn candidate(&self) -> Candidate<'_> {
        self.checked.candidate()
    }

    /// The SD-JWT with the disclosures that showing `paths` takes: each claim with all that it contains, and whatever
    /// it is concealed in. A path that selects nothing is [`Error::ClaimNotFound`].
    pub(crate) fn disclose(&self, paths: &[ClaimPath]) -> Result<SdJwt> {
        let mut shown = vec![false; self.sd_jwt.disclosures().len()];
        for path in paths {
            let selected = path.select(&self.checked.claims);
            if selected.is_empty() {
                return Err(Error::ClaimNotFound);
            }
            for Node { path: node, disclosure } in &self.checked.nodes {
                if selected.iter().any(|path| node.contains(path) || path.contains(node)) {
                    shown[*disclosure] = true;
                }
            }
        }
        Ok(self.sd_jwt.reduced(|place| shown[place]))
    }
}

impl fmt::Debug for Credential {
    /// The type alone: the rest is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}, …)", self.vct())
    }
}

/// A credential whose form was checked, on either side.
#[derive(Clone)]
pub(crate) struct Checked {
    jwt: jws::Parsed,
    pub(crate) vct: String,
    other_types: Vec<String>,
    pub(crate) claims: Map<String, Value>,
    nodes: Vec<Node>,
    pub(crate) holder: Option<PublicKey>,
    certificates: Vec<Vec<u8>>,
    iss: Option<String>,
    issued_at: Option<i64>,
    not_before: Option<i64>,
    expires: Option<i64>,
}

impl Checked {
    pub(crate) fn new(sd_jwt: &SdJwt) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed { what: "credential" };
        let jwt = jws::parse(sd_jwt.issuer_jwt())?;
        if jwt.header_str("typ") != Some(TYPE) {
            return Err(MALFORMED);
        }
        let payload: Map<String, Value> = serde_json::from_slice(&jwt.payload).map_err(|_| MALFORMED)?;
        let Processed { claims, nodes } = process(payload, sd_jwt.disclosures())?;
        if nodes.iter().any(|node| always_open(&node.path)) {
            return Err(Error::Malformed {
                what: "registered claim in a disclosure",
            });
        }
        Ok(Checked {
            vct: claims.get("vct").and_then(Value::as_str).ok_or(MALFORMED)?.to_owned(),
            other_types: other_types(&claims)?,
            holder: holder(&claims)?,
            certificates: certificates(&jwt.header)?,
            iss: text(&claims, "iss")?,
            issued_at: time(&claims, "iat")?,
            not_before: time(&claims, "nbf")?,
            expires: time(&claims, "exp")?,
            claims,
            nodes,
            jwt,
        })
    }

    /// A credential is self-asserted when it names no issuer: neither `iss` nor `x5c`.
    fn is_self_asserted(&self) -> bool {
        self.certificates.is_empty() && self.iss.is_none()
    }

    pub(crate) fn verify(&self, trust: &dyn IssuerTrust, now: i64) -> Result<Issuer> {
        let (issuer, key) = if self.is_self_asserted() {
            let own = self.holder.ok_or(Error::IssuerNotTrusted { reason: "NoIssuer" })?;
            (Issuer::SelfAsserted, own)
        } else {
            let TrustedIssuer { id, name, key } = trust.issuer_key(&self.evidence(), now)?;
            (Issuer::Organisation { id, name }, key)
        };
        self.jwt.verify(&key)?;
        self.check_times(now)?;
        Ok(issuer)
    }

    fn evidence(&self) -> IssuerEvidence<'_> {
        IssuerEvidence {
            certificates: &self.certificates,
            iss: self.iss.as_deref(),
            types: self.types(),
            header: &self.jwt.header,
        }
    }

    fn check_times(&self, now: i64) -> Result<()> {
        if let Some(at) = self.expires.filter(|at| now >= at.saturating_add(CLOCK_SKEW)) {
            return Err(Error::CredentialExpired { at });
        }
        let from = self.not_before.max(self.issued_at);
        match from.filter(|at| *at > now.saturating_add(CLOCK_SKEW)) {
            Some(at) => Err(Error::NotYetValid { at }),
            None => Ok(()),
        }
    }

    fn types(&self) -> Vec<&str> {
        std::iter::once(&self.vct)
            .chain(&self.other_types)
            .map(String::as_str)
            .collect()
    }

    pub(crate) fn candidate(&self) -> Candidate<'_> {
        Candidate {
            format: Format::SdJwtVc,
            types: self.types(),
            claims: &self.claims,
            authorities: &[],
            holder_binding: self.holder.is_some(),
        }
    }
}

fn always_open(path: &ClaimPath) -> bool {
    matches!(path.elements().first(), Some(PathElement::Name(name)) if ALWAYS_OPEN.contains(&name.as_str()))
}

/// `aka_vcts`: the types that the credential has beside its `vct`.
fn other_types(claims: &Map<String, Value>) -> Result<Vec<String>> {
    const MALFORMED: Error = Error::Malformed { what: "aka_vcts" };
    let Some(types) = claims.get("aka_vcts") else {
        return Ok(Vec::new());
    };
    let types = types.as_array().filter(|types| !types.is_empty()).ok_or(MALFORMED)?;
    if types.len() > MAX_TYPES {
        return Err(Error::TooLarge {
            what: "aka_vcts",
            limit: MAX_TYPES,
        });
    }
    types
        .iter()
        .map(|name| name.as_str().map(str::to_owned).ok_or(MALFORMED))
        .collect()
}

/// The key in `cnf` (RFC 7800, section 3.2): a P-256 JWK, the only confirmation that is understood.
fn holder(claims: &Map<String, Value>) -> Result<Option<PublicKey>> {
    const MALFORMED: Error = Error::Malformed { what: "cnf" };
    let Some(confirmation) = claims.get("cnf") else {
        return Ok(None);
    };
    let jwk = confirmation.get("jwk").ok_or(MALFORMED)?;
    let jwk: Jwk = serde_json::from_value(jwk.clone()).map_err(|_| MALFORMED)?;
    Ok(Some(PublicKey::from_jwk(&jwk)?))
}

/// A NumericDate (RFC 7519, section 2) in whole seconds.
pub(crate) fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value
        .as_i64()
        .or_else(|| value.as_f64().filter(|s| s.abs() < 1e15).map(|s| s as i64));
    let seconds = seconds.filter(|seconds| (0..=MAX_TIME).contains(seconds));
    seconds.map(Some).ok_or(Error::Malformed { what: "time" })
}

fn text(claims: &Map<String, Value>, name: &str) -> Result<Option<String>> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::Malformed { what: "credential" }),
    }
}
