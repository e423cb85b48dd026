//! Journeys: what people do with Kist, end to end, over a real relay on a real socket (REQUIREMENTS, Journeys).
#![allow(clippy::unwrap_used)]

mod around_one_person;
mod clinic;
mod moving;
mod new_phone;
mod overreach;
mod town;
mod trouble;
mod world;
