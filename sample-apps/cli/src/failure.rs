//! What can go wrong: the core's errors and the tool's own, with exit codes.

use std::path::Path;

use kist_pds::{Category, Retry};
use serde_json::{Map, Value, json};

use crate::catalogue::Catalogue;
use crate::parameters::{Parameter, Parameters};

/// The result of a command.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The core says so.
    Core(kist_pds::Error),
    /// The tool says so.
    Own(Own),
    /// The person pressed Ctrl-C.
    Cancelled,
}

/// An error of the tool itself.
#[derive(Debug)]
pub(crate) struct Own {
    code: &'static str,
    parameters: Parameters,
}

/// What kind of error it is, where the core's categories leave off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Usage,
    Core(Category),
}

/// Every code of the tool itself.
pub(crate) const OWN_CODES: &[(&str, Kind)] = &[
    ("Usage", Kind::Usage),
    ("ConfirmationNeeded", Kind::Usage),
    ("FieldsNeeded", Kind::Usage),
    ("AmbiguousId", Kind::Core(Category::Input)),
    ("BadDate", Kind::Core(Category::Input)),
    ("BadField", Kind::Core(Category::Input)),
    ("BadTime", Kind::Core(Category::Input)),
    ("BadPicture", Kind::Core(Category::Input)),
    ("BadJson", Kind::Core(Category::Input)),
    ("CodeMissing", Kind::Core(Category::Input)),
    ("NoReminder", Kind::Core(Category::Input)),
    ("NoKit", Kind::Core(Category::Input)),
    ("PartNotAsked", Kind::Core(Category::Input)),
    ("PassphraseTooShort", Kind::Core(Category::Input)),
    ("PassphrasesDiffer", Kind::Core(Category::Input)),
    ("RelayNeeded", Kind::Core(Category::Input)),
    ("UnknownId", Kind::Core(Category::Input)),
    ("UnknownSchema", Kind::Core(Category::Input)),
    ("WrongPictureType", Kind::Core(Category::Input)),
    ("PassphraseMissing", Kind::Core(Category::Unlock)),
    ("FileUnreadable", Kind::Core(Category::Storage)),
    ("FileUnwritable", Kind::Core(Category::Storage)),
];

impl Failure {
    /// An error of the tool itself.
    pub(crate) fn own(code: &'static str) -> Self {
        Failure::Own(Own {
            code,
            parameters: Parameters::default(),
        })
    }

    /// With one more parameter.
    pub(crate) fn with(self, name: &str, value: impl Into<Parameter>) -> Self {
        match self {
            Failure::Own(own) => Failure::Own(Own {
                parameters: own.parameters.with(name, value),
                ..own
            }),
            other => other,
        }
    }

    /// A file that can't be read.
    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::of_file("FileUnreadable", path, error)
    }

    /// A file that can't be written.
    pub(crate) fn unwritable(path: &Path, error: &std::io::Error) -> Self {
        Self::of_file("FileUnwritable", path, error)
    }

    fn of_file(code: &'static str, path: &Path, error: &std::io::Error) -> Self {
        Failure::own(code)
            .with("path", path.display().to_string())
            .with("reason", format!("{:?}", error.kind()))
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Failure::Core(error) => error.code(),
            Failure::Own(own) => own.code,
            Failure::Cancelled => "Cancelled",
        }
    }

    /// What kind of error it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Failure::Core(error) => Kind::Core(error.category()),
            Failure::Own(own) => {
                let known = OWN_CODES.iter().find(|(code, _)| *code == own.code);
                known.map_or(Kind::Core(Category::Internal), |(_, kind)| *kind)
            }
            Failure::Cancelled => Kind::Core(Category::Cancelled),
        }
    }

    /// What fills its sentence.
    pub(crate) fn parameters(&self) -> Parameters {
        match self {
            Failure::Core(error) => {
                let add = |all: Parameters, (name, value): &(&str, kist_pds::Parameter)| all.with(name, value);
                error.parameters().iter().fold(Parameters::default(), add)
            }
            Failure::Own(own) => own.parameters.clone(),
            Failure::Cancelled => Parameters::default(),
        }
    }

    /// What to say of it.
    pub(crate) fn sentence(&self, catalogue: &Catalogue) -> String {
        let parameters = self.parameters();
        let own = catalogue.find("tool_errors", self.code(), &parameters);
        own.unwrap_or_else(|| catalogue.sentence("errors", self.code(), &parameters))
    }

    /// Which command helps, where one does.
    pub(crate) fn hint(&self, catalogue: &Catalogue) -> Option<String> {
        catalogue.find("hints", self.code(), &self.parameters())
    }

    /// As `--json` prints it.
    pub(crate) fn to_json(&self, catalogue: &Catalogue) -> Value {
        let retry = matches!(self, Failure::Core(error) if error.retry() == Retry::Later);
        let parameters: Map<String, Value> = self
            .parameters()
            .iter()
            .map(|(name, value)| (name.to_owned(), parameter_json(value)))
            .collect();
        json!({ "error": {
            "code": self.code(),
            "category": category_name(self.kind()),
            "retry": if retry { "later" } else { "never" },
            "parameters": parameters,
            "message": self.sentence(catalogue),
        }})
    }

    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.kind() {
            Kind::Usage => 2,
            Kind::Core(Category::Internal) => 1,
            Kind::Core(Category::Input) => 3,
            Kind::Core(Category::Unlock) => 4,
            Kind::Core(Category::Trust) => 5,
            Kind::Core(Category::Consent) => 6,
            Kind::Core(Category::Integrity) => 7,
            Kind::Core(Category::Storage) => 8,
            Kind::Core(Category::Network) => 9,
            Kind::Core(Category::Cancelled) => 130,
        }
    }
}

fn parameter_json(parameter: &Parameter) -> Value {
    match parameter {
        Parameter::Number(number) => (*number).into(),
        Parameter::Text(text) => text.as_str().into(),
        Parameter::Fields(names) => names.clone().into(),
        Parameter::Texts(texts) => json!(texts),
    }
}

fn category_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Usage => "usage",
        Kind::Core(Category::Input) => "input",
        Kind::Core(Category::Unlock) => "unlock",
        Kind::Core(Category::Trust) => "trust",
        Kind::Core(Category::Consent) => "consent",
        Kind::Core(Category::Integrity) => "integrity",
        Kind::Core(Category::Storage) => "storage",
        Kind::Core(Category::Network) => "network",
        Kind::Core(Category::Cancelled) => "cancelled",
        Kind::Core(Category::Internal) => "internal",
    }
}

impl From<kist_pds::Error> for Failure {
    fn from(error: kist_pds::Error) -> Self {
        Failure::Core(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Language;

    #[test]
    fn u1_every_error_of_the_tool_has_a_sentence_in_every_language() {
        for language in [Language::En, Language::Cy] {
            let catalogue = Catalogue::of(language);
            for (code, kind) in OWN_CODES {
                let any = [
                    "problem", "id", "date", "time", "field", "path", "part", "parts", "name", "reason",
                ];
                let failure = any
                    .iter()
                    .fold(Failure::own(code), |failure, name| failure.with(name, "x"));
                assert_ne!(failure.with("least", 8).sentence(catalogue), *code, "{language:?}");
                assert_ne!(*kind, Kind::Core(Category::Internal));
            }
        }
    }
}
