//! The withdrawal that a person signs, and the acknowledgement that an organisation owes for it.

use serde::{Deserialize, Serialize};

use crate::signed::SignedContent;
use crate::terms::is_time;
use crate::{Error, ObjectHash, Result};

/// Ends an agreement; signed with the relationship's key. It holds from the moment it is signed, whether or not it
/// reaches the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The acceptance that is taken back, which is the agreement's name; so that it works before a receipt has come.
    pub acceptance: ObjectHash,
    /// When, Unix seconds.
    pub withdrawn_at: i64,
}

/// The organisation's word that it received a withdrawal; signed with its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// The withdrawal.
    pub withdrawal: ObjectHash,
    /// When, Unix seconds.
    pub acknowledged_at: i64,
}

impl SignedContent for Withdrawal {
    const TYPE: &'static str = "kist-withdrawal+jwt";
    const NAME: &'static str = "withdrawal";

    fn check(&self) -> Result<()> {
        if is_time(self.withdrawn_at) {
            Ok(())
        } else {
            Err(Error::Malformed { what: "withdrawal" })
        }
    }
}

impl SignedContent for Acknowledgement {
    const TYPE: &'static str = "kist-acknowledgement+jwt";
    const NAME: &'static str = "acknowledgement";

    fn check(&self) -> Result<()> {
        if is_time(self.acknowledged_at) {
            Ok(())
        } else {
            Err(Error::Malformed {
                what: "acknowledgement",
            })
        }
    }
}
