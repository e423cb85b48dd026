//! Arguments of an organisation's commands.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ClusterCommand, InviteCommand, OrgRightsCommand, TrustCommand};

#[derive(Subcommand)]
pub(crate) enum OrganisationCommand {
    /// Make the organisation's store and signing key
    Create {
        /// JSON: who the organisation is (see docs/guide-organisation.md)
        #[arg(value_name = "PROFILE")]
        profile: PathBuf,
    },
    /// Write the application to a framework
    Apply(ApplyArgs),
    /// Install what the framework's operator gave back
    Install {
        /// The admission
        file: PathBuf,
    },
    /// Show or set the relay for requests and mailboxes
    Relay {
        /// Its address
        url: Option<String>,
    },
    /// Decide which frameworks' credentials are accepted
    #[command(subcommand)]
    Trust(TrustCommand),
    /// Make a request and show its QR code
    Request(RequestArgs),
    /// List requests
    Requests,
    /// Show a request's QR code again
    Qr {
        /// Its id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Write the QR code: .png or .svg
        #[arg(long, value_name = "FILE")]
        qr: Option<PathBuf>,
    },
    /// Fetch the answer to a request and verify it
    Collect(CollectArgs),
    /// Take a request back
    Close {
        /// Its id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// As a supplier: write what the organisations need that you ask for
    Card {
        /// Where to write it [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Order a request that a supplier makes in your name
    Commission(CommissionArgs),
    /// As a supplier: make the request that an organisation ordered, and show its QR code
    Carry(CarryArgs),
    /// As a supplier: fetch the sealed answer, for the organisation to open
    Carried(CarriedArgs),
    /// Open an answer that a supplier brought
    Open {
        /// What the supplier brought
        answer: PathBuf,
    },
    /// Invite people who aren't known yet, in public or by a letter
    #[command(subcommand)]
    Invite(InviteCommand),
    /// Say which organisations serve the same people together with this one
    #[command(subcommand)]
    Cluster(ClusterCommand),
    /// List agreements, or show one with what was received
    Agreements {
        /// Its id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: Option<String>,
    },
    /// Deliver signed data to a person
    Deliver(DeliverArgs),
    /// Ask a person's phone for fields as they are now, by standing access
    Read {
        /// The agreement's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        agreement: String,
        /// Names of fields, such as phone_number [default: all that were given]
        #[arg(value_name = "FIELD")]
        fields: Vec<String>,
    },
    /// List what was asked by standing access, and what became of it
    Reads {
        /// The agreement's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        agreement: Option<String>,
    },
    /// List files that go to people and come from them
    Transfers,
    /// Write a file that came from a person to disk
    Save {
        /// The transfer's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        transfer: String,
        /// Where to
        to: PathBuf,
    },
    /// Send words to a person
    Note {
        /// The agreement's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        agreement: String,
        /// What to say
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Answer people's requests of rights over their data
    #[command(subcommand)]
    Rights(OrgRightsCommand),
    /// Send what waits, take in what came, acknowledge withdrawals
    Refresh,
}

#[derive(Args)]
pub(crate) struct ApplyArgs {
    /// JSON: what the organisation wants to ask for and to issue
    #[arg(value_name = "SPEC")]
    pub(crate) spec: PathBuf,
    /// Where to write the application [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct RequestArgs {
    /// JSON: what is asked for, and on what terms
    #[arg(value_name = "SPEC")]
    pub(crate) spec: PathBuf,
    /// Write the QR code: .png or .svg
    #[arg(long, value_name = "FILE")]
    pub(crate) qr: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CollectArgs {
    /// The request's id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: String,
    /// Wait so many seconds for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) wait: u64,
    /// The code of the session that began the request: six digits, or the response_code
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Option<String>,
}

#[derive(Args)]
pub(crate) struct DeliverArgs {
    /// The agreement's id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) agreement: String,
    /// The kind: a short name such as vaccination, or any URI
    #[arg(required_unless_present = "file")]
    pub(crate) schema: Option<String>,
    /// Fields: name=text, name.inner=text, or name:=JSON
    #[arg(value_name = "FIELD", required_unless_present_any = ["from", "file"])]
    pub(crate) fields: Vec<String>,
    /// Deliver a file instead, of 100 MiB at most
    #[arg(long, value_name = "FILE", conflicts_with_all = ["schema", "fields", "from", "valid_until"])]
    pub(crate) file: Option<PathBuf>,
    /// Read the data from a JSON file; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "fields")]
    pub(crate) from: Option<PathBuf>,
    /// The last day on which it is valid, such as 2027-03-31
    #[arg(long, value_name = "DATE")]
    pub(crate) valid_until: Option<String>,
}

#[derive(Args)]
pub(crate) struct CommissionArgs {
    /// JSON: what is asked for, and on what terms
    #[arg(value_name = "SPEC")]
    pub(crate) spec: PathBuf,
    /// The supplier's card
    #[arg(long, value_name = "CARD")]
    pub(crate) supplier: PathBuf,
    /// Where to write the commission [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CarryArgs {
    /// What the organisation ordered
    pub(crate) commission: PathBuf,
    /// Write the QR code: .png or .svg
    #[arg(long, value_name = "FILE")]
    pub(crate) qr: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CarriedArgs {
    /// The request's id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: String,
    /// Wait so many seconds for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) wait: u64,
    /// Where to write the answer [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
