// The values that the core takes and gives: plain structs and enums, Sendable all of them. What is awkward in Swift
// about them, times as numbers and free JSON as text, has a property of Swift's own beside it (Dates.swift,
// JSON.swift).

import KistGenerated

public typealias ErrorParameter = KistGenerated.ErrorParameter
public typealias Failure = KistGenerated.Failure
public typealias KdfCost = KistGenerated.KdfCost
public typealias ParameterValue = KistGenerated.ParameterValue
public typealias QrModules = KistGenerated.QrModules
public typealias WorkProgress = KistGenerated.WorkProgress

// Records
public typealias CardOwner = KistGenerated.CardOwner
public typealias FileDetails = KistGenerated.FileDetails
public typealias FileSpace = KistGenerated.FileSpace
public typealias FileUse = KistGenerated.FileUse
public typealias ImportColumn = KistGenerated.ImportColumn
public typealias ImportDateOrder = KistGenerated.ImportDateOrder
public typealias ImportFormat = KistGenerated.ImportFormat
public typealias ImportHow = KistGenerated.ImportHow
public typealias ImportPlan = KistGenerated.ImportPlan
public typealias ImportRemark = KistGenerated.ImportRemark
public typealias ImportReport = KistGenerated.ImportReport
public typealias NewRecord = KistGenerated.NewRecord
public typealias PlannedRecord = KistGenerated.PlannedRecord
public typealias Provenance = KistGenerated.Provenance
public typealias Record = KistGenerated.Record
public typealias RecordFilter = KistGenerated.RecordFilter
public typealias RecordSummary = KistGenerated.RecordSummary
public typealias SchemaInfo = KistGenerated.SchemaInfo
public typealias SearchHit = KistGenerated.SearchHit
public typealias SnippetPart = KistGenerated.SnippetPart
public typealias SourceFilter = KistGenerated.SourceFilter
public typealias SourceKind = KistGenerated.SourceKind
public typealias StoredFile = KistGenerated.StoredFile
public typealias Thumbnail = KistGenerated.Thumbnail

// Curation
public typealias ComparedMember = KistGenerated.ComparedMember
public typealias Conflict = KistGenerated.Conflict
public typealias ConflictKind = KistGenerated.ConflictKind
public typealias ConflictSide = KistGenerated.ConflictSide
public typealias FieldDetail = KistGenerated.FieldDetail
public typealias FieldFreshness = KistGenerated.FieldFreshness
public typealias FilledField = KistGenerated.FilledField
public typealias FilledForm = KistGenerated.FilledForm
public typealias FormAnswer = KistGenerated.FormAnswer
public typealias FormField = KistGenerated.FormField
public typealias FormValue = KistGenerated.FormValue
public typealias Marks = KistGenerated.Marks
public typealias MemberChange = KistGenerated.MemberChange
public typealias MemberChoice = KistGenerated.MemberChoice
public typealias RecordChange = KistGenerated.RecordChange
public typealias RecordPlace = KistGenerated.RecordPlace
public typealias Reminder = KistGenerated.Reminder
public typealias Settlement = KistGenerated.Settlement
public typealias SideId = KistGenerated.SideId
public typealias StaleRecord = KistGenerated.StaleRecord
public typealias Violation = KistGenerated.Violation

// Requests, consents, messages
public typealias AnchorInfo = KistGenerated.AnchorInfo
public typealias Asker = KistGenerated.Asker
public typealias ConsentDetail = KistGenerated.ConsentDetail
public typealias ConsentState = KistGenerated.ConsentState
public typealias ConsentSummary = KistGenerated.ConsentSummary
public typealias Evaluation = KistGenerated.Evaluation
public typealias FieldChoice = KistGenerated.FieldChoice
public typealias FieldEvaluation = KistGenerated.FieldEvaluation
public typealias FieldIssuer = KistGenerated.FieldIssuer
public typealias FieldMatch = KistGenerated.FieldMatch
public typealias FieldValue = KistGenerated.FieldValue
public typealias HistoryEntry = KistGenerated.HistoryEntry
public typealias HistoryReport = KistGenerated.HistoryReport
public typealias InboxEvent = KistGenerated.InboxEvent
public typealias InboxItem = KistGenerated.InboxItem
public typealias KeptAfterWithdrawal = KistGenerated.KeptAfterWithdrawal
public typealias OfferedTerms = KistGenerated.OfferedTerms
public typealias OpenRequest = KistGenerated.OpenRequest
public typealias Party = KistGenerated.Party
public typealias RequestWarning = KistGenerated.RequestWarning
public typealias Rights = KistGenerated.Rights
public typealias StatedPurpose = KistGenerated.StatedPurpose
public typealias Validity = KistGenerated.Validity

// Backup
public typealias BackupReport = KistGenerated.BackupReport
public typealias BackupStatus = KistGenerated.BackupStatus
public typealias DeviceInfo = KistGenerated.DeviceInfo
public typealias ArchiveDamage = KistGenerated.ArchiveDamage
public typealias ArchiveReport = KistGenerated.ArchiveReport
public typealias ArchiveReview = KistGenerated.ArchiveReview
public typealias ExportReport = KistGenerated.ExportReport
public typealias Freshness = KistGenerated.Freshness
public typealias RecoveryInput = KistGenerated.RecoveryInput
public typealias RecoveryKit = KistGenerated.RecoveryKit
public typealias RehearsalReport = KistGenerated.RehearsalReport
public typealias RestoreReport = KistGenerated.RestoreReport

// Organisations and frameworks
public typealias DeliveryReport = KistGenerated.DeliveryReport
public typealias FieldSpec = KistGenerated.FieldSpec
public typealias FrameworkProfile = KistGenerated.FrameworkProfile
public typealias HostedRequest = KistGenerated.HostedRequest
public typealias HostedRequestState = KistGenerated.HostedRequestState
public typealias HostedRequestSummary = KistGenerated.HostedRequestSummary
public typealias MemberInfo = KistGenerated.MemberInfo
public typealias OrgAgreement = KistGenerated.OrgAgreement
public typealias OrgAgreementState = KistGenerated.OrgAgreementState
public typealias OrgAgreementSummary = KistGenerated.OrgAgreementSummary
public typealias OrgEvent = KistGenerated.OrgEvent
public typealias OrganisationProfile = KistGenerated.OrganisationProfile
public typealias OrganisationTerms = KistGenerated.OrganisationTerms
public typealias ReceivedAnswer = KistGenerated.ReceivedAnswer
public typealias ReceivedField = KistGenerated.ReceivedField
public typealias RequestSpec = KistGenerated.RequestSpec
public typealias SentMessage = KistGenerated.SentMessage
public typealias SentMessageState = KistGenerated.SentMessageState
