// The core's times as dates.

import Foundation
import KistGenerated

extension Date {
    init(unixSeconds: Int64) { self.init(timeIntervalSince1970: TimeInterval(unixSeconds)) }

    init(unixMilliseconds: Int64) { self.init(timeIntervalSince1970: TimeInterval(unixMilliseconds) / 1000) }

    /// The last whole second, within what an integer holds.
    var unixSeconds: Int64 {
        let seconds = timeIntervalSince1970.rounded(.down)
        return Int64(exactly: seconds) ?? (seconds < 0 ? .min : .max)
    }
}

extension Provenance {
    /// When it was taken in.
    public var collectionDate: Date { Date(unixMilliseconds: collectedMs) }
}

extension RecordSummary {
    /// When the record was first put.
    public var creationDate: Date { Date(unixMilliseconds: createdMs) }
    /// When this revision was written.
    public var modificationDate: Date { Date(unixMilliseconds: changedMs) }
}

extension Record {
    /// When the record was first put.
    public var creationDate: Date { Date(unixMilliseconds: createdMs) }
    /// When this revision was written.
    public var modificationDate: Date { Date(unixMilliseconds: changedMs) }
}

extension OpenRequest {
    /// When it ends.
    public var expiryDate: Date { Date(unixSeconds: expiresAt) }
}

extension Asker {
    /// Since when it has been an active member of its framework.
    public var activeSinceDate: Date { Date(unixSeconds: activeSince) }
}

extension OfferedTerms {
    /// The last second at which it can be accepted.
    public var expiryDate: Date { Date(unixSeconds: expiresAt) }
}

extension FieldEvaluation {
    /// When it was last shown to this organisation.
    public var lastSharedDate: Date? { sharedBeforeMs.map(Date.init(unixMilliseconds:)) }
}

extension FieldMatch {
    /// Since when it is known to be so.
    public var knownSinceDate: Date { Date(unixSeconds: asOf) }
    /// Until when its issuer vouches for it.
    public var expiryDate: Date? { expiresAt.map(Date.init(unixSeconds:)) }
}

extension ConsentSummary {
    /// When it was agreed.
    public var agreementDate: Date { Date(unixSeconds: agreedAt) }
    /// When it ends by itself; nil where only a withdrawal ends it.
    public var expiryDate: Date? { expiresAt.map(Date.init(unixSeconds:)) }
    /// When it was withdrawn.
    public var withdrawalDate: Date? { withdrawnAt.map(Date.init(unixSeconds:)) }
    /// When the withdrawal was acknowledged.
    public var acknowledgementDate: Date? { acknowledgedAt.map(Date.init(unixSeconds:)) }
}

extension Pause {
    /// Since when it stands still.
    public var sinceDate: Date { Date(unixSeconds: since) }
}

extension WithdrawalProgress {
    /// When it left this phone.
    public var sendingDate: Date? { sentAt.map(Date.init(unixSeconds:)) }
    /// Since when the organisation is silent; only while it is.
    public var silentSinceDate: Date? { silentSince.map(Date.init(unixSeconds:)) }
    /// When it was last asked again for its acknowledgement.
    public var reminderDate: Date? { remindedAt.map(Date.init(unixSeconds:)) }
}

extension OrganisationChange {
    /// Since when it stands there.
    public var sinceDate: Date { Date(unixSeconds: since) }
}

extension HistoryEntry {
    /// When it happened.
    public var date: Date { Date(unixMilliseconds: timeMs) }
}

extension CheckpointInfo {
    /// When it was made.
    public var date: Date { Date(unixSeconds: signedAt) }
}

extension InboxItem {
    /// When it came.
    public var arrivalDate: Date { Date(unixMilliseconds: receivedMs) }
}

extension AnchorInfo {
    /// When the list's successor is due.
    public var nextUpdateDate: Date { Date(unixSeconds: nextUpdate) }
    /// Until when the list is used all the same, where its successor is overdue.
    public var usableUntilDate: Date? { usableUntil.map(Date.init(unixSeconds:)) }
}

extension TermsInfo {
    /// From when on they hold.
    public var effectiveDate: Date { Date(unixSeconds: effective) }
    /// When the owner of the store accepted them.
    public var acceptanceDate: Date? { acceptedAt.map(Date.init(unixSeconds:)) }
}

extension BackupStatus {
    /// When the last backup was complete.
    public var lastBackupDate: Date? { lastBackupAt.map(Date.init(unixSeconds:)) }
}

extension RehearsalReport {
    /// When the backup was made.
    public var backupDate: Date { Date(unixSeconds: madeAt) }
}

extension RestoreReport {
    /// When the backup was made, by its device's clock.
    public var backupDate: Date { Date(unixSeconds: madeAt) }
}

extension HostedRequest {
    /// When it ends.
    public var expiryDate: Date { Date(unixSeconds: expiresAt) }
}

extension HostedRequestSummary {
    /// When it was made.
    public var creationDate: Date { Date(unixSeconds: createdAt) }
    /// When it ends.
    public var expiryDate: Date { Date(unixSeconds: expiresAt) }
}

extension ClusterStatement {
    /// Until when it holds.
    public var expiryDate: Date { Date(unixSeconds: expiresAt) }
}

extension OrgAgreementSummary {
    /// When it was agreed.
    public var agreementDate: Date { Date(unixSeconds: agreedAt) }
    /// When it ends by itself; nil where only a withdrawal ends it.
    public var expiryDate: Date? { expiresAt.map(Date.init(unixSeconds:)) }
    /// When it was withdrawn.
    public var withdrawalDate: Date? { withdrawnAt.map(Date.init(unixSeconds:)) }
    /// When the withdrawal was acknowledged.
    public var acknowledgementDate: Date? { acknowledgedAt.map(Date.init(unixSeconds:)) }
}

extension SentMessage {
    /// When it was stored to be sent.
    public var postingDate: Date { Date(unixSeconds: postedAt) }
}

extension CertificateStatus {
    /// Its last second.
    public var expiryDate: Date { Date(unixSeconds: notAfter) }
}

extension ListStatus {
    /// When it was issued.
    public var issueDate: Date { Date(unixSeconds: issued) }
    /// When the next one is due.
    public var nextUpdateDate: Date { Date(unixSeconds: nextUpdate) }
}

extension FrameworkLogEntry {
    /// When it was done.
    public var date: Date { Date(unixSeconds: at) }
}

extension MemberInfo {
    /// Since when it has had its status.
    public var sinceDate: Date { Date(unixSeconds: since) }
}
