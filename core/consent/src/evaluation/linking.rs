//! Fields by which a person is known anywhere: what Kist can't make unlinkable, and so has to say (I3, A21).

use kist_identity::{ClaimPath, PathElement};

/// How a field lets two organisations find out that they know the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Linking {
    /// By itself: a number, an address, a picture that is one person's alone.
    ByItself,
    /// Together with others that are asked: a name or a home with a date of birth.
    Together,
}

impl Linking {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Linking::ByItself => "LinksYou",
            Linking::Together => "LinksYouTogether",
        }
    }
}

/// Claims that name one person by themselves, without case and separators: those of OpenID Connect, of EUDI's person
/// identification data, of ISO 18013-5, and of health and public services.
const BY_THEMSELVES: &[&str] = &[
    "accountnumber",
    "administrativenumber",
    "chinumber",
    "documentnumber",
    "driverslicencenumber",
    "drivinglicencenumber",
    "email",
    "emailaddress",
    "face",
    "faceimage",
    "healthid",
    "healthnumber",
    "iban",
    "licencenumber",
    "mobile",
    "mobilenumber",
    "mobilephonenumber",
    "nationalid",
    "nationalinsurancenumber",
    "nhsnumber",
    "nino",
    "passportnumber",
    "patientid",
    "personaladministrativenumber",
    "personalidentifier",
    "phone",
    "phonenumber",
    "photo",
    "picture",
    "portrait",
    "signatureusualmark",
    "socialsecuritynumber",
    "ssn",
    "taxid",
    "taxnumber",
    "tel",
    "telephone",
    "vehicleregistration",
];
const BIRTH: &[&str] = &["bday", "birthdate", "birthday", "dateofbirth", "dob"];
const NAME_OR_HOME: &[&str] = &[
    "address",
    "familyname",
    "familynamebirth",
    "formatted",
    "fullname",
    "lastname",
    "name",
    "postcode",
    "postalcode",
    "residentaddress",
    "residentpostalcode",
    "streetaddress",
    "surname",
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    ByItself,
    Birth,
    NameOrHome,
    Other,
}

/// How each of these paths links, given that all of them are shown. With each comes whether it is known to link by itself.
pub(super) fn among<'a>(paths: impl Iterator<Item = (&'a ClaimPath, bool)>) -> Vec<Option<Linking>> {
    let kinds: Vec<Kind> = paths
        .map(|(path, known)| if known { Kind::ByItself } else { kind(path) })
        .collect();
    let together = kinds.contains(&Kind::Birth) && kinds.contains(&Kind::NameOrHome);
    let link = |kind: &Kind| match kind {
        Kind::ByItself => Some(Linking::ByItself),
        Kind::Birth | Kind::NameOrHome if together => Some(Linking::Together),
        _ => None,
    };
    kinds.iter().map(link).collect()
}

/// Whether a path leads to a date of birth.
pub(super) fn is_birth(path: &ClaimPath) -> bool {
    kind(path) == Kind::Birth
}

/// The kind of the last name in a path that is of one.
fn kind(path: &ClaimPath) -> Kind {
    let names = path.elements().iter().rev().filter_map(|element| match element {
        PathElement::Name(name) => Some(name.as_str()),
        _ => None,
    });
    names
        .map(kind_of)
        .find(|kind| *kind != Kind::Other)
        .unwrap_or(Kind::Other)
}

fn kind_of(name: &str) -> Kind {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    let among = |names: &[&str]| names.contains(&plain.as_str());
    match () {
        () if among(BY_THEMSELVES) => Kind::ByItself,
        () if among(BIRTH) => Kind::Birth,
        () if among(NAME_OR_HOME) => Kind::NameOrHome,
        () => Kind::Other,
    }
}
