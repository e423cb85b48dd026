//! A request: who asks, why, what, what follows; then the person's decision, part by part.

use std::path::Path;

use kist_pds::{Choice, ConsentSummary, Decision, Evaluation, OpenRequest, Person, Requests, SessionCode, Validity};
use serde_json::{Value, json};

use super::{consents, records};
use crate::arguments::ScanArgs;
use crate::failure::{Failure, Result};
use crate::input;
use crate::parameters::{self, Parameters, last_name};
use crate::pictures;
use crate::ui::Ui;

/// Opens a request, shows it, and does what the person decides.
pub(crate) async fn run(ui: &Ui, person: &Person, arguments: ScanArgs) -> Result<()> {
    let Some(given) = &arguments.request else {
        return pending(ui, person).await;
    };
    let request = open(person, given).await?;
    let named = arguments.yes
        || arguments.profile.is_some()
        || ![&arguments.give, &arguments.uses, &arguments.instead]
            .iter()
            .all(|parts| parts.is_empty());
    let decided = named || arguments.refuse || arguments.remembered;
    if !(ui.is_json() || ui.is_quiet() && decided) {
        show(ui, &request);
    }
    if arguments.refuse {
        person.requests().refuse(&request.id).await?;
        return finish(ui, &request, "refused", Given::default());
    }
    if arguments.remembered {
        let given = Given {
            consent: person.requests().answer_remembered(&request.id).await?,
            session: person.requests().session_code(&request.id).await?,
        };
        return finish(ui, &request, "given", given);
    }
    let decision = match (named, arguments.look || !ui.is_interactive()) {
        (true, _) => Some(decide(person, &request, &arguments).await?),
        (false, true) => return finish(ui, &request, "pending", Given::default()),
        (false, false) => ask(ui, &request).await,
    };
    let Some(decision) = decision else {
        return finish(ui, &request, "pending", Given::default());
    };
    let decision = Decision {
        language: Some(ui.catalogue.tag().to_owned()),
        remember_until: arguments
            .remember_until
            .as_deref()
            .map(|day| input::day_begins(day, 1))
            .transpose()?
            .map(|ms| ms / 1000),
        ..decision
    };
    let given = Given {
        consent: person.requests().answer(&request.id, decision).await?,
        session: person.requests().session_code(&request.id).await?,
    };
    finish(ui, &request, "given", given)
}

async fn pending(ui: &Ui, person: &Person) -> Result<()> {
    let pending = person.requests().pending().await?;
    ui.result(&pending, |ui| {
        if pending.is_empty() {
            ui.remark("scan.none_pending", Parameters::default());
        }
        for request in &pending {
            let parameters = Parameters::default()
                .with("id", input::short(&request.id))
                .with("organisation", &request.evaluation.asker.organisation.name)
                .with("expires_at", request.expires_at);
            ui.say("scan.pending", parameters);
        }
    });
    Ok(())
}

/// A link, a picture with one, or a request that was opened before.
async fn open(person: &Person, given: &str) -> Result<OpenRequest> {
    if given.contains("://") {
        return Ok(person.requests().open(given).await?);
    }
    let path = Path::new(given);
    if path.exists() {
        let (luma, width, height) = pictures::luma(path)?;
        let link = Requests::read_qr(&luma, width, height)?;
        return Ok(person.requests().open(&link).await?);
    }
    let pending = person.requests().pending().await?;
    let id = input::id(given, pending.iter().map(|request| request.id.clone()));
    // Rather a picture that isn't there than a request: the name says so.
    let missing = |failure| match pictures::extension(path).as_str() {
        "" => failure,
        _ => Failure::unreadable(path, &std::io::ErrorKind::NotFound.into()),
    };
    Ok(person.requests().get(&id.map_err(missing)?).await?)
}

/// What an answer came to.
#[derive(Default)]
struct Given {
    consent: Option<ConsentSummary>,
    session: Option<SessionCode>,
}

fn finish(ui: &Ui, request: &OpenRequest, decision: &str, given: Given) -> Result<()> {
    let Given { consent, session } = given;
    let result = json!({ "request": request, "decision": decision, "consent": consent, "session": session });
    let sentence = match decision {
        "given" => "scan.given",
        "refused" => "scan.refused",
        _ => "scan.pending_still",
    };
    ui.result(&result, |ui| {
        let organisation = &request.evaluation.asker.organisation.name;
        let parameters = Parameters::default()
            .with("organisation", organisation)
            .with("id", input::short(&request.id));
        match &consent {
            Some(consent) => ui.line(&consents::line(ui, consent)),
            None => ui.say(sentence, parameters),
        }
        match &session {
            Some(SessionCode::Type { code }) => ui.say("scan.type_code", Parameters::default().with("digits", code)),
            Some(SessionCode::Open { uri }) => ui.say("scan.open_address", Parameters::default().with("uri", uri)),
            None => {}
        }
    });
    Ok(())
}

/// What the arguments say: the required parts, and those that were named.
async fn decide(person: &Person, request: &OpenRequest, arguments: &ScanArgs) -> Result<Decision> {
    let mut decision = match &arguments.profile {
        Some(profile) => person.requests().by_profile(request, profile).await?,
        None => Decision::required(request),
    };
    for chosen in &arguments.instead {
        let bad = || Failure::own("UnknownId").with("id", chosen);
        let place = |typed: &str| typed.parse::<usize>().ok()?.checked_sub(1);
        let (choice, option) = chosen.split_once('.').ok_or_else(bad)?;
        let (choice, option) = place(choice).zip(place(option)).ok_or_else(bad)?;
        decision = decision.instead(request, choice, option)?;
    }
    for part in &arguments.give {
        let (mut found, mut held) = (false, false);
        for field in request
            .evaluation
            .fields
            .iter()
            .filter(|field| field.credential == *part)
        {
            found = true;
            let Some(name) = field.field() else { continue };
            held |= !field.matches.is_empty();
            if !decision.fields.iter().any(|choice| choice.field == name) {
                decision = decision.and(request, &name);
            }
        }
        if !found || !held {
            return Err(not_asked(request, part));
        }
    }
    for chosen in &arguments.uses {
        let bad = || Failure::own("BadField").with("field", chosen);
        let (part, id) = chosen.split_once('=').ok_or_else(bad)?;
        let candidate = candidate(person, request, part, id).await?;
        for choice in decision
            .fields
            .iter_mut()
            .filter(|choice| choice.field.credential == part)
        {
            choice.candidate.clone_from(&candidate);
        }
    }
    Ok(decision)
}

fn not_asked(request: &OpenRequest, part: &str) -> Failure {
    let mut parts: Vec<&str> = request
        .evaluation
        .fields
        .iter()
        .map(|field| field.credential.as_str())
        .collect();
    parts.dedup();
    Failure::own("PartNotAsked")
        .with("part", part)
        .with("parts", parts.join(", "))
}

/// The candidate that is a record of this id.
async fn candidate(person: &Person, request: &OpenRequest, part: &str, given: &str) -> Result<String> {
    let id = records::find(person, given).await?;
    let wanted = format!("record:{id}");
    let mut matches = request
        .evaluation
        .fields
        .iter()
        .filter(|field| field.credential == part)
        .flat_map(|field| &field.matches);
    let found = matches.find(|found| found.candidate == wanted);
    found
        .map(|found| found.candidate.clone())
        .ok_or_else(|| Failure::own("UnknownId").with("id", given))
}

/// Asks part by part. None where the person decides later.
async fn ask(ui: &Ui, request: &OpenRequest) -> Option<Decision> {
    let mut decision = Decision::required(request);
    for part in parts(&request.evaluation) {
        let fields = || {
            request
                .evaluation
                .fields
                .iter()
                .filter(|field| field.credential == part)
        };
        let Some(first) = fields().find(|field| !field.matches.is_empty()) else {
            continue;
        };
        let label = Parameters::default().with("part", part_label(ui, &request.evaluation, &part));
        if !fields().any(|field| field.chosen_by_default) {
            let may_go = || fields().filter(|field| field.withheld_by.is_none());
            if may_go().next().is_none() || !ui.confirms("scan.give_optional", label.clone()).await {
                continue;
            }
            for name in may_go().filter_map(|field| field.field()) {
                decision = decision.and(request, &name);
            }
        }
        if first.matches.len() > 1 {
            let candidate = ask_candidate(ui, first.matches.len(), label).await;
            let candidate = candidate
                .and_then(|index| first.matches.get(index))
                .map(|found| found.candidate.clone());
            for choice in decision
                .fields
                .iter_mut()
                .filter(|choice| choice.field.credential == part)
            {
                choice.candidate.clone_from(candidate.as_ref()?);
            }
        }
    }
    let organisation = &request.evaluation.asker.organisation.name;
    let sure = Parameters::default()
        .with("organisation", organisation)
        .with("fields", chosen(ui, &decision.fields));
    ui.confirms("scan.sure", sure).await.then_some(decision)
}

async fn ask_candidate(ui: &Ui, count: usize, label: Parameters) -> Option<usize> {
    let question = ui.text("scan.which", label.with("count", count));
    let answer = ui.ask(&question).await?;
    match answer.as_str() {
        "" => Some(0),
        number => number.parse::<usize>().ok()?.checked_sub(1),
    }
}

fn chosen(ui: &Ui, choices: &[Choice]) -> String {
    let labels: Vec<String> = choices
        .iter()
        .map(|choice| label(ui, &json!(choice.field.path)))
        .collect();
    labels.join(", ")
}

/// The parts of a request, each once, in its order.
fn parts(evaluation: &Evaluation) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for field in &evaluation.fields {
        if !parts.contains(&field.credential) {
            parts.push(field.credential.clone());
        }
    }
    parts
}

fn part_label(ui: &Ui, evaluation: &Evaluation, part: &str) -> String {
    let field = evaluation.fields.iter().find(|field| field.credential == part);
    let kind = field
        .and_then(|field| field.types.first())
        .map(|uri| parameters::kind(uri, ui.catalogue));
    kind.unwrap_or_else(|| part.to_owned())
}

fn label(ui: &Ui, path: &Value) -> String {
    last_name(path).map_or_else(String::new, |name| ui.catalogue.word("fields", &name))
}

/// Shows what a request comes to.
pub(crate) fn show(ui: &Ui, request: &OpenRequest) {
    let evaluation = &request.evaluation;
    who(ui, evaluation);
    why(ui, evaluation);
    terms(ui, request);
    if request.session.is_some() {
        ui.say("scan.session", Parameters::default());
    }
    ui.say("scan.what", Parameters::default());
    for part in parts(evaluation) {
        what(ui, evaluation, &part);
    }
    alternatives(ui, evaluation);
    // That fields link, and that they are sensitive, is said beneath each part.
    for warning in evaluation
        .warnings
        .iter()
        .filter(|warning| !matches!(warning.code(), "LinksYou" | "SensitiveFields"))
    {
        let parameters = Parameters::of(warning).mapped("credential", |part| part_label(ui, evaluation, part));
        let sentence = ui.catalogue.sentence("warnings", warning.code(), &parameters);
        ui.line(&format!("! {sentence}"));
    }
    let verdict = &evaluation.verdict;
    if verdict.code() != "Ask" {
        let parameters = Parameters::of(verdict).with_some("until_at", json!(verdict)["until"].as_i64());
        ui.line(
            &ui.catalogue
                .sentence("verdicts", verdict.code(), &parameters.shortened("rule")),
        );
    }
}

/// Where the organisation takes one of several things: the options by the numbers that --instead takes.
fn alternatives(ui: &Ui, evaluation: &Evaluation) {
    for (choice, alternatives) in evaluation.alternatives.iter().enumerate() {
        ui.say("scan.alternatives", Parameters::default());
        for (place, option) in alternatives.options.iter().enumerate() {
            let labels: Vec<String> = option
                .fields
                .iter()
                .map(|field| label(ui, &json!(field.path)))
                .collect();
            let mark = if option.by_default { "[x]" } else { "[ ]" };
            let key = match (option.available, option.less.is_empty()) {
                (false, _) => "scan.option_missing",
                (true, false) => "scan.option_more",
                (true, true) => "scan.option",
            };
            let option = Parameters::default()
                .with("option", format!("{}.{}", choice + 1, place + 1))
                .with("fields", labels.join(", "));
            ui.line(&format!("  {mark} {}", ui.text(key, option)));
        }
    }
}

fn who(ui: &Ui, evaluation: &Evaluation) {
    let asker = &evaluation.asker;
    let name = Parameters::default()
        .with("organisation", &asker.organisation.name)
        .with("country", &asker.country);
    ui.heading(&ui.text("scan.who", name));
    let verified = Parameters::of(&asker.verified);
    let since = json!(asker.verified)["active_since"].as_i64();
    let verified = verified.with_some("active_since_at", since);
    let code = verified.text("code").unwrap_or_default();
    ui.line(&format!("  {}", ui.catalogue.sentence("verified", &code, &verified)));
    if let Some(supplier) = &asker.supplier {
        let parameters = Parameters::default()
            .with("supplier", &supplier.name)
            .with("organisation", &asker.organisation.name);
        ui.line(&format!("  {}", ui.text("scan.supplier", parameters)));
    }
    let (authority, uri) = &asker.supervisory_authority;
    let reach = Parameters::default()
        .with("id", &asker.organisation.id)
        .with("contacts", asker.contacts.join(", "))
        .with("authority", authority)
        .with("uri", uri);
    ui.line(&format!("  {}", ui.text("scan.reach", reach)));
}

fn why(ui: &Ui, evaluation: &Evaluation) {
    for purpose in &evaluation.purposes {
        let text = Parameters::default().with("purpose", ui.catalogue.choose(&purpose.text));
        ui.line(&ui.text("scan.why", text));
        let basis = Parameters::default()
            .with("basis", ui.catalogue.word("legal_bases", &purpose.legal_basis))
            .with("retention", period(ui, &purpose.retention));
        ui.line(&format!("  {}", ui.text("scan.basis", basis)));
        for kept in &purpose.kept_after_withdrawal {
            let kept = Parameters::default().with("kept", ui.catalogue.choose(&kept.text));
            ui.line(&format!("  {}", ui.text("scan.kept", kept)));
        }
    }
}

fn terms(ui: &Ui, request: &OpenRequest) {
    let Some(terms) = &request.evaluation.agreement else {
        return ui.say(
            "scan.no_agreement",
            Parameters::default().with("expires_at", request.expires_at),
        );
    };
    ui.line(&ui.text(
        "scan.agreement",
        Parameters::default().with("rights", rights(ui, &terms.rights)),
    ));
    let validity = match terms.validity {
        Validity::Once => ui.text("validity.once", Parameters::default()),
        Validity::Until { at } => ui.text("validity.until", Parameters::default().with("at", at)),
        Validity::Standing => ui.text("validity.standing", Parameters::default()),
    };
    ui.line(&format!("  {validity}"));
    let recipients: Vec<&str> = terms.recipients.iter().map(|party| party.name.as_str()).collect();
    if !recipients.is_empty() {
        let parameters = Parameters::default().with("recipients", recipients.join(", "));
        ui.line(&format!("  {}", ui.text("scan.recipients", parameters)));
    }
    let parameters = Parameters::default()
        .with("countries", terms.storage.join(", "))
        .with("notice", &terms.privacy_notice)
        .with("expires_at", terms.expires_at);
    ui.line(&format!("  {}", ui.text("scan.terms", parameters)));
}

/// What an organisation may do, in words.
pub(crate) fn rights(ui: &Ui, rights: &kist_pds::Rights) -> String {
    let granted = [
        (rights.read, "read"),
        (rights.deliver, "deliver"),
        (rights.update, "update"),
    ];
    let words: Vec<String> = granted
        .iter()
        .filter(|(granted, _)| *granted)
        .map(|(_, right)| ui.catalogue.word("rights", right))
        .collect();
    words.join(", ")
}

fn what(ui: &Ui, evaluation: &Evaluation, part: &str) {
    let fields: Vec<_> = evaluation
        .fields
        .iter()
        .filter(|field| field.credential == part)
        .collect();
    let Some(first) = fields.first() else { return };
    let chosen = fields.iter().any(|field| field.chosen_by_default);
    let mark = if chosen { "[x]" } else { "[ ]" };
    let need = if first.required {
        "scan.required"
    } else {
        "scan.optional"
    };
    let need = ui.text(need, Parameters::default());
    let labels: Vec<String> = fields.iter().map(|field| label(ui, &json!(field.path))).collect();
    let mut title = part_label(ui, evaluation, part);
    if labels.iter().any(|label| *label != title) {
        title = format!("{title}: {}", labels.join(", "));
    }
    ui.line(&format!("  {mark} {title} ({part}, {need})"));
    for (number, found) in first.matches.iter().enumerate() {
        // The same record answers each field of a part.
        let values = fields.iter().flat_map(|field| {
            let same = field.matches.iter().filter(|other| other.candidate == found.candidate);
            same.flat_map(|other| other.values.iter().map(|(_, value)| records::text_of(value)))
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let issuer = Parameters::of(&found.provenance.issuer);
        let issuer = ui
            .catalogue
            .sentence("issuers", &issuer.text("kind").unwrap_or_default(), &issuer);
        let age = Parameters::default().with("days", i64::from(found.freshness.age_days));
        let age = ui.text(if found.freshness.expired { "age_expired" } else { "age" }, age);
        ui.line(&format!("      {}. {values} ({issuer}, {age})", number + 1));
    }
    if first.matches.is_empty() {
        ui.line(&format!("      {}", ui.text("scan.missing", Parameters::default())));
    }
    let mut about: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for field in &fields {
        let over = field.over_asking.iter().map(|over| ("over_asking", over.code()));
        let marks = [
            field.linking.map(|linking| ("linking", linking.code())),
            field.sensitive.then_some(("field_marks", "Sensitive")),
            field.withheld_by.as_ref().map(|_| ("field_marks", "KeptBack")),
        ];
        for (section, code) in over.chain(marks.into_iter().flatten()) {
            let label = label(ui, &json!(field.path));
            match about.iter_mut().find(|known| (known.0, known.1) == (section, code)) {
                Some((_, _, labels)) => labels.push(label),
                None => about.push((section, code, vec![label])),
            }
        }
    }
    for (section, code, labels) in about {
        let parameters = Parameters::default().with("field", labels.join(", "));
        ui.line(&format!(
            "      ! {}",
            ui.catalogue.sentence(section, code, &parameters)
        ));
    }
    for texts in fields.iter().filter_map(|field| field.purpose.as_ref()) {
        let why = Parameters::default().with("purpose", ui.catalogue.choose(texts));
        ui.line(&format!("      {}", ui.text("scan.field_why", why)));
    }
    if let Some(at) = fields.iter().filter_map(|field| field.shared_before_ms).max() {
        ui.line(&format!(
            "      {}",
            ui.text("scan.shared_before", Parameters::default().with("shared_ms", at))
        ));
    }
}

/// A span of ISO 8601 in whole years, months, weeks and days, in words.
pub(crate) fn period(ui: &Ui, iso: &str) -> String {
    let mut words = Vec::new();
    let mut number = String::new();
    for symbol in iso.trim_start_matches('P').chars() {
        if symbol.is_ascii_digit() {
            number.push(symbol);
        } else {
            let n: i64 = number.parse().unwrap_or(0);
            let unit = ui
                .catalogue
                .find("periods", &symbol.to_string(), &Parameters::default().with("n", n));
            words.push(unit.unwrap_or_else(|| iso.to_owned()));
            number.clear();
        }
    }
    words.join(" ")
}
