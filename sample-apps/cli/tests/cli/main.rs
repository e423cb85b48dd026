//! `kist` as a person meets it: the program itself, without a network.

mod catalogues;
mod interruption;
mod offline;
mod tool;
