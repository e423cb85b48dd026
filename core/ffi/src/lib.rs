//! The bridge to Kotlin and Swift: the one crate that names UniFFI. It is kist-pds again, coarser, and no API of its own:
//! the SDKs' hand-written layers are.
//!
//! Every exported function returns a `Result`: a panic in one that can't fail would end a Swift program. What is long runs
//! on the core's threads and takes a [`CancelHandle`]. Free JSON (the body of a record, a claim) crosses as text.
#![allow(unsafe_code)] // what UniFFI's macros expand to

mod access;
mod archive;
mod backup;
mod clusters;
mod codes;
mod connections;
mod consents;
mod curation;
mod dashboard;
mod error;
mod evaluation;
mod facets;
mod files;
mod forms;
mod framework;
mod handle;
mod history;
mod imports;
mod inbox;
mod json;
mod organisation;
mod people;
mod person;
mod platform;
mod progress;
mod push;
mod qr;
mod records;
mod reminders;
mod requests;
mod rights;
mod rules;
mod task;
mod trust;

pub use access::{FileTransfer, ReadInfo, ReadState, TransferDirection, TransferState};
pub use archive::{
    ArchiveDamage, ArchiveOptions, ArchiveReport, ArchiveReview, ExportOptions, ExportReport, review_archive,
};
pub use backup::{
    BackupReport, BackupStatus, DeviceInfo, Freshness, RecoveryInput, RecoveryKit, RehearsalReport, RestoreReport,
    Restored, check_recovery_code, restore_person,
};
pub use clusters::{ClusterMemberView, ClusterView, MemberStanding};
pub use codes::{ErrorCategory, ErrorCode, error_codes};
pub use connections::{ConnectionAct, ConnectionState, ConnectionSummary, Contact, ContactUse, Introduction};
pub use consents::{
    ConsentDetail, ConsentState, ConsentSummary, Pause, PausedBy, Rights, WithdrawalProgress, WithdrawalState,
};
pub use curation::{
    ComparedMember, Conflict, ConflictKind, ConflictSide, FieldDetail, FieldFreshness, Marks, MemberChange,
    MemberChoice, RecordChange, Reminder, Settlement, SideId, StaleRecord, Violation,
};
pub use dashboard::{
    ConsentAct, ConsentFilter, ConsentOutcome, EffortSaved, GivenField, Narrowing, NarrowingInfo, verify_evidence,
    verify_receipt, verify_receipt_parts,
};
pub use error::{ErrorParameter, Failure, KistError, ParameterValue};
pub use evaluation::{
    AlternativeOption, Alternatives, Asker, Evaluation, FieldEvaluation, FieldIssuer, FieldMatch, FieldValue,
    KeptAfterWithdrawal, OfferedTerms, Party, RequestWarning, StatedPurpose, Validity,
};
pub use facets::{Facet, Facets, OrganisationFacet};
pub use files::{FileDetails, FileSpace, FileUse, Thumbnail};
pub use forms::{FilledField, FilledForm, FormAnswer, FormField, FormValue};
pub use framework::{
    CertificateStatus, Framework, FrameworkLogEntry, FrameworkNotice, FrameworkProfile, FrameworkStatus, ListStatus,
    MemberInfo, TermsDraft, TermsNotice, create_framework, directory_of, framework_exists, open_framework,
    read_application,
};
pub use history::{CheckpointInfo, HistoryEntry, HistoryReport};
pub use imports::{
    CardOwner, ImportColumn, ImportDateOrder, ImportFormat, ImportHow, ImportPlan, ImportPreview, ImportRemark,
    ImportReport, PlannedRecord,
};
pub use inbox::{InboxEvent, InboxItem};
pub use organisation::{
    Cluster, ClusterMember, ClusterName, ClusterStatement, DeliveryReport, DeliverySpec, FieldSpec, GoneField,
    HostedRequest, HostedRequestState, HostedRequestSummary, InvitationAudience, InvitationSpec, Letter, OrgAgreement,
    OrgAgreementState, OrgAgreementSummary, OrgEvent, OrgInvitation, OrgRead, OrgRightsRequest, OrgRightsState,
    Organisation, OrganisationProfile, OrganisationTerms, ReceivedAnswer, ReceivedField, RequestSpec, RightsAnswer,
    SentMessage, SentMessageState, create_organisation, open_organisation, organisation_exists, organisation_terms,
};
pub use people::{KnownPerson, PersonLink, PersonState, Share, ShareSpec, ShareState};
pub use person::{Person, create_person, open_person, open_person_with_device, person_exists};
pub use platform::{
    KdfCost, KeyStoreError, Platform, SecureArea, SmallState, memory_small_state, software_secure_area,
};
pub use progress::{ProgressListener, WorkProgress};
pub use push::{Push, PushReport};
pub use qr::{QrModules, draw_qr, read_qr, read_request_qr};
pub use records::{
    NewRecord, Provenance, Record, RecordEdit, RecordFilter, RecordPage, RecordPlace, RecordSummary, SchemaInfo,
    SearchHit, SnippetPart, SourceFilter, SourceKind, StoredFile,
};
pub use reminders::Due;
pub use requests::{BrowserSession, FieldChoice, OpenRequest, OptionChoice, SessionCode};
pub use rights::{
    Authority, CorrectedField, DataRight, RefusalGround, Report, RightsDetail, RightsOutcome, RightsReply, RightsSpec,
    RightsStage, RightsSummary,
};
pub use rules::{FieldPattern, KeptRule, RequestVerdict, Rule};
pub use task::CancelHandle;
pub use trust::{AnchorInfo, ListState, MemberState, OrganisationChange, TermsInfo};

uniffi::setup_scaffolding!("kist");
