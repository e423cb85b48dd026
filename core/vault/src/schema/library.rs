//! The schemas in the program, each read when it is first asked for.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use serde_json::Value;

use super::Schema;

/// A schema in the program.
struct Entry {
    text: &'static str,
    read: OnceLock<Schema>,
}

/// The schemas of core/vault/schemas by the names of their files, which are the names in their URIs.
macro_rules! library {
    ($($name:literal)*) => {
        const SOURCES: &[(&str, &str)] = &[$((
            concat!("urn:kist:schema:", $name, ":1"),
            include_str!(concat!("../../schemas/", $name, ".json")),
        )),*];
    };
}

library! {
    "address" "birth" "connection" "contact" "document" "email" "name" "note" "phone" "vaccination"
}

static LIBRARY: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    let entry = |&(uri, text): &(&'static str, &'static str)| {
        let read = OnceLock::new();
        (uri, Entry { text, read })
    };
    SOURCES.iter().map(entry).collect()
});

/// The URIs of the schemas in the program, ordered.
pub fn known() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(uri, _)| *uri)
}

/// A schema of the program; `None` where it is not known here.
pub fn schema(uri: &str) -> Option<&'static Schema> {
    let entry = LIBRARY.get(uri)?;
    #[allow(clippy::expect_used)]
    let read = || Schema::new(serde_json::from_str(entry.text).expect("the schemas are in the program"));
    Some(entry.read.get_or_init(read))
}

/// A schema of the program as JSON Schema; `None` where it is not known here.
pub fn get(uri: &str) -> Option<&'static Value> {
    schema(uri).map(Schema::json)
}
