//! Restore: a new device, a recovery code, everything back.

use kist_pds::{Error, Freshness, Parameter, Person, RecoveryInput};

use crate::Context;
use crate::arguments::RestoreArgs;
use crate::failure::Result;
use crate::parameters::Parameters;
use crate::progress::Bar;

/// Restores a backup into the store's folder.
pub(crate) async fn run(context: &Context, arguments: RestoreArgs) -> Result<()> {
    let freshness = match (arguments.confirm_freshness, arguments.at_least) {
        (Some(sequence), _) => Freshness::Confirmed(sequence),
        (None, Some(sequence)) => Freshness::AtLeast(sequence),
        (None, None) => Freshness::Unknown,
    };
    let input = RecoveryInput {
        code: context.secrets.recovery_code.to_string(),
        relay: arguments.relay,
    };
    match restore(context, &input, freshness).await {
        Err(error) if error.code() == "FreshnessUnproven" => {
            let sequence = confirmed(context, &error).await.ok_or(error)?;
            Ok(restore(context, &input, Freshness::Confirmed(sequence)).await?)
        }
        done => Ok(done?),
    }
}

async fn restore(context: &Context, input: &RecoveryInput, freshness: Freshness) -> kist_pds::Result<()> {
    let bar = Bar::new(&context.ui, "progress.restore");
    let (platform, passphrase) = (context.platform.clone(), &context.secrets.passphrase);
    let (person, report) =
        Person::restore(&context.store, platform, input, passphrase, freshness, bar.report()).await?;
    person.close().await?;
    drop(bar);
    context.ui.result(&report, |ui| {
        ui.say("restore.done", Parameters::of(&report));
        ui.remark("restore.next", Parameters::default());
    });
    Ok(())
}

/// Shows date and device of the backup, and asks whether it is the newest. None where nobody says so.
async fn confirmed(context: &Context, error: &Error) -> Option<u64> {
    let Some(Parameter::Number(sequence)) = error.parameter("sequence") else {
        return None;
    };
    if !context.ui.is_interactive() {
        return None;
    }
    let add = |all: Parameters, (name, value): &(&str, Parameter)| all.with(name, value);
    let parameters = error.parameters().iter().fold(Parameters::default(), add);
    let sure = context.ui.confirms("restore.confirm", parameters).await;
    u64::try_from(*sequence).ok().filter(|_| sure)
}
