//! Standing access and files, the organisation's side, as they cross the bridge.

use std::path::PathBuf;
use std::sync::Arc;

use super::Organisation;
use crate::error::Result;
use crate::requests::field_of;
use crate::{CancelHandle, FileTransfer, ReadState, task};

/// A question to a person's phone.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OrgRead {
    /// Its id.
    pub id: String,
    /// Under which agreement.
    pub agreement: String,
    /// What is asked; empty for all that was given.
    pub fields: Vec<String>,
    /// Since when it is pending, Unix seconds.
    pub asked_at: i64,
    /// Where it stands.
    pub state: ReadState,
    /// When the phone decided, Unix seconds by its clock.
    pub decided_at: Option<i64>,
    /// The day on which what the answer says was so: its first second, Unix time.
    pub as_of: Option<i64>,
    /// Why the phone won't answer: a code.
    pub code: Option<String>,
}

#[uniffi::export]
impl Organisation {
    /// Asks a person's phone for fields, by their ids, as they are now; for all that was given where none is named. The phone
    /// answers when it is next refreshed; the agreement has the values then.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `FieldNotOffered` for what the person
    /// didn't choose; `TooLarge` where too many questions wait.
    pub async fn ask_to_read(
        &self,
        agreement: String,
        fields: Vec<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<OrgRead> {
        let reads = self.store.get()?.reads();
        let fields = fields.iter().map(|id| field_of(id)).collect::<Result<_>>()?;
        task::run(&cancel, async move { Ok(reads.ask(&agreement, fields).await?.into()) }).await
    }

    /// Questions, the newest first: under one agreement, or under all.
    pub async fn reads(&self, agreement: Option<String>, cancel: Arc<CancelHandle>) -> Result<Vec<OrgRead>> {
        let reads = self.store.get()?.reads();
        task::run(&cancel, async move {
            let reads = reads.list(agreement.as_deref()).await?;
            Ok(reads.into_iter().map(OrgRead::from).collect())
        })
        .await
    }

    /// Delivers a file under an agreement. It goes on with each refresh of the inbox; the store keeps a copy.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `TooLarge` above 100 MiB;
    /// `OrganisationNotTrusted` where the organisation may not issue `urn:kist:schema:file:1`.
    pub async fn deliver_file(
        &self,
        agreement: String,
        file: String,
        cancel: Arc<CancelHandle>,
    ) -> Result<FileTransfer> {
        let (files, file) = (self.store.get()?.files(), PathBuf::from(file));
        task::run(
            &cancel,
            async move { Ok(files.deliver(&agreement, &file).await?.into()) },
        )
        .await
    }

    /// Files that go to people and come from them, with what became of each.
    pub async fn file_transfers(&self, cancel: Arc<CancelHandle>) -> Result<Vec<FileTransfer>> {
        let files = self.store.get()?.files();
        task::run(&cancel, async move {
            Ok(files.transfers().await?.into_iter().map(FileTransfer::from).collect())
        })
        .await
    }

    /// Writes a file that came to disk: whole and verified, or not at all.
    ///
    /// Errors: `NotFound` for a transfer that isn't done, or was deleted after a withdrawal; `Corrupt`, `StorageFull`.
    pub async fn save_transfer(&self, transfer: String, to: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let (files, to) = (self.store.get()?.files(), PathBuf::from(to));
        task::run(&cancel, async move { Ok(files.save(&transfer, &to).await?) }).await
    }
}

impl From<kist_pds::OrgRead> for OrgRead {
    fn from(read: kist_pds::OrgRead) -> Self {
        use kist_pds::OrgReadState as S;
        let (state, decided_at, as_of, code) = match read.state {
            S::Pending => (ReadState::Pending, None, None, None),
            S::Answered { at, as_of } => (ReadState::Answered, Some(at), Some(as_of), None),
            S::Refused { at, code } => (ReadState::Refused, Some(at), None, Some(code)),
        };
        OrgRead {
            id: read.id,
            agreement: read.agreement,
            fields: read.fields.iter().map(ToString::to_string).collect(),
            asked_at: read.asked_at,
            state,
            decided_at,
            as_of,
            code,
        }
    }
}
