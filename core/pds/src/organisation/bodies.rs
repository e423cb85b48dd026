//! What messages carry, as it is sent; the person's side has the same forms.

use kist_wire::Token;
use serde::{Deserialize, Serialize};

/// A delivery.
#[derive(Serialize)]
pub(super) struct DeliveryBody {
    /// The agreement's name.
    pub(super) agreement: String,
    /// Credentials, compact.
    pub(super) credentials: Vec<String>,
}

/// Words.
#[derive(Serialize, Deserialize)]
pub(super) struct NoteBody {
    pub(super) text: String,
}

/// A withdrawal.
#[derive(Deserialize)]
pub(super) struct WithdrawalBody {
    /// The signed withdrawal, a compact JWS.
    pub(super) withdrawal: String,
    /// What allows sending from now on, in place of what was taken back.
    pub(super) send_token: Token,
}
