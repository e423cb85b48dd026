//! The transaction data of a Kist request: the offer of an agreement (OpenID4VP 1.0, sections 5.1 and 8.4).

use kist_crypto::{base64url, from_base64url};
use serde::{Deserialize, Serialize};

use crate::return_address::CONNECTION;
use crate::{Error, Result};

/// The type of transaction data that offers an agreement; its last part is its version.
pub const AGREEMENT_TYPE: &str = "urn:kist:agreement:1";
const HASH: &str = "sha-256";

/// Members that the type does not know are refused, as the standard asks.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AgreementData {
    #[serde(rename = "type")]
    kind: String,
    credential_ids: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transaction_data_hashes_alg: Option<Vec<String>>,
    offer: String,
}

/// The string that offers an agreement, as it stands in `transaction_data`.
pub(crate) fn encode(offer: &str) -> String {
    let data = AgreementData {
        kind: AGREEMENT_TYPE.to_owned(),
        credential_ids: vec![CONNECTION.to_owned()],
        transaction_data_hashes_alg: Some(vec![HASH.to_owned()]),
        offer: offer.to_owned(),
    };
    #[allow(clippy::expect_used)]
    let json = serde_json::to_vec(&data).expect("strings serialise");
    base64url(json)
}

/// The offer in a request's transaction data: exactly one agreement, authorised by the connection credential. Anything
/// else that is asked to be authorised is refused.
pub(crate) fn offer(transaction_data: &[String]) -> Result<String> {
    let [encoded] = transaction_data else {
        return Err(Error::InvalidTransactionData);
    };
    let json = from_base64url(encoded).map_err(|_| Error::InvalidTransactionData)?;
    let data: AgreementData = serde_json::from_slice(&json).map_err(|_| Error::InvalidTransactionData)?;
    let hashes = data
        .transaction_data_hashes_alg
        .is_none_or(|names| names.iter().any(|name| name == HASH));
    if data.kind != AGREEMENT_TYPE || data.credential_ids != [CONNECTION] || !hashes {
        return Err(Error::InvalidTransactionData);
    }
    Ok(data.offer)
}
