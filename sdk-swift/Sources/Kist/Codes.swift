// The codes of errors: the same in Rust, Kotlin and Swift.

extension KistError {
    /// What exactly went wrong. A test holds these to the list that the core exports.
    public enum Code: String, CaseIterable, Sendable {
        // Input
        case addressRefused = "AddressRefused"
        case alreadyExists = "AlreadyExists"
        case fieldNotOffered = "FieldNotOffered"
        case inUse = "InUse"
        case invalidTransactionData = "InvalidTransactionData"
        case malformed = "Malformed"
        case noBackup = "NoBackup"
        case notARequest = "NotARequest"
        case notFound = "NotFound"
        case queryNotSatisfied = "QueryNotSatisfied"
        case recoveryCodeMistyped = "RecoveryCodeMistyped"
        case requestExpired = "RequestExpired"
        case recordInvalid = "RecordInvalid"
        case requiredFieldMissing = "RequiredFieldMissing"
        case schemaInvalid = "SchemaInvalid"
        case statusChangeRefused = "StatusChangeRefused"
        case tooLarge = "TooLarge"
        case unsupported = "Unsupported"
        // Unlock
        case keyMismatch = "KeyMismatch"
        case platformKey = "PlatformKey"
        // Trust
        case acceptanceMismatch = "AcceptanceMismatch"
        case audienceMismatch = "AudienceMismatch"
        case credentialExpired = "CredentialExpired"
        case mixUpRefused = "MixUpRefused"
        case notYetValid = "NotYetValid"
        case organisationNotTrusted = "OrganisationNotTrusted"
        case issuerNotTrusted = "IssuerNotTrusted"
        case replayRejected = "ReplayRejected"
        case signatureInvalid = "SignatureInvalid"
        case trustListExpired = "TrustListExpired"
        case trustListMissing = "TrustListMissing"
        case trustListNotTrusted = "TrustListNotTrusted"
        case untrustedKey = "UntrustedKey"
        case unknownAuthor = "UnknownAuthor"
        // Consent
        case consentExpired = "ConsentExpired"
        case consentWithdrawn = "ConsentWithdrawn"
        case declined = "Declined"
        case beyondConsent = "BeyondConsent"
        case notCovered = "NotCovered"
        case rightNotGranted = "RightNotGranted"
        // Integrity
        case authenticationFailed = "AuthenticationFailed"
        case corrupt = "Corrupt"
        case downgradeRefused = "DowngradeRefused"
        case forkDetected = "ForkDetected"
        case freshnessUnproven = "FreshnessUnproven"
        case historyBroken = "HistoryBroken"
        case kdfPolicyViolation = "KdfPolicyViolation"
        case manifestMismatch = "ManifestMismatch"
        case rollbackDetected = "RollbackDetected"
        // Storage
        case storageFull = "StorageFull"
        case storage = "Storage"
        // Network
        case deviceUnknown = "DeviceUnknown"
        case headMoved = "HeadMoved"
        case noRelay = "NoRelay"
        case relayRefused = "RelayRefused"
        case unreachable = "Unreachable"
        case relayBusy = "RelayBusy"
        // The rest
        case cancelled = "Cancelled"
        case `internal` = "Internal"
    }
}
