//! U1: the catalogues have a sentence for everything that the core can say, in every language, with the same parameters.
//!
//! What the core can say is read from its source, so that a new code without a sentence fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

type Section = BTreeMap<String, String>;
type Catalogue = BTreeMap<String, Section>;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn source(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All source of a folder.
fn sources(dir: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            text += &sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &std::fs::read_to_string(&path).expect("a file");
        }
    }
    text
}

fn catalogue(language: &str) -> Catalogue {
    let text = source(&format!("sample-apps/catalogues/{language}.json"));
    serde_json::from_str(&text).expect("a catalogue")
}

fn catalogues() -> [(&'static str, Catalogue); 2] {
    ["en", "cy"].map(|language| (language, catalogue(language)))
}

/// What stands between the two, each time that both are there.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts
        .filter_map(|part| part.split_once(after).map(|(inner, _)| inner))
        .collect()
}

/// The variants of an enum.
fn variants(path: &str, name: &str) -> Vec<String> {
    let text = source(path);
    let (_, body) = text
        .split_once(&format!("pub enum {name} {{"))
        .unwrap_or_else(|| panic!("{name} in {path}"));
    let (body, _) = body.split_once("\n}").expect("an end");
    let lines = body
        .lines()
        .filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    let names = lines.filter_map(|line| line.trim().split(['{', ',', '(', ' ']).next());
    let names: Vec<String> = names
        .filter(|name| name.starts_with(char::is_uppercase))
        .map(str::to_owned)
        .collect();
    assert!(!names.is_empty(), "{name} in {path}");
    names
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (at, symbol) in name.char_indices() {
        if symbol.is_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.extend(symbol.to_lowercase());
    }
    snake
}

fn placeholders(sentence: &str) -> BTreeSet<&str> {
    between(sentence, "{", "}").into_iter().collect()
}

fn assert_said(section: &str, codes: impl IntoIterator<Item = String>) {
    let codes: Vec<String> = codes.into_iter().collect();
    for (language, catalogue) in catalogues() {
        let missing: Vec<&String> = codes
            .iter()
            .filter(|code| !catalogue[section].contains_key(*code))
            .collect();
        assert!(missing.is_empty(), "{language}: {section} lacks {missing:?}");
    }
}

#[test]
fn u1_every_error_of_the_core_has_a_sentence_that_needs_no_parameter() {
    let codes: Vec<&str> = kist_pds::CODES.iter().map(|(code, ..)| *code).collect();
    for (language, catalogue) in catalogues() {
        for code in &codes {
            let sentence = catalogue["errors"]
                .get(*code)
                .unwrap_or_else(|| panic!("{language} lacks {code}"));
            assert!(
                placeholders(sentence).is_empty(),
                "{language}: {code} can be given without parameters"
            );
            assert!(
                sentence.contains(". ") || sentence.contains(": ") || sentence.contains("; "),
                "{code} says what to do"
            );
        }
        let dead = catalogue["errors"]
            .keys()
            .filter(|key| !codes.contains(&key.split('.').next().unwrap_or("")));
        assert_eq!(
            dead.collect::<Vec<_>>(),
            [] as [&String; 0],
            "{language}: the core has no such code"
        );
    }
}

#[test]
fn u1_an_error_names_only_parameters_that_the_core_gives() {
    let text = sources(&repository().join("core/pds/src"));
    let given: BTreeSet<&str> = between(&text, ".with(\"", "\"").into_iter().collect();
    for (language, catalogue) in catalogues() {
        for (key, sentence) in &catalogue["errors"] {
            let keyed = key
                .split('.')
                .nth(1)
                .map(|condition| condition.split('=').next().unwrap_or(""));
            for name in placeholders(sentence).into_iter().chain(keyed) {
                assert!(given.contains(name), "{language}: {key} names {name}");
            }
        }
    }
}

#[test]
fn u1_every_vocabulary_of_the_core_has_its_sentences() {
    let codes = |path: &str| {
        between(&source(path), " => \"", "\"")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let evaluation = codes("core/consent/src/evaluation/mod.rs");
    let over_asking = variants("core/consent/src/evaluation/mod.rs", "OverAsking");
    let warnings = variants("core/consent/src/evaluation/mod.rs", "Warning");
    assert_eq!(
        evaluation.iter().collect::<BTreeSet<_>>(),
        over_asking.iter().chain(&warnings).collect()
    );
    assert_said("report", over_asking.clone());
    assert_said("over_asking", over_asking);
    assert_said("warnings", warnings);
    assert_said("verified", variants("core/consent/src/evaluation/mod.rs", "Verified"));
    assert_said(
        "linking",
        codes("core/consent/src/evaluation/linking.rs")
            .into_iter()
            .filter(|code| code.starts_with("Links")),
    );
    assert_said("verdicts", variants("core/consent/src/rules/judge.rs", "Verdict"));
    assert_said("history", variants("core/consent/src/history/event.rs", "Event"));
    assert_said("words", variants("core/consent/src/history/event.rs", "ExportKind"));
    assert_said("words", variants("core/trust/src/error.rs", "Reason"));
    assert_said("words", variants("core/vault/src/error.rs", "Rule"));
    assert_said("words", variants("core/consent/src/terms.rs", "Right"));
    assert_said("words", variants("core/consent/src/rights/mod.rs", "RefusalGround"));
    let rights = source("core/consent/src/rights/mod.rs");
    let rights = between(&rights, "rename = \"eu-", "\"").into_iter();
    assert_said("words", rights.map(|term| format!("eu-{term}")));
    assert_said(
        "rights_answers",
        variants("core/consent/src/rights/mod.rs", "RightsOutcome")
            .iter()
            .map(|name| snake(name)),
    );
    assert_said("import_reasons", variants("core/pds/src/import/plan.rs", "Reason"));
    assert_said(
        "legal_bases",
        between(&source("core/consent/src/terms.rs"), "rename = \"eu-", "\"")
            .into_iter()
            .map(|term| format!("eu-{term}")),
    );
    let snaked = |path: &str, name: &str| variants(path, name).iter().map(|name| snake(name)).collect::<Vec<_>>();
    assert_said("rules", snaked("core/consent/src/rules/mod.rs", "Rule"));
    assert_said("issuers", snaked("core/identity/src/issuer.rs", "Issuer"));
    assert_said("sources", snaked("core/vault/src/record.rs", "Source"));
    assert_said("verifications", snaked("core/vault/src/record.rs", "Verification"));
    let pds = sources_by_enum(&repository().join("core/pds/src"));
    let states = [
        ("consent_states", "ConsentState"),
        ("rights_stages", "RightsStage"),
        ("report", "RightsStage"),
        ("report", "WithdrawalState"),
        ("org_rights_states", "OrgRightsState"),
        ("inbox_events", "InboxEvent"),
        ("org_events", "OrgEvent"),
        ("agreement_states", "OrgAgreementState"),
        ("request_states", "HostedRequestState"),
        ("message_states", "MessageState"),
        ("read_states", "ReadState"),
        ("transfer_states", "TransferState"),
        ("transfer_directions", "TransferDirection"),
        ("read_states", "OrgReadState"),
        ("connection_states", "ConnectionState"),
        ("member_standings", "MemberStanding"),
        ("person_states", "PersonState"),
        ("share_directions", "ShareDirection"),
        ("share_states", "ShareState"),
        ("invitation_audiences", "InvitationAudience"),
        ("received_issuers", "FieldIssuer"),
    ];
    for (section, name) in states {
        assert_said(section, variants(&pds[name], name).iter().map(|name| snake(name)));
    }
}

/// The file of every public enum below a folder, from the repository's root.
fn sources_by_enum(dir: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(sources_by_enum(&path));
        } else {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let shown = path
                .strip_prefix(repository())
                .expect("below the root")
                .display()
                .to_string();
            all.extend(
                between(&text, "pub enum ", " {")
                    .into_iter()
                    .map(|name| (name.to_owned(), shown.clone())),
            );
        }
    }
    all
}

#[test]
fn u1_every_known_kind_and_field_has_a_label() {
    let english = catalogue("en");
    let (mut kinds, mut areas) = (Vec::new(), BTreeSet::from(["area.other".to_owned()]));
    let mut fields = BTreeSet::new();
    for entry in std::fs::read_dir(repository().join("core/vault/schemas")).expect("the schemas") {
        let path = entry.expect("an entry").path();
        let schema: Value = serde_json::from_slice(&std::fs::read(&path).expect("a schema")).expect("JSON");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert_eq!(schema["title"], english["kinds"][&name].as_str(), "{name}");
        areas.insert(format!("area.{}", schema["x-kist-area"].as_str().expect("an area")));
        kinds.push(name);
        collect_fields(&schema, &mut fields);
    }
    assert!(!fields.is_empty());
    assert_said("kinds", kinds);
    assert_said("fields", fields);
    assert_said("archive", areas);
}

#[test]
fn d7_every_mark_on_a_whole_record_has_a_word_in_the_archive() {
    let kinds = source("core/vault/src/curation/marks.rs");
    let (_, kinds) = kinds.split_once("mod kind {").expect("the kinds of mark");
    let kinds = between(kinds.split_once("\n}").expect("an end").0, "&str = \"", "\"");
    // On a member, and on another record: no page shows them.
    let shown = kinds
        .into_iter()
        .filter(|kind| !matches!(*kind, "reminder" | "both_right"));
    let words: Vec<String> = shown.map(|kind| format!("mark.{kind}")).collect();
    assert!(!words.is_empty());
    assert_said("archive", words);
}

fn collect_fields(schema: &Value, fields: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        fields.insert(name.clone());
        collect_fields(property, fields);
        collect_fields(&property["items"], fields);
    }
}

#[test]
fn u1_both_languages_say_the_same_things_with_the_same_parameters() {
    let (english, welsh) = (catalogue("en"), catalogue("cy"));
    assert_eq!(english.keys().collect::<Vec<_>>(), welsh.keys().collect::<Vec<_>>());
    for (section, sentences) in &english {
        let other = &welsh[section];
        assert_eq!(
            sentences.keys().collect::<Vec<_>>(),
            other.keys().collect::<Vec<_>>(),
            "{section}"
        );
        for (key, sentence) in sentences {
            assert_eq!(placeholders(sentence), placeholders(&other[key]), "{section} {key}");
        }
    }
}

#[test]
fn u1_every_sentence_that_the_tool_says_is_there_and_none_is_dead() {
    let text = sources(&repository().join("sample-apps/cli/src"));
    let english = catalogue("en");
    for key in english["tool"]
        .keys()
        .filter_map(|key| key.split_once('.').map_or(Some(key.as_str()), |_| None))
    {
        assert!(text.contains(&format!("\"{key}\"")), "{key}");
    }
    for key in english["tool"].keys() {
        let base = match key.rsplit_once('.') {
            Some((base, condition)) if condition.contains('=') => base,
            _ => key,
        };
        assert!(text.contains(&format!("\"{base}\"")), "nothing says {key}");
    }
    let said = [
        "say(\"",
        "remark(\"",
        "text(\"",
        "confirms(\"",
        "Bar::new(ui, \"",
        "Bar::new(&context.ui, \"",
    ];
    for key in said.iter().flat_map(|call| between(&text, call, "\"")) {
        let own = english["tool"].contains_key(key);
        assert!(
            own || matches!(key, "kind" | "code" | "event" | "type" | "issuer" | "by"),
            "no sentence for {key}"
        );
    }
    let own = between(&text, "Failure::own(\"", "\"");
    for code in own.into_iter().chain(between(&text, "missing: \"", "\"")) {
        assert!(english["tool_errors"].contains_key(code), "no sentence for {code}");
    }
}
