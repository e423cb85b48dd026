//! Sealed pages.
