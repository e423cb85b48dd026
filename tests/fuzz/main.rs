//! Every parser of untrusted bytes, driven by a seeded mutator: nothing here may panic or run away (ATTACKS A6, A13, A31).
//!
//! Ten thousand inputs a target; a million with `KIST_LONG=1`. Each input follows from its target's name and its number,
//! and a failure prints both, so that it can be run again.
#![allow(clippy::unwrap_used)]

mod archive;
mod connections;
mod consent;
mod mutator;
mod rights;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};

use mutator::Mutator;

/// A target: bytes in, nothing out. That it returns is the whole of what is asked.
type Target = fn(&[u8]);

/// Inputs of a run.
fn inputs() -> u64 {
    if std::env::var_os("KIST_LONG").is_some() {
        1_000_000
    } else {
        10_000
    }
}

fn fuzz(name: &str, seeds: &[Vec<u8>], target: Target) {
    assert!(!seeds.is_empty(), "{name} has valid inputs to begin with");
    for seed in seeds {
        target(seed);
    }
    let mut mutator = Mutator::new(name);
    for number in 0..inputs() {
        let input = mutator.next(seeds);
        if catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
            panic!("{name} panicked at input {number}: {}", kist_crypto::base64url(&input));
        }
    }
}

macro_rules! targets {
    ($($test:ident => $target:path, $seeds:path;)*) => {$(
        #[test]
        fn $test() {
            fuzz(stringify!($test), &$seeds(), $target);
        }
    )*};
}

use connections as c;
use targets as t;

targets! {
    a31_jws => t::jws, t::jws_seeds;
    a31_jwe => t::jwe, t::jwe_seeds;
    a31_envelope => t::envelope, t::envelope_seeds;
    a31_hpke => t::hpke, t::hpke_seeds;
    a31_recovery_code => t::recovery_code, t::recovery_code_seeds;
    a31_key_slots => t::key_slots, t::key_slot_seeds;
    a31_sd_jwt => t::sd_jwt, t::sd_jwt_seeds;
    a31_dcql => t::dcql, t::dcql_seeds;
    a31_certificate => t::one_certificate, t::certificate_seeds;
    a31_certificate_path => t::certificate_path, t::certificate_seeds;
    a31_registration_and_list => t::registration_and_list, t::jws_seeds;
    a31_signed_statements => t::signed_statements, t::statement_seeds;
    a31_framework_log => t::framework_log, t::framework_log_seeds;
    a31_consent_objects => t::consent_objects, t::jws_seeds;
    a31_rights => rights::rights, rights::seeds;
    a31_amendment => consent::amendment, consent::amendment_seeds;
    a31_evidence => consent::evidence, consent::evidence_seeds;
    a31_history_entry => t::history_entry, t::history_seeds;
    a31_request_link => t::request_link, t::link_seeds;
    a31_commission => t::commission, t::commission_seeds;
    a31_qr_picture => t::qr_picture, t::qr_seeds;
    a31_message => t::message, t::hpke_seeds;
    a31_invitation => c::invitation, c::payload_seeds;
    a31_hello => c::hello, c::payload_seeds;
    a31_cluster => c::cluster, c::payload_seeds;
    a31_letter_code => c::letter_code, c::letter_code_seeds;
    a31_contact_link => c::link, c::link_seeds;
    a31_frames => t::frames, t::frame_seeds;
    a31_wire_values => t::wire_values, t::link_seeds;
    a31_backup_objects => t::backup_objects, t::backup_seeds;
    a31_change => t::change, t::change_seeds;
    a31_vcard => t::vcard, t::vcard_seeds;
    a31_archive => archive::archive, archive::seeds;
    a31_calendar => t::calendar, t::calendar_seeds;
    a31_table => t::table, t::table_seeds;
    a31_json_records => t::json, t::json_seeds;
    a31_fhir => t::fhir, t::fhir_seeds;
    a31_import_of_any_format => t::any_import, t::calendar_seeds;
}
