//! The list on the wire: JSON in the shape of ETSI TS 119 602 (list of trusted entities), one service an organisation.

use kist_crypto::{base64url, from_base64url};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::encoding::{base64, from_base64, from_timestamp, timestamp};
use crate::text::is_line;
use crate::{Entry, Error, Localised, Result, Status, TermsNotice};

/// The `typ` of a list.
pub(crate) const TYP: &str = "trustlist+jwt";
const VERSION: u64 = 1;
const LIST_TYPE: &str = "urn:kist:lote:organisations";
const SERVICE_TYPE: &str = "urn:kist:service:organisation";
const EXTENSION_TYPE: &str = "urn:kist:lote:organisation";
const SCHEME_EXTENSION_TYPE: &str = "urn:kist:lote:framework";
const DIRECTORY_TYPE: &str = "urn:kist:service:directory";
/// The longest address that is read, in bytes.
const MAX_ADDRESS: usize = 2048;
/// The most certificates by which roots vouch for each other: two for each of two changes of root.
pub(crate) const MAX_LINKS: usize = 4;
const HASH_PREFIX: &str = "x509_hash:";
/// Names are as registered, in whatever language that is.
const UNDETERMINED: &str = "und";

const MALFORMED: Error = Error::Malformed { what: "trust list" };

/// A list's content, with times in Unix seconds.
pub(crate) struct Lote {
    pub(crate) sequence: u64,
    pub(crate) issued: i64,
    pub(crate) next_update: i64,
    pub(crate) operator: String,
    pub(crate) country: String,
    /// The root in force, DER.
    pub(crate) root: Option<Vec<u8>>,
    /// Roots under each other's keys, DER.
    pub(crate) links: Vec<Vec<u8>>,
    pub(crate) terms: Option<TermsNotice>,
    pub(crate) log_head: Option<[u8; 32]>,
    /// Where the framework's directory lies.
    pub(crate) directory: Option<String>,
    pub(crate) entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Document {
    #[serde(rename = "LoTE")]
    list: List,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    list_and_scheme_information: SchemeInformation,
    trusted_entities_list: Vec<TrustedEntity>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SchemeInformation {
    #[serde(rename = "LoTEVersionIdentifier")]
    version: u64,
    #[serde(rename = "LoTESequenceNumber")]
    sequence: u64,
    #[serde(rename = "LoTEType")]
    list_type: String,
    scheme_operator_name: Localised,
    scheme_territory: String,
    list_issue_date_time: String,
    next_update: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scheme_extensions: Vec<Value>,
}

/// What this kind of list says of its framework beside what the standard has room for.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SchemeExtension {
    extension_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    links: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms: Option<TermsNotice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_head: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    service_supply_points: Vec<SupplyPoint>,
}

/// Where a service is reached, in the form that the standard has for a trusted entity's services.
#[derive(Serialize, Deserialize)]
struct SupplyPoint {
    #[serde(rename = "ServiceType", default)]
    service_type: String,
    #[serde(rename = "uriValue")]
    uri: String,
}

impl SchemeExtension {
    /// The one of this kind of list; others are passed over.
    fn find(extensions: Vec<Value>) -> Result<Self> {
        let is_ours =
            |extension: &Value| extension.get("ExtensionType").and_then(Value::as_str) == Some(SCHEME_EXTENSION_TYPE);
        let mut ours = extensions.into_iter().filter(is_ours);
        match (ours.next(), ours.next()) {
            (None, _) => Ok(Self::default()),
            (Some(one), None) => serde_json::from_value(one).map_err(|_| MALFORMED),
            (Some(_), Some(_)) => Err(MALFORMED),
        }
    }
}

/// Where the directory lies; services of other types are passed over.
fn directory(points: Vec<SupplyPoint>) -> Result<Option<String>> {
    let mut found = points.into_iter().filter(|point| point.service_type == DIRECTORY_TYPE);
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(point), None) if is_address(&point.uri) => Ok(Some(point.uri)),
        _ => Err(MALFORMED),
    }
}

/// Whether a text may be an address of the web. Which of them are asked is up to whoever asks.
pub(crate) fn is_address(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b'"' | b'<' | b'>' | b'`');
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text.len() <= MAX_ADDRESS && rest.is_some_and(|rest| !rest.is_empty()) && text.bytes().all(plain)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrustedEntity {
    trusted_entity_information: EntityInformation,
    trusted_entity_services: Vec<Service>,
}

#[derive(Serialize, Deserialize)]
struct EntityInformation {
    #[serde(rename = "TEName")]
    name: Localised,
    /// Carries the official registration identifier, as TS 119 612, clause 5.4.2 has it.
    #[serde(rename = "TETradeName")]
    identifier: Localised,
    #[serde(rename = "TEAddress")]
    address: Address,
}

#[derive(Serialize, Deserialize)]
struct Address {
    #[serde(rename = "TEPostalAddress")]
    postal: Vec<Value>,
    #[serde(rename = "TEElectronicAddress")]
    electronic: Vec<LocalisedUri>,
}

#[derive(Serialize, Deserialize)]
struct LocalisedUri {
    lang: String,
    #[serde(rename = "uriValue")]
    uri: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Service {
    service_information: ServiceInformation,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceInformation {
    service_name: Localised,
    service_digital_identity: DigitalIdentity,
    service_type_identifier: String,
    service_status: Status,
    status_starting_time: String,
    service_information_extensions: (Extension,),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DigitalIdentity {
    other_ids: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Extension {
    extension_type: String,
    registered: String,
    credential_types: Vec<String>,
}

impl Lote {
    pub(crate) fn read(payload: Value) -> Result<Self> {
        let version = payload.pointer("/LoTE/ListAndSchemeInformation/LoTEVersionIdentifier");
        match version.and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(found) => return Err(Error::UnsupportedVersion { found }),
            None => return Err(MALFORMED),
        }
        let Document { list } = serde_json::from_value(payload).map_err(|_| MALFORMED)?;
        let scheme = list.list_and_scheme_information;
        if scheme.list_type != LIST_TYPE {
            return Err(MALFORMED);
        }
        let framework = SchemeExtension::find(scheme.scheme_extensions)?;
        if framework.links.len() > MAX_LINKS {
            return Err(MALFORMED);
        }
        Ok(Lote {
            sequence: scheme.sequence,
            issued: from_timestamp(&scheme.list_issue_date_time)?,
            next_update: from_timestamp(&scheme.next_update)?,
            operator: only(scheme.scheme_operator_name)?,
            country: scheme.scheme_territory,
            root: framework.root.as_deref().map(from_base64).transpose()?,
            links: framework
                .links
                .iter()
                .map(|link| from_base64(link))
                .collect::<Result<_>>()?,
            terms: framework.terms,
            log_head: framework
                .log_head
                .map(|hash| hash_of(&hash).ok_or(MALFORMED))
                .transpose()?,
            directory: directory(framework.service_supply_points)?,
            entries: list
                .trusted_entities_list
                .into_iter()
                .map(entry)
                .collect::<Result<_>>()?,
        })
    }

    pub(crate) fn write(&self) -> Result<impl Serialize> {
        let directory = self.directory.iter().map(|uri| SupplyPoint {
            service_type: DIRECTORY_TYPE.into(),
            uri: uri.clone(),
        });
        let framework = SchemeExtension {
            extension_type: SCHEME_EXTENSION_TYPE.into(),
            root: self.root.as_deref().map(base64),
            links: self.links.iter().map(|link| base64(link)).collect(),
            terms: self.terms.clone(),
            log_head: self.log_head.map(base64url),
            service_supply_points: directory.collect(),
        };
        let scheme = SchemeInformation {
            version: VERSION,
            sequence: self.sequence,
            list_type: LIST_TYPE.into(),
            scheme_operator_name: name(&self.operator),
            scheme_territory: self.country.clone(),
            list_issue_date_time: timestamp(self.issued)?,
            next_update: timestamp(self.next_update)?,
            scheme_extensions: vec![serde_json::to_value(framework).map_err(|_| MALFORMED)?],
        };
        let list = List {
            list_and_scheme_information: scheme,
            trusted_entities_list: self.entries.iter().map(trusted_entity).collect::<Result<_>>()?,
        };
        Ok(Document { list })
    }
}

fn entry(entity: TrustedEntity) -> Result<Entry> {
    let mut services = entity.trusted_entity_services.into_iter();
    let (Some(service), None) = (services.next(), services.next()) else {
        return Err(MALFORMED);
    };
    let service = service.service_information;
    let (extension,) = service.service_information_extensions;
    if service.service_type_identifier != SERVICE_TYPE || extension.extension_type != EXTENSION_TYPE {
        return Err(MALFORMED);
    }
    let information = entity.trusted_entity_information;
    Ok(Entry {
        organisation_id: only(information.identifier)?,
        legal_name: only(information.name)?,
        contacts: information
            .address
            .electronic
            .into_iter()
            .map(|address| address.uri)
            .collect(),
        status: service.service_status,
        since: from_timestamp(&service.status_starting_time)?,
        registered: from_timestamp(&extension.registered)?,
        certificates: service
            .service_digital_identity
            .other_ids
            .iter()
            .map(|id| digest(id).ok_or(MALFORMED))
            .collect::<Result<_>>()?,
        issues: extension.credential_types,
    })
}

fn trusted_entity(entry: &Entry) -> Result<TrustedEntity> {
    let address = |uri: &String| LocalisedUri {
        lang: UNDETERMINED.into(),
        uri: uri.clone(),
    };
    let hash = |digest: &[u8; 32]| format!("{HASH_PREFIX}{}", base64url(digest));
    let service = ServiceInformation {
        service_name: name(&entry.legal_name),
        service_digital_identity: DigitalIdentity {
            other_ids: entry.certificates.iter().map(hash).collect(),
        },
        service_type_identifier: SERVICE_TYPE.into(),
        service_status: entry.status,
        status_starting_time: timestamp(entry.since)?,
        service_information_extensions: (Extension {
            extension_type: EXTENSION_TYPE.into(),
            registered: timestamp(entry.registered)?,
            credential_types: entry.issues.clone(),
        },),
    };
    Ok(TrustedEntity {
        trusted_entity_information: EntityInformation {
            name: name(&entry.legal_name),
            identifier: name(&entry.organisation_id),
            address: Address {
                postal: Vec::new(),
                electronic: entry.contacts.iter().map(address).collect(),
            },
        },
        trusted_entity_services: vec![Service {
            service_information: service,
        }],
    })
}

fn name(text: &str) -> Localised {
    Localised::new(UNDETERMINED, text)
}

fn only(names: Localised) -> Result<String> {
    let mut names = names.0.into_values();
    match (names.next(), names.next()) {
        (Some(name), None) if is_line(&name) => Ok(name),
        _ => Err(MALFORMED),
    }
}

fn digest(id: &str) -> Option<[u8; 32]> {
    hash_of(id.strip_prefix(HASH_PREFIX)?)
}

fn hash_of(text: &str) -> Option<[u8; 32]> {
    from_base64url(text).ok()?.try_into().ok()
}
