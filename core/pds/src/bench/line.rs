//! Two stores that send each other messages without a meaning, for the bench of the channel.

use std::path::Path;
use std::sync::Arc;

use kist_channel::{Connection, MessageKind};
use kist_crypto::OsRandom;
use kist_crypto::es256::SigningKey;

use crate::home::Home;
use crate::mail::{self, Arrival};
use crate::relay::Relay;
use crate::{KdfCost, Platform, Result};

const NAME: &str = "line";

/// One direction between two stores, over a relay.
pub struct Line {
    sender: Arc<Home>,
    receiver: Arc<Home>,
    key: SigningKey,
}

impl Line {
    /// Makes both stores in a folder, and a mailbox each on the relay.
    pub async fn open(dir: &Path, relay: &str) -> Result<Line> {
        let platform = Platform {
            kdf_cost: KdfCost::FLOOR,
            ..Platform::desktop("bench").allow_loopback()
        };
        let sender = Arc::new(Home::create(&dir.join("sender"), platform.clone(), "passphrase")?);
        let receiver = Arc::new(Home::create(&dir.join("receiver"), platform, "passphrase")?);
        let relay = Relay::new(sender.mail.clone(), relay)?;
        let (here, there) = (mail::fresh_mailbox(&relay).await?, mail::fresh_mailbox(&relay).await?);
        let (key, other) = (SigningKey::generate(&mut OsRandom), SigningKey::generate(&mut OsRandom));
        let address = there.address();
        let mut sends = Connection::new(here.own, other.public(), here.receiving);
        sends.set_peer(address)?;
        let receives = Connection::new(there.own, key.public(), there.receiving);
        sender.transaction(|changes| mail::keep_connection(changes, NAME, &sends))?;
        receiver.transaction(|changes| mail::keep_connection(changes, NAME, &receives))?;
        Ok(Line { sender, receiver, key })
    }

    /// Stores messages, each durable by itself, and sends them.
    pub async fn send(&self, bodies: Vec<Vec<u8>>) -> Result<()> {
        let key = self.key.clone();
        let post = move |home: &Home| {
            for body in bodies {
                let sign = |input: &[u8]| key.sign(input);
                let kind = MessageKind::Other("bench".into());
                home.transaction(|changes| mail::post(changes, NAME, &sign, kind, body, home.platform.now()))?;
            }
            Ok(())
        };
        self.sender.blocking(post).await?;
        mail::flush(&self.sender).await.map(drop)
    }

    /// Takes in what came and stores it, durable before the relay forgets it. Gives how many messages that was.
    pub async fn receive(&self) -> Result<usize> {
        let keep = |_: &Home, changes: &kist_vault::Transaction<'_>, _: &str, message: kist_channel::Message| {
            Ok(changes.keep("bench", &message.number.to_string(), &message.body)?)
        };
        let arrivals = mail::receive(&self.receiver, NAME, keep).await?;
        let events = arrivals.iter().filter(|arrival| matches!(arrival, Arrival::Event(())));
        Ok(events.count())
    }
}
