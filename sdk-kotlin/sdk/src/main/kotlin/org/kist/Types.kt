package org.kist

import kotlin.time.Duration
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import org.kist.generated.FieldIssuer
import org.kist.generated.Freshness as CoreFreshness
import org.kist.generated.RecordFilter as CoreFilter
import org.kist.generated.RequestSpec as CoreRequestSpec
import org.kist.generated.SourceFilter as CoreSourceFilter
import org.kist.generated.Validity as CoreValidity

// What the core tells, by the names that apps use. Times are Unix seconds, or milliseconds where the name ends in `Ms`.
typealias AlternativeOption = org.kist.generated.AlternativeOption
typealias Alternatives = org.kist.generated.Alternatives
typealias AnchorInfo = org.kist.generated.AnchorInfo
typealias Authority = org.kist.generated.Authority
typealias BackupReport = org.kist.generated.BackupReport
typealias BackupStatus = org.kist.generated.BackupStatus
typealias CardOwner = org.kist.generated.CardOwner
typealias ArchiveDamage = org.kist.generated.ArchiveDamage
typealias ArchiveReport = org.kist.generated.ArchiveReport
typealias ArchiveReview = org.kist.generated.ArchiveReview
typealias CertificateStatus = org.kist.generated.CertificateStatus
typealias CheckpointInfo = org.kist.generated.CheckpointInfo
typealias Cluster = org.kist.generated.Cluster
typealias ClusterMember = org.kist.generated.ClusterMember
typealias ClusterMemberView = org.kist.generated.ClusterMemberView
typealias ClusterName = org.kist.generated.ClusterName
typealias ClusterStatement = org.kist.generated.ClusterStatement
typealias ClusterView = org.kist.generated.ClusterView
typealias ComparedMember = org.kist.generated.ComparedMember
typealias Conflict = org.kist.generated.Conflict
typealias ConflictKind = org.kist.generated.ConflictKind
typealias ConflictSide = org.kist.generated.ConflictSide
typealias ConnectionAct = org.kist.generated.ConnectionAct
typealias ConnectionState = org.kist.generated.ConnectionState
typealias ConnectionSummary = org.kist.generated.ConnectionSummary
typealias ConsentDetail = org.kist.generated.ConsentDetail
typealias ConsentFilter = org.kist.generated.ConsentFilter
typealias ConsentOutcome = org.kist.generated.ConsentOutcome
typealias ConsentState = org.kist.generated.ConsentState
typealias ConsentSummary = org.kist.generated.ConsentSummary
typealias Contact = org.kist.generated.Contact
typealias ContactUse = org.kist.generated.ContactUse
typealias CorrectedField = org.kist.generated.CorrectedField
typealias DataRight = org.kist.generated.DataRight
typealias DeliveryReport = org.kist.generated.DeliveryReport
typealias DeviceInfo = org.kist.generated.DeviceInfo
typealias EffortSaved = org.kist.generated.EffortSaved
typealias ErrorCategory = org.kist.generated.ErrorCategory
typealias ErrorCode = org.kist.generated.ErrorCode
typealias Evaluation = org.kist.generated.Evaluation
typealias ExportReport = org.kist.generated.ExportReport
typealias Facet = org.kist.generated.Facet
typealias Facets = org.kist.generated.Facets
typealias FieldChoice = org.kist.generated.FieldChoice
typealias FieldDetail = org.kist.generated.FieldDetail
typealias FieldEvaluation = org.kist.generated.FieldEvaluation
typealias FieldMatch = org.kist.generated.FieldMatch
typealias FieldPattern = org.kist.generated.FieldPattern
typealias FieldSpec = org.kist.generated.FieldSpec
typealias FileDetails = org.kist.generated.FileDetails
typealias FileSpace = org.kist.generated.FileSpace
typealias FileUse = org.kist.generated.FileUse
typealias FileTransfer = org.kist.generated.FileTransfer
typealias FilledField = org.kist.generated.FilledField
typealias FilledForm = org.kist.generated.FilledForm
typealias FormField = org.kist.generated.FormField
typealias FormValue = org.kist.generated.FormValue
typealias FrameworkLogEntry = org.kist.generated.FrameworkLogEntry
typealias FrameworkNotice = org.kist.generated.FrameworkNotice
typealias FrameworkProfile = org.kist.generated.FrameworkProfile
typealias FrameworkStatus = org.kist.generated.FrameworkStatus
typealias GoneField = org.kist.generated.GoneField
typealias GivenField = org.kist.generated.GivenField
typealias HistoryEntry = org.kist.generated.HistoryEntry
typealias HistoryReport = org.kist.generated.HistoryReport
typealias HostedRequest = org.kist.generated.HostedRequest
typealias HostedRequestState = org.kist.generated.HostedRequestState
typealias HostedRequestSummary = org.kist.generated.HostedRequestSummary
typealias ImportColumn = org.kist.generated.ImportColumn
typealias ImportDateOrder = org.kist.generated.ImportDateOrder
typealias ImportFormat = org.kist.generated.ImportFormat
typealias ImportHow = org.kist.generated.ImportHow
typealias ImportPlan = org.kist.generated.ImportPlan
typealias ImportRemark = org.kist.generated.ImportRemark
typealias ImportReport = org.kist.generated.ImportReport
typealias InboxItem = org.kist.generated.InboxItem
typealias InvitationAudience = org.kist.generated.InvitationAudience
typealias KnownPerson = org.kist.generated.KnownPerson
typealias Letter = org.kist.generated.Letter
typealias ListState = org.kist.generated.ListState
typealias ListStatus = org.kist.generated.ListStatus
typealias Marks = org.kist.generated.Marks
typealias MemberChange = org.kist.generated.MemberChange
typealias MemberChoice = org.kist.generated.MemberChoice
typealias MemberInfo = org.kist.generated.MemberInfo
typealias MemberStanding = org.kist.generated.MemberStanding
typealias MemberState = org.kist.generated.MemberState
typealias Narrowing = org.kist.generated.Narrowing
typealias NarrowingInfo = org.kist.generated.NarrowingInfo
typealias NewRecord = org.kist.generated.NewRecord
typealias OfferedTerms = org.kist.generated.OfferedTerms
typealias OpenRequest = org.kist.generated.OpenRequest
typealias OptionChoice = org.kist.generated.OptionChoice
typealias OrgAgreement = org.kist.generated.OrgAgreement
typealias OrgAgreementState = org.kist.generated.OrgAgreementState
typealias OrgAgreementSummary = org.kist.generated.OrgAgreementSummary
typealias OrgRead = org.kist.generated.OrgRead
typealias OrgInvitation = org.kist.generated.OrgInvitation
typealias OrgRightsRequest = org.kist.generated.OrgRightsRequest
typealias OrgRightsState = org.kist.generated.OrgRightsState
typealias OrganisationChange = org.kist.generated.OrganisationChange
typealias OrganisationFacet = org.kist.generated.OrganisationFacet
typealias OrganisationProfile = org.kist.generated.OrganisationProfile
typealias OrganisationTerms = org.kist.generated.OrganisationTerms
typealias Party = org.kist.generated.Party
typealias Pause = org.kist.generated.Pause
typealias PausedBy = org.kist.generated.PausedBy
typealias PersonLink = org.kist.generated.PersonLink
typealias PersonState = org.kist.generated.PersonState
typealias PlannedRecord = org.kist.generated.PlannedRecord
typealias Provenance = org.kist.generated.Provenance
typealias PushReport = org.kist.generated.PushReport
typealias QrModules = org.kist.generated.QrModules
typealias ReadInfo = org.kist.generated.ReadInfo
typealias ReadState = org.kist.generated.ReadState
typealias ReceivedAnswer = org.kist.generated.ReceivedAnswer
typealias ReceivedField = org.kist.generated.ReceivedField
typealias Record = org.kist.generated.Record
typealias RecordChange = org.kist.generated.RecordChange
typealias RecordEdit = org.kist.generated.RecordEdit
typealias RecordPage = org.kist.generated.RecordPage
typealias RecordPlace = org.kist.generated.RecordPlace
typealias RecordSummary = org.kist.generated.RecordSummary
typealias RecoveryInput = org.kist.generated.RecoveryInput
typealias RecoveryKit = org.kist.generated.RecoveryKit
typealias RefusalGround = org.kist.generated.RefusalGround
typealias RefusedRequest = org.kist.generated.RefusedRequest
typealias RehearsalReport = org.kist.generated.RehearsalReport
typealias Reminder = org.kist.generated.Reminder
typealias RequestWarning = org.kist.generated.RequestWarning
typealias RestoreReport = org.kist.generated.RestoreReport
typealias Rights = org.kist.generated.Rights
typealias RightsDetail = org.kist.generated.RightsDetail
typealias RightsOutcome = org.kist.generated.RightsOutcome
typealias RightsReply = org.kist.generated.RightsReply
typealias RightsSpec = org.kist.generated.RightsSpec
typealias RightsStage = org.kist.generated.RightsStage
typealias RightsSummary = org.kist.generated.RightsSummary
typealias SchemaInfo = org.kist.generated.SchemaInfo
typealias SearchHit = org.kist.generated.SearchHit
typealias SentMessageState = org.kist.generated.SentMessageState
typealias Share = org.kist.generated.Share
typealias ShareSpec = org.kist.generated.ShareSpec
typealias ShareState = org.kist.generated.ShareState
typealias SideId = org.kist.generated.SideId
typealias SourceKind = org.kist.generated.SourceKind
typealias StaleRecord = org.kist.generated.StaleRecord
typealias StoredFile = org.kist.generated.StoredFile
typealias TermsDraft = org.kist.generated.TermsDraft
typealias TermsInfo = org.kist.generated.TermsInfo
typealias TermsNotice = org.kist.generated.TermsNotice
typealias Thumbnail = org.kist.generated.Thumbnail
typealias TransferDirection = org.kist.generated.TransferDirection
typealias TransferState = org.kist.generated.TransferState
typealias Violation = org.kist.generated.Violation
typealias WithdrawalProgress = org.kist.generated.WithdrawalProgress
typealias WithdrawalState = org.kist.generated.WithdrawalState

/** The types of record that Kist knows. Others are taken as they are. */
object Schemas {
    const val NAME = "urn:kist:schema:name:1"
    const val BIRTH = "urn:kist:schema:birth:1"
    const val ADDRESS = "urn:kist:schema:address:1"
    const val PHONE = "urn:kist:schema:phone:1"
    const val EMAIL = "urn:kist:schema:email:1"
    const val CONTACT = "urn:kist:schema:contact:1"
    const val DOCUMENT = "urn:kist:schema:document:1"
    const val VACCINATION = "urn:kist:schema:vaccination:1"
    const val NOTE = "urn:kist:schema:note:1"
}

/** The record's body, read. */
val Record.json: JsonObject get() = Json.parseToJsonElement(body).jsonObject

/** The value, read. */
val ReceivedField.json: JsonElement get() = Json.parseToJsonElement(value)

/** Whether the module is dark; outside the code everything is light. */
fun QrModules.isDark(x: Int, y: Int): Boolean {
    val side = size.toInt()
    return x in 0 until side && y in 0 until side && modules[y * side + x] != 0.toByte()
}

/** Who vouches for the value; null where nobody but the person does. */
val FieldMatch.organisation: Party? get() = issuer.organisation()

/** Who signed the value; null where nobody but the person did. */
val ReceivedField.organisation: Party? get() = issuer.organisation()

private fun FieldIssuer.organisation(): Party? = when (this) {
    is FieldIssuer.Organisation -> Party(id, name)
    FieldIssuer.SelfAsserted -> null
}

/** How long an agreement holds. */
sealed interface Validity {
    /** One reading, which is the answer itself. */
    data object Once : Validity

    /** Until [at], Unix seconds, when it holds no more. */
    data class Until(val at: Long) : Validity

    /** Until it is withdrawn. */
    data object Standing : Validity
}

/** How long the offered agreement holds. */
val OfferedTerms.holds: Validity get() = when (val core = validity) {
    CoreValidity.Once -> Validity.Once
    is CoreValidity.Until -> Validity.Until(core.at)
    CoreValidity.Standing -> Validity.Standing
}

/** A request to make. Purpose, legal basis, retention and what is kept after a withdrawal come from the registration. */
data class RequestSpec(
    /** The intended use of the registration that it falls under. */
    val useId: String,
    /** What is asked for. */
    val fields: List<FieldSpec>,
    /** How long the agreement holds. */
    val validity: Validity,
    /** What the organisation may do. */
    val rights: Rights,
    /** How long the request can be answered; a day at most. */
    val lifetime: Duration,
    /** The language that the organisation speaks; the registered purpose has a text in it. */
    val language: String,
    /** A single sharing that any conforming wallet answers, without an agreement. */
    val plain: Boolean = false,
    /** The session of a browser that the answer is given out to, as a sign-in needs it; null where it opens no door. */
    val session: BrowserSession? = null,
    /** The agreement that the new one would take the place of: to renew or to widen it. */
    val replaces: String? = null,
) {
    internal fun toCore() = CoreRequestSpec(
        useId,
        fields,
        when (validity) {
            Validity.Once -> CoreValidity.Once
            is Validity.Until -> CoreValidity.Until(validity.at)
            Validity.Standing -> CoreValidity.Standing
        },
        rights,
        lifetime.inWholeSeconds,
        language,
        plain,
        session?.toCore(),
        replaces,
    )
}

/**
 * Which records to list or search; what is null or empty lets any through, but for those that are out of sight: [place]
 * says where else to look. Of the current revision's time, [fromMs] is the first moment and [untilMs] the one after the last.
 */
data class RecordFilter(
    val schemas: List<String> = emptyList(),
    val area: String? = null,
    val tag: String? = null,
    val source: SourceFilter? = null,
    val favourites: Boolean = false,
    val place: RecordPlace = RecordPlace.IN_SIGHT,
    val fromMs: Long? = null,
    val untilMs: Long? = null,
) {
    internal fun toCore() = CoreFilter(
        schemas,
        area,
        tag,
        when (source) {
            null -> null
            SourceFilter.SelfAsserted -> CoreSourceFilter.SelfAsserted
            SourceFilter.Imported -> CoreSourceFilter.Imported
            SourceFilter.Delivered -> CoreSourceFilter.Delivered
            is SourceFilter.DeliveredBy -> CoreSourceFilter.DeliveredBy(source.organisationId)
        },
        favourites,
        place,
        fromMs,
        untilMs,
    )
}

/** Which sources a [RecordFilter] lets through. */
sealed interface SourceFilter {
    /** Typed by the person. */
    data object SelfAsserted : SourceFilter

    /** Imported from anywhere. */
    data object Imported : SourceFilter

    /** Delivered by any organisation. */
    data object Delivered : SourceFilter

    /** Delivered by one organisation. */
    data class DeliveredBy(val organisationId: String) : SourceFilter
}

/** What is known of the newest backup. */
sealed interface Freshness {
    /** Nothing: the restore stops with `FreshnessUnproven` and says what it found. */
    data object Unknown : Freshness

    /** The person has seen date and device of the head with this sequence, and goes on. */
    data class Confirmed(val sequence: Long) : Freshness

    /** This device, or another that can be asked, has seen the head with this sequence. */
    data class AtLeast(val sequence: Long) : Freshness
}

internal fun Freshness.toCore(): CoreFreshness = when (this) {
    Freshness.Unknown -> CoreFreshness.Unknown
    is Freshness.Confirmed -> CoreFreshness.Confirmed(sequence.toULong())
    is Freshness.AtLeast -> CoreFreshness.AtLeast(sequence.toULong())
}
