//! The framework operator's side: pure functions over [`FrameworkState`]. The root's and the registrar's keys stay
//! outside; each act gives what is to be signed, and takes the signature.

mod application;
mod log;
mod members;
mod roots;
mod state;
mod status;

pub use application::Application;
pub use log::{Act, LogEntry, LogHead};
pub use members::{Admission, Admitted, Member};
pub use roots::{NewRootSignatures, RegistrarChange, RootLifetimes, Rotation};
pub use state::{Founding, FrameworkState, Publication, TermsPublication};
pub use status::{CertificateStatus, FrameworkStatus, ListStatus, MemberStatus, Notice};
