//! What a recovery code leads to, fetched by a fresh device that has nothing but the code.

use kist_crypto::RecoveryCode;
use kist_wire::{Locator, NonceIssued, RecoveryBlob, RecoveryLogin, Session, path, statement};
use reqwest::Method;

use super::{Relay, bearer, json, read_json};
use crate::Result;

impl Relay {
    /// Proves the code's login key and fetches the bytes that lie under its locator.
    pub(crate) async fn recovery_blob(&self, code: &RecoveryCode) -> Result<Vec<u8>> {
        let locator = Locator::from(code.locator());
        let issued: NonceIssued = read_json(self.request(Method::POST, &path::recovery_nonce(&locator))?).await?;
        let stated = statement::recovery_login(&self.origin, &locator, issued.expires, &issued.nonce);
        let signature = code.login_key().sign(&stated).into();
        let body = RecoveryLogin {
            nonce: issued.nonce,
            expires: issued.expires,
            signature,
        };
        let session: Session = read_json(json(
            self.request(Method::POST, &path::recovery_login(&locator))?,
            &body,
        ))
        .await?;
        let blob: RecoveryBlob = read_json(bearer(
            self.request(Method::GET, &path::recovery(&locator))?,
            &session.token,
        ))
        .await?;
        Ok(blob.blob.0)
    }
}
