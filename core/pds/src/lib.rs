//! The public Rust API: a person's and an organisation's side, and a framework operator's, over every room of the core.
//!
//! [`Person`], [`Organisation`] and [`Framework`] each open a folder and hand out few sub-clients. This crate drives the
//! protocols: it is where the disk, the network and the clock are reached. Dropping a future cancels what it does, with
//! nothing half-written. Nothing here says a sentence to a person: an [`Error`] is a code with parameters.

mod agreements;
mod archive;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod blocking;
mod bodies;
mod credentials;
mod device;
mod disk;
mod error;
mod evidence;
mod files;
mod framework;
mod history;
mod home;
mod http;
pub mod import;
mod mail;
mod organisation;
mod pages;
mod person;
mod platform;
mod progress;
mod relay;
mod rights;
mod transfer;
mod trust;

pub use agreements::standing::{MemberState, Pause};
pub use archive::{
    ArchiveAbout, ArchiveContents, ArchiveDamage, ArchiveReport, ArchiveReview, ExportOptions, ExportReport,
    ImportOptions, review_archive,
};
pub use error::{CODES, Category, Error, Parameter, Result, Retry};
pub use evidence::{EvidenceReport, ProvenAgreement, verify_evidence, verify_receipt, verify_receipt_parts};
pub use files::Files;
pub use framework::{Admission, Framework, FrameworkProfile, MemberInfo, TermsDraft};
pub use history::{CheckpointInfo, History, HistoryItem, HistoryReport};
pub use import::{
    CardOwner, Column, Columns, DateOrder, Format, Import, ImportPlan, ImportReport, ImportSource, Known, ReadOptions,
    Selection,
};
pub use organisation::{
    ApplicationSpec, CarriedAnswer, ClusterStatement, Commission, Deliveries, DeliveryReport, DeliverySpec,
    FieldIssuer, FieldSpec, GoneField, HostedRequest, HostedRequestState, HostedRequestSummary, InvitationAudience,
    InvitationSpec, Letter, MessageState, OrgAgreement, OrgAgreementState, OrgAgreementSummary, OrgAgreements,
    OrgClusters, OrgEvent, OrgFiles, OrgInbox, OrgInvitation, OrgInvitations, OrgRead, OrgReadState, OrgReads,
    OrgRequests, OrgRights, OrgRightsRequest, OrgRightsState, Organisation, OrganisationProfile, OrganisationTerms,
    ReceivedAnswer, ReceivedField, RequestSpec, RightsFulfilment, SentMessage, SessionSpec, SupplierCard,
};
pub use pages::PageWords;
pub use person::{
    Backup, BackupStatus, Choice, ClusterMemberView, ClusterView, Clusters, ConnectionOrigin, ConnectionState,
    ConnectionSummary, Connections, ConsentAct, ConsentDetail, ConsentFilter, ConsentOutcome, ConsentState,
    ConsentSummary, Consents, Contact, ContactUse, CorrectedField, DataRights, Decision, DeviceInfo, Directory, Due,
    EffortSaved, GivenField, Inbox, InboxEvent, InboxItem, Introduction, KnownPerson, MemberStanding, Narrowing,
    NarrowingInfo, OpenRequest, People, Person, PersonLink, PersonState, Push, PushReport, PushSubscriptions, ReadInfo,
    ReadState, Records, RecoveryInput, RecoveryKit, RefusedRequest, RehearsalReport, Reminders, Report, ReportSubject,
    Requests, RestoreReport, RightsDetail, RightsSpec, RightsStage, RightsSummary, RuleList, Rules, SchemaInfo, Share,
    ShareDirection, ShareSpec, ShareState, WithdrawalProgress, WithdrawalState, check_recovery_code, schemas,
};
pub use platform::{Clock, Platform, SystemClock};
pub use progress::{Progress, ProgressFn, no_progress};
pub use rights::RightsReply;
pub use transfer::{FileTransfer, TransferDirection, TransferState};
pub use trust::{AnchorBundle, AnchorInfo, ListFreshness, OrganisationChange, TermsInfo, Trust};

pub use kist_consent::rules::{KeptRule, Pattern, QuietHours, Remembered, Rule as PersonRule, Verdict};
pub use kist_consent::{DataRight, Evaluation, FieldRef, RefusalGround, Rights, Validity};
pub use kist_crypto::slots::KdfCost;
pub use kist_crypto::{MemorySmallState, PlatformKeyState, SecretBytes, SecureArea, SmallState, SoftwareSecureArea};
pub use kist_exchange::{
    Cluster, ClusterMember, ClusterName, SESSION_TRIES, Session, SessionCode, TransportPolicy, qr,
};
pub use kist_sync::{BackupReport, Freshness};
pub use kist_trust::framework::{Act, Application, FrameworkStatus, LogEntry, Notice};
pub use kist_trust::{
    AnchorKind, Authority, CredentialUse, IntendedUse, Localised, SealedTo, Status, Supplier, Terms as FrameworkTerms,
    TermsNotice,
};
pub use kist_vault::schema::Violation;
pub use kist_vault::{
    Candidate, ComparedMember, Conflict, ConflictKind, Correction, Date, Difference, Edit, FieldView, FilledField,
    FilledForm, Form, FormField, Freshness as FieldFreshness, HistoryEntry, HybridTime, Marks, MemberChange, Reminder,
    Rule, Settlement, Side, SideId, TRASH_DAYS, Want,
};
pub use kist_vault::{
    Facets, FileId, FileMeta, FileRef, FileSpace, FileUse, Filter, Hit, LifeArea, MAX_FILE, OrganisationFacet,
    Provenance, Record, RecordDraft, RecordId, RecordSummary, Shown, SnippetPart, Source, SourceFilter, Thumbnail,
    Verification,
};
