//! Push, as it crosses the bridge: it is optional, and carries no content.

use std::sync::Arc;

use crate::error::Result;
use crate::{CancelHandle, KistError, Person, task};

/// Where the platform's push service gives out subscriptions: UnifiedPush, WebPush, or whatever an app brings. Called from
/// threads of the core, any of them; what it throws counts as no subscription.
#[uniffi::export(with_foreign)]
pub trait Push: Send + Sync {
    /// The https address of a subscription for `instance`, to which an empty POST wakes the app (RFC 8030); none where there
    /// is no push now. Each mailbox is an instance of its own, and its address should be too: a relay that is given one
    /// address for two mailboxes knows that they are one person's.
    fn endpoint(&self, instance: String) -> Result<Option<String>, KistError>;
}

/// What became of the mailboxes' subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct PushReport {
    /// Mailboxes whose relay tells the push service.
    pub registered: u64,
    /// Mailboxes without push: their relay tells no push services, or not this one. They are read at each refresh as ever.
    pub without: u64,
    /// Mailboxes whose relay couldn't be reached now.
    pub unreachable: u64,
}

#[uniffi::export]
impl Person {
    /// Registers each mailbox's subscription with its relay, where it isn't yet, and takes away those that `push` no longer
    /// has. To be called after connections were opened, and when the platform's push service says that addresses changed.
    pub async fn register_push(&self, push: Arc<dyn Push>, cancel: Arc<CancelHandle>) -> Result<PushReport> {
        let subscriptions = self.store.get()?.push();
        task::run(&cancel, async move {
            let report = subscriptions.register(&Foreign(push)).await?;
            Ok(PushReport {
                registered: report.registered,
                without: report.without,
                unreachable: report.unreachable,
            })
        })
        .await
    }
}

/// The platform's push service, as the core asks it.
struct Foreign(Arc<dyn Push>);

impl kist_pds::Push for Foreign {
    fn endpoint(&self, instance: &str) -> Option<String> {
        // A subscription that can't be had is none: mailboxes are read without it too.
        self.0.endpoint(instance.to_owned()).ok().flatten()
    }
}
