//! The errors of the rooms, as the public error: each keeps its code, with the parameters that a caller can use.

use kist_vault::Part;
use kist_vault::schema::Violation;

use super::Error;

/// An error that keeps its code and has no parameters worth telling.
fn plain(code: &'static str) -> Error {
    match super::CODES.iter().find(|known| known.0 == code) {
        Some(known) => Error::new(known.0),
        None => Error::new("Internal"),
    }
}

/// A variant's name, such as `Suspended`: a word of a fixed vocabulary.
fn word(value: impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

impl From<serde_json::Error> for Error {
    fn from(_: serde_json::Error) -> Self {
        Error::new("Malformed").with("what", "JSON")
    }
}

impl From<kist_crypto::Error> for Error {
    fn from(error: kist_crypto::Error) -> Self {
        use kist_crypto::Error as E;
        match error {
            E::RecoveryCodeMistyped { group } => {
                let error = Error::new("RecoveryCodeMistyped");
                match group {
                    Some(group) => error.with("group", group),
                    None => error,
                }
            }
            E::LetterCodeMistyped { group } => Error::new("LetterCodeMistyped").with("group", group),
            E::UnsupportedVersion { found } => Error::new("DowngradeRefused").with("found", found),
            E::Malformed { what } => Error::new("Malformed").with("what", what),
            E::TooLarge { what, limit } => Error::new("TooLarge").with("what", what).with("limit", limit),
            E::PlatformKey { state } => Error::new("PlatformKey").with("state", word(state)),
            E::InvalidKey => Error::new("Malformed").with("what", "key"),
            E::UnsupportedAlgorithm => Error::new("Unsupported").with("what", "algorithm"),
            other => plain(other.code()),
        }
    }
}

impl From<kist_vault::Error> for Error {
    fn from(error: kist_vault::Error) -> Self {
        use kist_vault::Error as E;
        match error {
            E::Corrupt { part } => Error::new("Corrupt").with("part", part_name(part)),
            E::AuthenticationFailed => Error::new("Corrupt").with("part", "store"),
            E::UnsupportedVersion { found } => Error::new("DowngradeRefused").with("found", found),
            E::RolledBack { known, found } => Error::new("RollbackDetected").with("known", known).with("found", found),
            E::RecordInvalid { violations } => {
                let error = Error::new("RecordInvalid").with("count", violations.len());
                match violations.into_iter().next() {
                    Some(Violation { field, rule }) => error.with("field", field).with("rule", word(rule)),
                    None => error,
                }
            }
            E::SchemaInvalid { place } => Error::new("SchemaInvalid").with("field", place),
            E::NotFound { what } => Error::new("NotFound").with("what", what),
            E::TooLarge { what, limit } => Error::new("TooLarge").with("what", what).with("limit", limit),
            E::Malformed { what } => Error::new("Malformed").with("what", what),
            E::DiskFull => Error::new("StorageFull"),
            E::Io { kind } => Error::new("Storage").with("reason", word(kind)),
            E::Database { code } => Error::new("Storage").with("reason", format!("sqlite {code}")),
            other => plain(other.code()),
        }
    }
}

fn part_name(part: Part) -> &'static str {
    match part {
        Part::Store => "store",
        Part::Chunk => "chunk",
        Part::File => "file",
    }
}

impl From<kist_trust::Error> for Error {
    fn from(error: kist_trust::Error) -> Self {
        use kist_trust::Error as E;
        match error {
            E::OrganisationNotTrusted { reason } => Error::new("OrganisationNotTrusted").with("reason", reason.code()),
            E::PrincipalNotTrusted { reason } => Error::new("OrganisationNotTrusted")
                .with("reason", reason.code())
                .with("role", "principal"),
            E::TrustListNotTrusted { reason } => Error::new("TrustListNotTrusted").with("reason", reason.code()),
            E::RollbackDetected { seen, found } => {
                Error::new("RollbackDetected").with("known", seen).with("found", found)
            }
            E::TrustListExpired { expired } => Error::new("TrustListExpired").with("at", expired),
            E::ForkDetected { sequence } => Error::new("ForkDetected")
                .with("what", "trust list")
                .with("sequence", sequence),
            E::TrustListNotYetValid { issued } => {
                Error::new("NotYetValid").with("at", issued).with("what", "trust list")
            }
            E::TermsNotAccepted { current, found } => Error::new("AcceptanceMismatch")
                .with("what", "terms")
                .with("current", current)
                .with("found", found),
            E::LogBroken { sequence } => Error::new("HistoryBroken").with("sequence", sequence),
            E::UnsupportedVersion { found } => Error::new("DowngradeRefused").with("found", found),
            E::Malformed { what } => Error::new("Malformed").with("what", what),
            E::TooLarge { what, limit } => Error::new("TooLarge").with("what", what).with("limit", limit),
            E::NotAMember => Error::new("NotFound").with("what", "member"),
            E::StatusChangeRefused { from, to } => Error::new("StatusChangeRefused")
                .with("from", word(from))
                .with("to", word(to)),
            other => plain(other.code()),
        }
    }
}

impl From<kist_identity::Error> for Error {
    fn from(error: kist_identity::Error) -> Self {
        use kist_identity::Error as E;
        match error {
            E::Malformed { what } => Error::new("Malformed").with("what", what),
            E::TooLarge { what, limit } => Error::new("TooLarge").with("what", what).with("limit", limit),
            E::IssuerNotTrusted { reason } => Error::new("IssuerNotTrusted").with("reason", reason),
            E::CredentialExpired { at } => Error::new("CredentialExpired").with("at", at),
            E::NotYetValid { at } => Error::new("NotYetValid").with("at", at),
            E::UnsupportedAlgorithm => Error::new("Unsupported").with("what", "algorithm"),
            E::AudienceMismatch => Error::new("AudienceMismatch"),
            E::NonceMismatch | E::TransactionDataMismatch => Error::new("ReplayRejected"),
            E::QueryNotSatisfied | E::ClaimNotFound => Error::new("QueryNotSatisfied"),
            _ => Error::new("SignatureInvalid"),
        }
    }
}

impl From<kist_consent::Error> for Error {
    fn from(error: kist_consent::Error) -> Self {
        use kist_consent::Error as E;
        match error {
            E::ConsentWithdrawn { at } => Error::new("ConsentWithdrawn").with("at", at),
            E::ConsentExpired { at } => Error::new("ConsentExpired").with("at", at),
            E::RightNotGranted { right } => Error::new("RightNotGranted").with("right", word(right)),
            E::OfferExpired { at } => Error::new("RequestExpired").with("at", at),
            E::RequiredFieldMissing { field } => Error::new("RequiredFieldMissing").with("field", field.to_string()),
            E::FieldNotOffered { field } => Error::new("FieldNotOffered").with("field", field.to_string()),
            E::HistoryBroken { sequence } => Error::new("HistoryBroken").with("sequence", sequence),
            E::HashMismatch { what } => Error::new("AuthenticationFailed").with("what", what),
            E::UntrustedKey { what } => Error::new("UntrustedKey").with("what", what),
            E::Malformed { what } => Error::new("Malformed").with("what", what),
            E::TooLarge { what, limit } => Error::new("TooLarge").with("what", what).with("limit", limit),
            E::UnsupportedVersion { found, .. } => Error::new("DowngradeRefused").with("found", found),
            E::Crypto(error) => error.into(),
            other => plain(other.code()),
        }
    }
}

impl From<kist_exchange::Error> for Error {
    fn from(error: kist_exchange::Error) -> Self {
        use kist_exchange::Error as E;
        match error {
            E::Unsupported { what } => Error::new("Unsupported").with("what", what),
            E::WrongPurpose { found } => Error::new("WrongPurpose").with("what", found.word()),
            E::SessionMismatch { left } => Error::new("SessionMismatch").with("left", left),
            E::Malformed { what } => Error::new("Malformed").with("what", what),
            E::TooLarge { what, limit } => Error::new("TooLarge").with("what", what).with("limit", limit),
            E::MixUpRefused { part } => Error::new("MixUpRefused").with("part", word(part)),
            E::NotYetValid { at } => Error::new("NotYetValid").with("at", at),
            E::AcceptanceMismatch { rule } => Error::new("AcceptanceMismatch").with("rule", word(rule)),
            E::Crypto(error) => error.into(),
            E::Identity(error) => error.into(),
            E::Trust(error) => error.into(),
            E::Consent(error) => error.into(),
            other => plain(other.code()),
        }
    }
}

impl From<kist_channel::Error> for Error {
    fn from(error: kist_channel::Error) -> Self {
        use kist_channel::Error as E;
        match error {
            E::UnsupportedVersion { found } => Error::new("DowngradeRefused").with("found", found),
            E::TooLarge { limit } => Error::new("TooLarge").with("what", "message").with("limit", limit),
            E::NoAddress => Error::new("NotFound").with("what", "address"),
            E::Malformed { what } => Error::new("Malformed").with("what", what),
            other => plain(other.code()),
        }
    }
}

impl From<kist_sync::Error> for Error {
    fn from(error: kist_sync::Error) -> Self {
        use kist_sync::Error as E;
        match error {
            E::RollbackDetected { known, found } => {
                Error::new("RollbackDetected").with("known", known).with("found", found)
            }
            E::ForkDetected { sequence } => Error::new("ForkDetected").with("sequence", sequence),
            E::ManifestMismatch { what } => Error::new("ManifestMismatch").with("what", what),
            E::UnknownAuthor { what } => Error::new("UnknownAuthor").with("what", what),
            E::AuthenticationFailed { what } => Error::new("AuthenticationFailed").with("what", what),
            E::DowngradeRefused { found } => Error::new("DowngradeRefused").with("found", found),
            E::FreshnessUnproven {
                sequence,
                made_at,
                device_name,
            } => Error::new("FreshnessUnproven")
                .with("sequence", sequence)
                .with("made_at", made_at)
                .with("device_name", device_name),
            E::DeviceKey(error) => error.into(),
            E::Vault(error) => error.into(),
            other => plain(other.code()),
        }
    }
}
