//! A receipt as a page: what was agreed, to be read and printed, without a network.
//!
//! HTML 5 without scripts, pictures, links or anything from elsewhere, which a policy forbids to the browser too. What the
//! organisation wrote is text here: it is escaped, and an address is shown and not linked.

use std::fmt::Write as _;

use kist_consent::{Agreement, Organisation, Texts, Validity};

use super::{POLICY, PageWords, STYLE, escape, moment};

const PRINT: &str = "@media print{body{margin:0;max-width:none;color:#000;background:#fff}dt,.about{color:#000}\
dt,dd{break-inside:avoid}}";

/// The page of an agreement's receipt. Words that aren't handed in stand as their plain names; see
/// [`crate::Consents::receipt_page`].
pub(crate) fn receipt_page(agreement: &Agreement, words: &PageWords) -> String {
    let mut page = Page {
        out: String::new(),
        words,
    };
    page.begin(&format!(
        "{}: {}",
        words.get("title"),
        agreement.offer().organisation.name
    ));
    page.parties(agreement);
    page.what(agreement);
    page.terms(agreement);
    page.events(agreement);
    page.proof(agreement);
    page.out.push_str("</body>\n</html>\n");
    page.out
}

struct Page<'a> {
    out: String,
    words: &'a PageWords,
}

impl Page<'_> {
    /// Strings are written to, which doesn't fail.
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.out.write_fmt(text);
    }

    fn begin(&mut self, heading: &str) {
        let (language, heading) = (escape(self.words.get("language")), escape(heading));
        let direction = match self.words.get("dir") {
            "rtl" => "rtl",
            _ => "ltr",
        };
        self.put(format_args!(
            "<!DOCTYPE html>\n<html lang=\"{language}\" dir=\"{direction}\">\n<head><meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{heading}</title>\n\
             <style>{STYLE}{PRINT}</style></head>\n<body>\n<h1>{heading}</h1>\n"
        ));
    }

    fn section(&mut self, key: &str, pairs: &[(&str, String)]) {
        self.put(format_args!("<h2>{}</h2>\n<dl>\n", escape(self.words.get(key))));
        for (name, text) in pairs.iter().filter(|(_, text)| !text.is_empty()) {
            let (name, text) = (escape(self.words.get(name)), escape(text));
            self.put(format_args!("<dt>{name}</dt><dd dir=\"auto\">{text}</dd>\n"));
        }
        self.out.push_str("</dl>\n");
    }

    fn parties(&mut self, agreement: &Agreement) {
        let offer = agreement.offer();
        let Organisation {
            id,
            name,
            address,
            contact,
            country,
        } = offer.organisation.clone();
        let supplier = offer.supplier.as_ref().map(|party| party.name.clone());
        let recipients: Vec<&str> = offer.recipients.iter().map(|party| party.name.as_str()).collect();
        self.section(
            "parties",
            &[
                ("organisation", name),
                ("organisation_id", id),
                ("address", address),
                ("contact", contact),
                ("country", country),
                ("supplier", supplier.unwrap_or_default()),
                ("recipients", recipients.join(", ")),
            ],
        );
    }

    fn what(&mut self, agreement: &Agreement) {
        let offer = agreement.offer();
        let given = agreement.fields();
        let fields = agreement.acceptance().chosen.iter().map(|field| {
            let path = field.path.elements().iter().rev();
            let name = path.into_iter().find_map(|element| match element {
                kist_identity::PathElement::Name(name) => Some(name.as_str()),
                _ => None,
            });
            let name = name.unwrap_or_default();
            let label = self.words.0.get(&format!("field.{name}")).map_or(name, String::as_str);
            let need = match offer.field(field).is_some_and(|offered| offered.required) {
                true => "required",
                false => "optional",
            };
            let need = self.words.get(if given.contains(field) { need } else { "taken_out" });
            format!("{label} ({need})")
        });
        let fields: Vec<String> = fields.collect();
        let rights = [
            (offer.rights.read, "right.read"),
            (offer.rights.deliver, "right.deliver"),
            (offer.rights.update, "right.update"),
        ];
        let rights = rights.into_iter().filter(|(granted, _)| *granted);
        let rights: Vec<&str> = rights.map(|(_, key)| self.words.get(key)).collect();
        let basis = format!("legal_basis.{}", offer.legal_basis.term());
        let pairs = [
            (
                "purpose",
                self.text(&offer.purpose.text, &agreement.acceptance().language),
            ),
            (
                "legal_basis",
                self.words
                    .0
                    .get(&basis)
                    .map_or(offer.legal_basis.term(), String::as_str)
                    .to_owned(),
            ),
            ("fields", fields.join("\n")),
            ("rights", rights.join("\n")),
        ];
        self.section("agreed", &pairs);
    }

    fn terms(&mut self, agreement: &Agreement) {
        let offer = agreement.offer();
        let validity = match (agreement.ends_at(), offer.validity) {
            (_, Validity::Once) => self.words.get("once").to_owned(),
            (Some(at), _) => format!("{} {}", self.words.get("until"), time(at)),
            (None, _) => self.words.get("standing").to_owned(),
        };
        let kept = offer.kept_after_withdrawal.iter().map(|kept| {
            let text = self.text(&kept.text, &agreement.acceptance().language);
            format!("{text} ({})", self.period(kept.period.as_str()))
        });
        let kept: Vec<String> = kept.collect();
        let pairs = [
            ("validity", validity),
            ("retention", self.period(offer.retention.as_str()).to_owned()),
            ("kept_after_withdrawal", kept.join("\n")),
            ("storage", offer.storage.join(", ")),
            ("privacy_notice", offer.privacy_notice.clone()),
            ("terms", format!("{}\nSHA-256 {}", offer.terms.uri, offer.terms.sha256)),
        ];
        self.section("terms_heading", &pairs);
    }

    fn events(&mut self, agreement: &Agreement) {
        let some = |at: Option<i64>| at.map(time).unwrap_or_default();
        let mut narrowed: Vec<i64> = agreement.amendments().map(|one| one.amendment.amended_at).collect();
        narrowed.sort_unstable();
        let narrowed: Vec<String> = narrowed.into_iter().map(time).collect();
        let pairs = [
            ("agreed_at", time(agreement.acceptance().accepted_at)),
            (
                "countersigned_at",
                some(agreement.receipt().map(|receipt| receipt.issued_at())),
            ),
            ("narrowed_at", narrowed.join("\n")),
            (
                "withdrawn_at",
                some(agreement.signed_withdrawal().map(|signed| signed.withdrawn_at)),
            ),
            (
                "acknowledged_at",
                some(agreement.signed_acknowledgement().map(|signed| signed.acknowledged_at)),
            ),
        ];
        self.section("events", &pairs);
    }

    fn proof(&mut self, agreement: &Agreement) {
        let receipt = agreement.receipt();
        let pairs = [
            ("agreement", agreement.id().to_string()),
            (
                "receipt",
                receipt.map(|receipt| receipt.id().to_owned()).unwrap_or_default(),
            ),
            ("organisation_key", agreement.offer().key().thumbprint()),
            ("person_key", agreement.relationship().thumbprint()),
        ];
        self.section("proof", &pairs);
        let about = escape(self.words.get("about"));
        self.put(format_args!("<p class=\"about\">{about}</p>\n"));
    }

    /// In the page's language, else the one that the person read it in.
    fn text(&self, texts: &Texts, read: &str) -> String {
        let best = texts.best(&[self.words.get("language")], read);
        best.map(|(_, text)| text.to_owned()).unwrap_or_default()
    }

    fn period<'a>(&'a self, iso: &'a str) -> &'a str {
        self.words.0.get(&format!("period.{iso}")).map_or(iso, String::as_str)
    }
}

fn time(seconds: i64) -> String {
    moment(seconds.saturating_mul(1000))
}
