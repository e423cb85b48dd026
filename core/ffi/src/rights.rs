//! Requests of rights to organisations, the person's side, and reports to those who supervise them, as they cross the bridge.

use std::collections::HashMap;
use std::sync::Arc;

use kist_pds::PageWords;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::records::record_id;
use crate::requests::field_of;
use crate::{CancelHandle, Person, json, task};

/// A right of the GDPR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum DataRight {
    /// To have a copy, article 15.
    Access,
    /// To have wrong data put right, article 16.
    Rectification,
    /// To have data erased, article 17.
    Erasure,
    /// To have data kept and not used, article 18.
    Restriction,
    /// To have what one gave in a form that machines read, article 20.
    Portability,
    /// To object to a use, article 21.
    Objection,
}

/// What the person asks for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RightsSpec {
    /// The right.
    pub right: DataRight,
    /// The consent that it is about; it may have ended.
    pub consent: String,
    /// About everything that its organisation has of the person, and not about this consent alone.
    #[uniffi(default)]
    pub everything: bool,
    /// The fields that it is about, by their ids; none means all.
    #[uniffi(default)]
    pub fields: Vec<String>,
    /// For a rectification: what is right. Only these fields leave, each said anew by the person.
    #[uniffi(default)]
    pub corrections: Vec<CorrectedField>,
    /// Why, in the person's words, 4096 bytes at most.
    #[uniffi(default)]
    pub reason: Option<String>,
}

/// A field that is wrong with the organisation, and the record that has it right.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CorrectedField {
    /// The field, by its id, as it was given.
    pub field: String,
    /// The record, of the schema that the field was asked of.
    pub record: String,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum RightsStage {
    /// It waits here for the network.
    Waiting,
    /// No relay will take it: the organisation has given its address up.
    NotTaken,
    /// The organisation has it, and time to answer.
    Sent,
    /// It said in time that it needs longer.
    Extended,
    /// Its time is over.
    Overdue,
    /// It has answered.
    Answered,
}

/// A request in a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RightsSummary {
    /// Its id.
    pub id: String,
    /// The organisation's legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// What was asked for.
    pub right: DataRight,
    /// The consent that it is about; none for everything.
    pub consent: Option<String>,
    /// The fields that it is about; none for all.
    pub fields: Vec<String>,
    /// Where it stands.
    pub stage: RightsStage,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// When it left this phone, Unix seconds.
    pub sent_at: Option<i64>,
    /// Until when the organisation has to answer, or had to, Unix seconds; none before it was sent.
    pub due_at: Option<i64>,
    /// When the organisation was last asked again, Unix seconds.
    pub reminded_at: Option<i64>,
    /// When it answered, by its own word, Unix seconds.
    pub answered_at: Option<i64>,
}

/// A request with everything that was said.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RightsDetail {
    /// As in the list.
    pub summary: RightsSummary,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// By what the organisation asked for more time.
    pub extension: Option<RightsReply>,
    /// What it answered.
    pub answer: Option<RightsReply>,
    /// The records that came with the answer.
    pub records: Vec<String>,
    /// How many credentials of the answer wait for a newer trust list.
    pub waiting: u64,
    /// Who supervises the organisation.
    pub authority: Option<Authority>,
}

/// Who supervises an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, uniffi::Record)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Where it is reached.
    pub uri: String,
}

/// What an organisation answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum RightsOutcome {
    /// It did what was asked.
    Done,
    /// It refuses.
    Refused,
    /// It needs more time.
    Extended,
}

/// On what ground an organisation refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, uniffi::Enum)]
pub enum RefusalGround {
    /// The request is manifestly unfounded, article 12(5)(b).
    ManifestlyUnfounded,
    /// The request is excessive, such as one made again and again, article 12(5)(b).
    Excessive,
    /// The organisation can't tell whose data it is, articles 11(2) and 12(2).
    NotIdentified,
    /// It would harm the rights of others, articles 15(4) and 20(4).
    RightsOfOthers,
    /// A law asks to keep the data, article 17(3)(b).
    LegalObligation,
    /// It serves public health, archives or research, article 17(3)(c) and (d).
    PublicInterest,
    /// It is needed for legal claims, articles 17(3)(e) and 21(1).
    LegalClaims,
    /// It serves freedom of expression and information, article 17(3)(a).
    FreedomOfExpression,
    /// The conditions of the right are not met: there is no such data, or another basis for its use.
    ConditionsNotMet,
}

/// An organisation's answer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RightsReply {
    /// What came of it.
    pub outcome: RightsOutcome,
    /// On what ground it refuses.
    pub ground: Option<RefusalGround>,
    /// Until when it needs, Unix seconds.
    pub until: Option<i64>,
    /// Its words, by language.
    pub text: HashMap<String, String>,
    /// When, Unix seconds.
    pub answered_at: i64,
}

/// A report to an authority. Nothing is sent from here: the person sends it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Report {
    /// Its id.
    pub id: String,
    /// The organisation that it is about: its legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// What it is about.
    pub subject: ReportSubject,
    /// Whom it is for, where that is known.
    pub authority: Option<Authority>,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// When the person sent it, by their own word, Unix seconds.
    pub sent_at: Option<i64>,
    /// What they noted then, such as a reference.
    pub sent_note: Option<String>,
}

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ReportSubject {
    /// A consent.
    Consent {
        /// Its id.
        id: String,
    },
    /// A request that nothing was agreed on.
    Request {
        /// Its id.
        id: String,
    },
}

#[uniffi::export]
impl Person {
    /// Asks an organisation for a right. It is stored and stands in the history first; sending is tried now and at every
    /// refresh of the inbox.
    ///
    /// Errors: `NotFound`; `FieldNotOffered` for a field that was never given; `Malformed` for a rectification that says
    /// nothing, or fields beside `everything`; `TooLarge`.
    pub async fn ask_for_right(&self, spec: RightsSpec, cancel: Arc<CancelHandle>) -> Result<RightsSummary> {
        let rights = self.store.get()?.rights();
        let spec = spec.into_core()?;
        task::run(&cancel, async move { RightsSummary::of(rights.ask(spec).await?) }).await
    }

    /// Every request of rights, the newest first.
    pub async fn rights_requests(&self, cancel: Arc<CancelHandle>) -> Result<Vec<RightsSummary>> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move {
            rights.list().await?.into_iter().map(RightsSummary::of).collect()
        })
        .await
    }

    /// One request of rights with everything that was said.
    pub async fn rights_request(&self, id: String, cancel: Arc<CancelHandle>) -> Result<RightsDetail> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move { RightsDetail::of(rights.get(&id).await?) }).await
    }

    /// Asks the organisation again, once in a day at most.
    ///
    /// Errors: `NotFound`; `TooSoon` with the moment from which on it can be asked.
    pub async fn remind_of_rights(&self, id: String, cancel: Arc<CancelHandle>) -> Result<RightsSummary> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move { RightsSummary::of(rights.remind(&id).await?) }).await
    }

    /// Makes a report about an organisation from the record of what happened under a consent; `note` is what the person
    /// adds. It stays here.
    ///
    /// Errors: `NotFound`, `TooLarge`, `HistoryBroken`.
    pub async fn make_report(
        &self,
        consent: String,
        note: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Report> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move { Report::of(rights.report(&consent, note).await?) }).await
    }

    /// Makes a report about an organisation from a request of its own that waits or was refused; `note` is what the person
    /// adds. It stays here.
    ///
    /// Errors: `NotFound`, also 90 days after the refusal; `TooLarge`, `HistoryBroken`.
    pub async fn make_request_report(
        &self,
        request: String,
        note: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<Report> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move {
            Report::of(rights.report_request(&request, note).await?)
        })
        .await
    }

    /// Every report, the newest first.
    pub async fn reports(&self, cancel: Arc<CancelHandle>) -> Result<Vec<Report>> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move {
            rights.reports().await?.into_iter().map(Report::of).collect()
        })
        .await
    }

    /// A report as JSON, with the signed objects that prove it.
    pub async fn report_document(&self, id: String, cancel: Arc<CancelHandle>) -> Result<String> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move { json::text(&rights.report_document(&id).await?) }).await
    }

    /// The signed request that a report is about, for an authority that asks for it. It may hold a token that sends to the
    /// organisation, so it is no part of the document.
    ///
    /// Errors: `NotFound`, also for a report about a consent.
    pub async fn reported_request(&self, id: String, cancel: Arc<CancelHandle>) -> Result<String> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move { Ok(rights.reported_request(&id).await?) }).await
    }

    /// A report as a page of HTML to read and print, in the words of a catalogue by key.
    pub async fn report_page(
        &self,
        id: String,
        words: HashMap<String, String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<String> {
        let rights = self.store.get()?.rights();
        let words = PageWords(words.into_iter().collect());
        task::run(&cancel, async move { Ok(rights.report_page(&id, words).await?) }).await
    }

    /// Notes that the person has sent a report, and what they want to remember of it, such as a reference.
    pub async fn report_sent(&self, id: String, note: Option<String>, cancel: Arc<CancelHandle>) -> Result<Report> {
        let rights = self.store.get()?.rights();
        task::run(&cancel, async move { Report::of(rights.report_sent(&id, note).await?) }).await
    }
}

impl From<kist_pds::DataRight> for DataRight {
    fn from(right: kist_pds::DataRight) -> Self {
        match right {
            kist_pds::DataRight::Access => Self::Access,
            kist_pds::DataRight::Rectification => Self::Rectification,
            kist_pds::DataRight::Erasure => Self::Erasure,
            kist_pds::DataRight::Restriction => Self::Restriction,
            kist_pds::DataRight::Portability => Self::Portability,
            kist_pds::DataRight::Objection => Self::Objection,
        }
    }
}

impl From<DataRight> for kist_pds::DataRight {
    fn from(right: DataRight) -> Self {
        match right {
            DataRight::Access => Self::Access,
            DataRight::Rectification => Self::Rectification,
            DataRight::Erasure => Self::Erasure,
            DataRight::Restriction => Self::Restriction,
            DataRight::Portability => Self::Portability,
            DataRight::Objection => Self::Objection,
        }
    }
}

impl RightsOutcome {
    /// By the core's word, of which there are three.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "done" => Self::Done,
            "refused" => Self::Refused,
            _ => Self::Extended,
        }
    }
}

impl RightsSpec {
    fn into_core(self) -> Result<kist_pds::RightsSpec> {
        let correction = |corrected: CorrectedField| {
            Ok(kist_pds::CorrectedField {
                field: field_of(&corrected.field)?,
                record: record_id(&corrected.record)?,
            })
        };
        Ok(kist_pds::RightsSpec {
            right: self.right.into(),
            consent: self.consent,
            everything: self.everything,
            fields: self.fields.iter().map(|id| field_of(id)).collect::<Result<_>>()?,
            corrections: self.corrections.into_iter().map(correction).collect::<Result<_>>()?,
            reason: self.reason,
        })
    }
}

impl RightsSummary {
    fn of(request: kist_pds::RightsSummary) -> Result<Self> {
        use kist_pds::RightsStage as S;
        Ok(RightsSummary {
            id: request.id,
            organisation: request.organisation,
            organisation_id: request.organisation_id,
            right: request.right.into(),
            consent: request.consent,
            fields: request.fields.iter().map(ToString::to_string).collect(),
            stage: match request.stage {
                S::Waiting => RightsStage::Waiting,
                S::NotTaken => RightsStage::NotTaken,
                S::Sent => RightsStage::Sent,
                S::Extended => RightsStage::Extended,
                S::Overdue => RightsStage::Overdue,
                S::Answered => RightsStage::Answered,
            },
            made_at: request.made_at,
            sent_at: request.sent_at,
            due_at: request.due_at,
            reminded_at: request.reminded_at,
            answered_at: request.answered_at,
        })
    }
}

impl RightsDetail {
    fn of(detail: kist_pds::RightsDetail) -> Result<Self> {
        Ok(RightsDetail {
            summary: RightsSummary::of(detail.summary)?,
            reason: detail.reason,
            extension: detail.extension.map(RightsReply::of).transpose()?,
            answer: detail.answer.map(RightsReply::of).transpose()?,
            records: detail.records.iter().map(ToString::to_string).collect(),
            waiting: detail.waiting as u64,
            authority: json::reshape(&detail.authority)?,
        })
    }
}

impl RightsReply {
    pub(crate) fn of(reply: kist_pds::RightsReply) -> Result<Self> {
        Ok(RightsReply {
            outcome: RightsOutcome::of(reply.outcome),
            ground: json::reshape(&reply.ground)?,
            until: reply.until,
            text: reply.text.into_iter().collect(),
            answered_at: reply.answered_at,
        })
    }
}

impl Report {
    fn of(report: kist_pds::Report) -> Result<Self> {
        Ok(Report {
            id: report.id,
            organisation: report.organisation,
            organisation_id: report.organisation_id,
            subject: match report.subject {
                kist_pds::ReportSubject::Consent(id) => ReportSubject::Consent { id },
                kist_pds::ReportSubject::Request(id) => ReportSubject::Request { id },
            },
            authority: json::reshape(&report.authority)?,
            made_at: report.made_at,
            sent_at: report.sent_at,
            sent_note: report.sent_note,
        })
    }
}
