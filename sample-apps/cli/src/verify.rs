//! Verifying what others show, with public keys alone: evidence and receipts. No store is opened.

use kist_pds::{ProvenAgreement, verify_evidence, verify_receipt, verify_receipt_parts};

use crate::arguments::VerifyReceiptArgs;
use crate::failure::Result;
use crate::input;
use crate::parameters::{self, Parameters};
use crate::ui::Ui;

/// Verifies a history that was exported as evidence.
pub(crate) fn evidence(ui: &Ui, file: &std::path::Path) -> Result<()> {
    let report = verify_evidence(&input::bytes(file)?)?;
    ui.result(&report, |ui| {
        let parameters = Parameters::of(&report).with("signed_at", report.checkpoint.signed_at);
        ui.say("evidence.whole", parameters);
        let key = Parameters::default().with("key", &report.checkpoint.key);
        ui.say("evidence.key", key);
        report.agreements.iter().for_each(|agreement| show(ui, agreement));
    });
    Ok(())
}

/// Verifies a receipt: from one file that holds everything, or from its parts.
pub(crate) fn receipt(ui: &Ui, arguments: VerifyReceiptArgs) -> Result<()> {
    let key = arguments.key.as_deref().map(input::bytes).transpose()?;
    let proven = match (&arguments.acceptance, &arguments.offer, &key) {
        (Some(acceptance), Some(offer), Some(key)) => {
            let receipt = input::text(&arguments.receipt)?;
            verify_receipt_parts(&receipt, &input::text(acceptance)?, &input::text(offer)?, key)?
        }
        _ => verify_receipt(&input::bytes(&arguments.receipt)?, key.as_deref())?,
    };
    ui.result(&proven, |ui| {
        ui.say("receipt.valid", Parameters::default());
        show(ui, &proven);
        if key.is_none() {
            ui.remark("receipt.whose_key", Parameters::default());
        }
    });
    Ok(())
}

fn show(ui: &Ui, agreement: &ProvenAgreement) {
    let fields = agreement.fields.iter().map(|field| {
        let name = parameters::field_name(field);
        ui.catalogue.word("fields", &name)
    });
    let parameters = Parameters::of(agreement)
        .shortened("id")
        .with("given", fields.collect::<Vec<_>>().join(", "))
        .with("why", ui.catalogue.choose(&agreement.purpose));
    ui.say("proven.agreement", parameters.clone());
    ui.say("proven.keys", parameters.clone());
    if agreement.withdrawn_at.is_some() {
        ui.say("proven.withdrawn", parameters);
    }
}
