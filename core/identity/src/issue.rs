//! Issuing an SD-JWT VC in two steps: what is to be signed, then the signature.

use kist_crypto::es256::{PublicKey, SigningKey};
use kist_crypto::{CryptoRng, jws};
use serde_json::{Map, Value, json};

use crate::credential::{ALWAYS_OPEN, TYPE};
use crate::issuer::x5c;
use crate::sd_jwt::{Concealed, Disclosable, Disclosure, SdJwt, conceal};
use crate::{Error, Result};

/// Who signs a credential that is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuedBy {
    /// The holder's own key: self-asserted, without `iss` and `x5c`.
    Holder,
    /// An organisation, by its certificates in DER, leaf first, without the trust anchor. At least one.
    Certificates(Vec<Vec<u8>>),
}

/// A credential before it is signed. [`CredentialDraft::new`] fills what most need; the rest is set on the fields.
#[derive(Debug, Clone)]
pub struct CredentialDraft {
    /// The type, a collision-resistant name.
    pub vct: String,
    /// The claims about the subject. Registered claims (`vct`, `cnf`, `iat`, `exp` …) have fields of their own and are
    /// refused here.
    pub claims: Map<String, Value>,
    /// The key that the credential is bound to, which a presentation proves.
    pub holder: PublicKey,
    /// Who signs.
    pub issued_by: IssuedBy,
    /// Which claims can be shown one by one.
    pub disclosable: Disclosable,
    /// Digests that open nothing, added wherever something is concealed.
    pub decoys: usize,
    /// When it was issued, Unix seconds; [`crate::start_of_day`] keeps copies from being told apart by it.
    pub issued_at: i64,
    /// From when it is valid, where that is later.
    pub not_before: Option<i64>,
    /// When it expires; [`crate::end_of_day`].
    pub expires: Option<i64>,
    /// The `status` claim: where its revocation is found.
    pub status: Option<Value>,
}

impl CredentialDraft {
    /// A credential whose every claim can be shown by itself, that never expires and has no decoys.
    pub fn new(
        vct: impl Into<String>,
        claims: Map<String, Value>,
        holder: PublicKey,
        issued_by: IssuedBy,
        issued_at: i64,
    ) -> Self {
        CredentialDraft {
            vct: vct.into(),
            claims,
            holder,
            issued_by,
            disclosable: Disclosable::Everything,
            decoys: 0,
            issued_at,
            not_before: None,
            expires: None,
            status: None,
        }
    }

    /// The first step. Each copy of a batch takes a draft with a holder's key of its own; salts are always fresh.
    pub fn prepare<R: CryptoRng + ?Sized>(self, rng: &mut R) -> Result<UnsignedCredential> {
        let registered = |name: &String| ALWAYS_OPEN.contains(&name.as_str()) || name == "iat";
        if self.claims.keys().any(registered) {
            return Err(Error::Malformed {
                what: "registered claim among the claims",
            });
        }
        let header = self.header()?;
        let registered = self.registered_claims();
        let Concealed {
            mut payload,
            disclosures,
        } = conceal(self.claims, &self.disclosable, self.decoys, rng)?;
        payload.extend(registered);
        let jwt = jws::Unsigned::new(header, Value::Object(payload).to_string().as_bytes());
        Ok(UnsignedCredential { jwt, disclosures })
    }

    fn header(&self) -> Result<Map<String, Value>> {
        let mut header = Map::from_iter([("typ".to_owned(), Value::from(TYPE))]);
        match &self.issued_by {
            IssuedBy::Holder => {}
            IssuedBy::Certificates(chain) if chain.is_empty() => return Err(Error::Malformed { what: "x5c" }),
            IssuedBy::Certificates(chain) => {
                header.insert("x5c".into(), x5c(chain));
            }
        }
        Ok(header)
    }

    fn registered_claims(&self) -> Map<String, Value> {
        let jwk = self.holder.jwk();
        let mut claims = Map::from_iter([
            ("vct".to_owned(), Value::from(self.vct.as_str())),
            ("cnf".to_owned(), json!({ "jwk": jwk })),
            ("iat".to_owned(), self.issued_at.into()),
        ]);
        let optional = [
            ("nbf", self.not_before.map(Value::from)),
            ("exp", self.expires.map(Value::from)),
            ("status", self.status.clone()),
        ];
        claims.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?))),
        );
        claims
    }
}

/// A credential that waits for its issuer's signature.
#[derive(Debug, Clone)]
pub struct UnsignedCredential {
    jwt: jws::Unsigned,
    disclosures: Vec<Disclosure>,
}

impl UnsignedCredential {
    /// The bytes to sign with ES256.
    pub fn signing_input(&self) -> &[u8] {
        self.jwt.signing_input()
    }

    /// The second step: the compact form, to hand to the holder.
    pub fn complete(self, signature: &[u8; 64]) -> String {
        SdJwt::new(self.jwt.complete(signature), self.disclosures).to_string()
    }

    /// The second step where the key is at hand.
    pub fn sign(self, key: &SigningKey) -> String {
        let signature = key.sign(self.signing_input());
        self.complete(&signature)
    }
}
