//! What a code that Kist made is for, by its scheme, so that one which is shown in another's place is named (ATTACKS A29).

/// A link or the text of a QR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// It asks for data: a request of an organisation.
    Request,
    /// It opens the whole store: the recovery kit.
    Recovery,
    /// It begins a connection, and asks for nothing.
    Connection,
    /// It lets another device into the store.
    Device,
    /// Something that another build of Kist knows.
    Other,
}

impl CodePurpose {
    /// What a text is for; `None` where it isn't by its scheme a code of Kist or a request.
    pub fn of(text: &str) -> Option<CodePurpose> {
        let (scheme, _) = text.trim_ascii().split_once(':')?;
        Some(match scheme.to_ascii_lowercase().as_str() {
            scheme if crate::link::SCHEMES.contains(&scheme) => CodePurpose::Request,
            "kist-recovery" => CodePurpose::Recovery,
            "kist-connect" => CodePurpose::Connection,
            "kist-device" => CodePurpose::Device,
            scheme if scheme.starts_with("kist-") => CodePurpose::Other,
            _ => return None,
        })
    }

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            CodePurpose::Request => "request",
            CodePurpose::Recovery => "recovery kit",
            CodePurpose::Connection => "connection",
            CodePurpose::Device => "device linking",
            CodePurpose::Other => "other purpose",
        }
    }
}
