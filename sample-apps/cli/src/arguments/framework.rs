//! Arguments of a framework operator's commands.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum FrameworkCommand {
    /// Found a framework: its root and registrar
    Create(FoundArgs),
    /// Read an application, admit the organisation, and write what it installs
    Admit(AdmitArgs),
    /// Renew a member's certificate and registration with the content that they have, and write what it installs
    Renew(RenewArgs),
    /// Suspend a member
    Suspend(MemberArgs),
    /// Make a suspended member active again
    Reinstate(MemberArgs),
    /// Expel a member for good
    Expel(MemberArgs),
    /// List members
    Members,
    /// Show members, certificates, lists, and what has to be done next
    Status,
    /// Show what the operator did, held to its chain of hashes
    Log,
    /// Publish terms with a summary in plain words, from a JSON file; - is standard input
    Terms {
        /// {"version", "summary": {"en": …}, "text": {"en": …}}
        file: PathBuf,
    },
    /// Replace the root: phones follow with the next list, then renew every member
    RotateRoot(RotateArgs),
    /// Give the registrar another key and certificate
    RotateRegistrar,
    /// Put organisations' invitations into one file, from which people choose whom to contact
    Directory {
        /// The invitations, each as its organisation published it
        #[arg(required = true)]
        invitations: Vec<PathBuf>,
        /// Where to write the directory
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Say in the next list where the directory lies, so that phones find it by themselves
    DirectoryUrl(DirectoryUrlArgs),
    /// Publish the next signed list, in the file that people and organisations add
    Publish(PublishArgs),
}

#[derive(Args)]
pub(crate) struct FoundArgs {
    /// What the framework is called on a phone
    #[arg(long)]
    pub(crate) label: String,
    /// The operator's legal name
    #[arg(long)]
    pub(crate) legal_name: String,
    /// The operator's registration number, such as GB-COH-01234567
    #[arg(long, value_name = "ID")]
    pub(crate) organisation_id: String,
    /// The operator's country: two letters of ISO 3166-1
    #[arg(long)]
    pub(crate) country: String,
    /// Where the list will be published
    #[arg(long, value_name = "URL")]
    pub(crate) list_url: Option<String>,
}

#[derive(Args)]
pub(crate) struct AdmitArgs {
    /// The application; - is standard input
    pub(crate) application: PathBuf,
    /// Where to write the admission [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Don't ask
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
pub(crate) struct MemberArgs {
    /// The organisation's registration number
    pub(crate) organisation_id: String,
    /// Why, for the operator's log
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

#[derive(Args)]
pub(crate) struct RenewArgs {
    /// The organisation's registration number
    pub(crate) organisation_id: String,
    /// Where to write the admission [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct RotateArgs {
    /// Days for which what the old root signed is still believed; 0 where its key was stolen
    #[arg(long, default_value_t = 90)]
    pub(crate) retire_days: u16,
    /// Don't ask
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
#[command(group = ArgGroup::new("where").args(["url", "remove"]).required(true))]
pub(crate) struct DirectoryUrlArgs {
    /// Where it lies
    pub(crate) url: Option<String>,
    /// Name none any more
    #[arg(long)]
    pub(crate) remove: bool,
}

#[derive(Args)]
pub(crate) struct PublishArgs {
    /// Days until the next list is due
    #[arg(long, default_value_t = 30)]
    pub(crate) valid_days: u16,
    /// Where to write the file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
