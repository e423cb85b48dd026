//! What was agreed, with everyone, in one place.

mod narrowing;
mod overview;
mod pausing;
pub(in crate::person) mod progress;
mod summary;

use std::sync::Arc;

use self::overview::Overview;
use crate::agreements;
use crate::home::Home;
use crate::pages::PageWords;
use crate::pages::receipt::receipt_page;
use crate::{Error, Result};

pub use self::narrowing::Narrowing;
pub(in crate::person) use self::narrowing::acknowledged;
pub use self::summary::{
    ConsentDetail, ConsentState, ConsentSummary, GivenField, NarrowingInfo, WithdrawalProgress, WithdrawalState,
};

/// The consents of a store.
#[derive(Clone)]
pub struct Consents {
    pub(crate) home: Arc<Home>,
}

impl Consents {
    /// Every consent, to every organisation, the newest first.
    pub async fn list(&self) -> Result<Vec<ConsentSummary>> {
        self.home.blocking(all).await
    }

    /// One consent with everything that was agreed.
    pub async fn get(&self, id: &str) -> Result<ConsentDetail> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let (kept, mut summary) = home.transaction(|changes| Overview::of(home, changes)?.consent(&id))?;
                progress::note(home, std::slice::from_mut(&mut summary))?;
                Ok(ConsentDetail::of(&kept, summary))
            })
            .await
    }

    /// The receipt as a page to read and print: HTML 5 that runs nothing, fetches nothing and links nowhere.
    ///
    /// The words are the app's, as [`crate::PageWords`] has them: `language` (a tag of BCP 47) and `dir` (`ltr` or `rtl`);
    /// `title`; the headings `parties`, `agreed`, `terms_heading`, `events`, `proof`; a label for each line, such as
    /// `organisation`, `purpose` or `retention`; `required`, `optional`, `taken_out`, `once`, `until`, `standing`, `about`; and
    /// names as `field.given_name`, `right.read`, `legal_basis.eu-gdpr:A6-1-a`, `period.P2Y`.
    ///
    /// Errors: `NotFound`, also while the receipt hasn't come.
    pub async fn receipt_page(&self, id: &str, words: PageWords) -> Result<String> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let agreement = agreements::read(home, &id)?.agreement;
                match agreement.receipt() {
                    Some(_) => Ok(receipt_page(&agreement, &words)),
                    None => Err(Error::new("NotFound").with("what", "receipt")),
                }
            })
            .await
    }

    /// The agreement with everything that was signed, as one JSON document that [`crate::verify_receipt`] reads. It carries
    /// the organisation's address for this relationship, as [`crate::History::evidence`] says.
    ///
    /// Errors: `NotFound`.
    pub async fn proof(&self, id: &str) -> Result<Vec<u8>> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| Ok(serde_json::to_vec_pretty(&agreements::read(home, &id)?.agreement)?))
            .await
    }
}

/// A consent by its name, as it stands now.
pub(in crate::person) fn read(home: &Home, id: &str) -> Result<ConsentSummary> {
    let mut summary = home.transaction(|changes| Ok(Overview::of(home, changes)?.consent(id)?.1))?;
    progress::note(home, std::slice::from_mut(&mut summary))?;
    Ok(summary)
}

/// Every consent as it stands now, the newest first.
pub(in crate::person) fn all(home: &Home) -> Result<Vec<ConsentSummary>> {
    let mut all = home.transaction(|changes| Overview::of(home, changes)?.list())?;
    progress::note(home, &mut all)?;
    Ok(all)
}
