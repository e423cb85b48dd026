//! How many records there are of what a filter can ask for, as it crosses the bridge.

use std::sync::Arc;

use crate::error::Result;
use crate::{CancelHandle, Person, task};

/// What a [`crate::RecordFilter`] can ask for, each with how many records in sight there are of it: the most first, then by
/// name.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Facets {
    /// Parts of life.
    pub areas: Vec<Facet>,
    /// Schemas, by their URIs.
    pub schemas: Vec<Facet>,
    /// The person's own labels.
    pub tags: Vec<Facet>,
    /// Organisations that delivered.
    pub organisations: Vec<OrganisationFacet>,
    /// How many records the person typed.
    pub self_asserted: u64,
    /// How many records were imported.
    pub imported: u64,
}

/// A part of life, a schema or a tag, with how many records in sight it has.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Facet {
    /// What a filter names.
    pub value: String,
    /// How many records there are.
    pub records: u64,
}

/// An organisation, with how many records in sight it delivered.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OrganisationFacet {
    /// Its id in the trust framework.
    pub id: String,
    /// Its legal name.
    pub name: String,
    /// How many records there are.
    pub records: u64,
}

#[uniffi::export]
impl Person {
    /// How many records in sight there are of each part of life, schema, label and source.
    pub async fn record_facets(&self, cancel: Arc<CancelHandle>) -> Result<Facets> {
        let records = self.store.get()?.records();
        task::run(&cancel, async move { Ok(records.facets().await?.into()) }).await
    }
}

impl From<kist_pds::Facets> for Facets {
    fn from(facets: kist_pds::Facets) -> Self {
        let facet = |(value, records): (String, u64)| Facet { value, records };
        let organisation = |organisation: kist_pds::OrganisationFacet| OrganisationFacet {
            id: organisation.id,
            name: organisation.name,
            records: organisation.records,
        };
        let area = |(area, records): (kist_pds::LifeArea, u64)| facet((area.as_str().to_owned(), records));
        Facets {
            areas: facets.areas.into_iter().map(area).collect(),
            schemas: facets.schemas.into_iter().map(facet).collect(),
            tags: facets.tags.into_iter().map(facet).collect(),
            organisations: facets.organisations.into_iter().map(organisation).collect(),
            self_asserted: facets.self_asserted,
            imported: facets.imported,
        }
    }
}
