//! An organisation's side: one store, and the sub-clients that work on it.

mod agreements;
mod amendments;
mod clusters;
mod deliveries;
mod events;
mod inbox;
mod invitations;
mod membership;
mod offer;
mod outgoing;
mod profile;
mod reads;
mod relationships;
mod requests;
mod rights;
mod sent;
mod transfers;
mod withdrawals;

use std::path::Path;
use std::sync::Arc;

use kist_crypto::OsRandom;
use kist_crypto::es256::SigningKey;

use self::outgoing::Sender;
use crate::home::{Home, Unlock, to_json};
use crate::{Admission, Platform, Result, Trust, blocking};

pub use agreements::{
    FieldIssuer, GoneField, OrgAgreement, OrgAgreementState, OrgAgreementSummary, OrgAgreements, ReceivedField,
};
pub use clusters::{ClusterStatement, OrgClusters};
pub use deliveries::{Deliveries, DeliveryReport, DeliverySpec};
pub use events::OrgEvent;
pub use inbox::OrgInbox;
pub use invitations::{InvitationAudience, InvitationSpec, Letter, OrgInvitation, OrgInvitations};
pub use membership::ApplicationSpec;
pub use offer::{FieldSpec, RequestSpec, SessionSpec};
pub use profile::{OrganisationProfile, OrganisationTerms};
pub use reads::{OrgRead, OrgReadState, OrgReads};
pub use requests::{
    CarriedAnswer, Commission, HostedRequest, HostedRequestState, HostedRequestSummary, OrgRequests, ReceivedAnswer,
    SupplierCard,
};
pub use rights::{OrgRights, OrgRightsRequest, OrgRightsState, RightsFulfilment};
pub use sent::{MessageState, SentMessage};
pub use transfers::OrgFiles;

/// An open store of an organisation. Cheap to clone; the keys are wiped when the last clone is gone.
#[derive(Clone)]
pub struct Organisation {
    home: Arc<Home>,
    sender: Sender,
}

impl Organisation {
    /// Whether there is a store in the folder.
    pub fn exists(dir: &Path) -> bool {
        Home::exists(dir)
    }

    /// Makes a store and the organisation's signing key, under a passphrase.
    ///
    /// Errors: `Malformed` with the part of the profile that can't stand in an offer, `AlreadyExists`, `StorageFull` …
    pub async fn create(
        dir: &Path,
        platform: Platform,
        passphrase: &str,
        profile: OrganisationProfile,
    ) -> Result<Self> {
        profile.check()?;
        let (dir, passphrase) = (dir.to_owned(), passphrase.to_owned());
        blocking::run(move || {
            let new = Home::begin(&dir, platform, kist_crypto::RootKey::generate(1, &mut OsRandom))?;
            let (key, profile) = (SigningKey::generate(&mut OsRandom), to_json(&profile)?);
            new.vault
                .transaction(new.platform.now_ms(), |changes| profile::begin(changes, &profile, &key))?;
            Ok(Self::on(new.commit(&passphrase)?))
        })
        .await
    }

    /// Opens a store with its passphrase.
    ///
    /// Errors: `NotFound`, `KeyMismatch` for a wrong passphrase, `Corrupt`, `InUse`, `RollbackDetected`.
    pub async fn open(dir: &Path, platform: Platform, passphrase: &str) -> Result<Self> {
        let (dir, passphrase) = (dir.to_owned(), passphrase.to_owned());
        blocking::run(move || Ok(Self::on(Home::open(&dir, platform, &Unlock::Passphrase(&passphrase))?))).await
    }

    fn on(home: Home) -> Self {
        let home = Arc::new(home);
        Organisation {
            sender: Sender::new(Arc::clone(&home)),
            home,
        }
    }

    /// Notes the store's generation where the platform protects it, and lets go of the store.
    pub async fn close(self) -> Result<()> {
        self.home.blocking(Home::note_generation).await
    }

    /// Who the organisation says it is.
    pub async fn profile(&self) -> Result<OrganisationProfile> {
        self.home.blocking(profile::profile).await
    }

    /// What the organisation gives to the operator of a framework: a compact JWS, signed with its key, that says who it is
    /// and what it wants to ask for and to issue.
    pub async fn apply(&self, spec: ApplicationSpec) -> Result<String> {
        self.home.blocking(move |home| membership::apply(home, spec)).await
    }

    /// Installs what the operator gave back: access certificate and registration. A later one replaces it.
    ///
    /// Whether phones believe it is for the frameworks that they trust to say.
    ///
    /// Errors: `UntrustedKey` for another organisation's admission, `Malformed`, `DowngradeRefused`.
    pub async fn install(&self, admission: Admission) -> Result<()> {
        self.home
            .blocking(move |home| membership::install(home, &admission))
            .await
    }

    /// What the organisations for which this one acts need to know of it.
    ///
    /// Errors: `NotFound` before [`Organisation::install`], `OrganisationNotTrusted` once the admission has run out.
    pub async fn supplier_card(&self) -> Result<SupplierCard> {
        self.home.blocking(requests::supplier_card).await
    }

    /// The relay that requests and mailboxes are made on, where one is set.
    pub async fn relay(&self) -> Result<Option<String>> {
        self.home.blocking(profile::relay).await
    }

    /// Sets the relay for what is made from now on.
    pub async fn set_relay(&self, relay: &str) -> Result<()> {
        let relay = relay.to_owned();
        self.home.blocking(move |home| profile::set_relay(home, &relay)).await
    }

    /// Which frameworks the organisation believes: whose credentials it accepts. Without any, it verifies what people say
    /// of themselves, and nothing else.
    pub fn trust(&self) -> Trust {
        Trust {
            home: Arc::clone(&self.home),
        }
    }

    /// Requests to people.
    pub fn requests(&self) -> OrgRequests {
        OrgRequests {
            home: Arc::clone(&self.home),
            sender: self.sender.clone(),
        }
    }

    /// Invitations to people who aren't known yet.
    pub fn invitations(&self) -> OrgInvitations {
        OrgInvitations {
            home: Arc::clone(&self.home),
            requests: self.requests(),
        }
    }

    /// Clusters that the organisation leads.
    pub fn clusters(&self) -> OrgClusters {
        OrgClusters {
            home: Arc::clone(&self.home),
        }
    }

    /// What people agreed to.
    pub fn agreements(&self) -> OrgAgreements {
        OrgAgreements {
            home: Arc::clone(&self.home),
        }
    }

    /// Data and words to people.
    pub fn deliveries(&self) -> Deliveries {
        Deliveries {
            home: Arc::clone(&self.home),
            sender: self.sender.clone(),
        }
    }

    /// Requests of people's rights over their data.
    pub fn rights(&self) -> OrgRights {
        OrgRights {
            home: Arc::clone(&self.home),
            sender: self.sender.clone(),
        }
    }

    /// What people's phones are asked by standing access.
    pub fn reads(&self) -> OrgReads {
        OrgReads {
            home: Arc::clone(&self.home),
            sender: self.sender.clone(),
        }
    }

    /// Files to people and from them.
    pub fn files(&self) -> OrgFiles {
        OrgFiles {
            home: Arc::clone(&self.home),
            sender: self.sender.clone(),
        }
    }

    /// Messages of people.
    pub fn inbox(&self) -> OrgInbox {
        OrgInbox {
            home: Arc::clone(&self.home),
            sender: self.sender.clone(),
        }
    }
}
