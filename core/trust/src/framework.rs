//! The framework operator's side: pure functions over [`FrameworkState`]. The root's and the registrar's keys stay
//! outside; each act gives what is to be signed, and takes the signature.

mod application;
mod state;

pub use application::Application;
pub use state::{Admission, Admitted, Founding, FrameworkState, Member, Publication};
