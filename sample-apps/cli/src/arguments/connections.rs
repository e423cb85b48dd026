//! Arguments of what opens, lists and ends connections.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

#[derive(Args)]
pub(crate) struct ConnectArgs {
    /// An organisation's id or name as it is listed; or what you were handed: a link, a picture with its QR code, a file, or
    /// the code of a letter. Nothing lists who can be contacted
    #[arg(allow_hyphen_values = true)]
    pub(crate) with: Option<String>,
    /// What for: one of the uses that are listed. It says that you mean it: without, organisations are only shown
    #[arg(long = "for", value_name = "USE", requires = "with")]
    pub(crate) intended_use: Option<String>,
    /// The relay that a letter names beside its code [default: yours]
    #[arg(long, value_name = "URL", requires = "with")]
    pub(crate) relay: Option<String>,
    /// List who can be contacted
    #[arg(long, conflicts_with = "with")]
    pub(crate) list: bool,
    /// Fetch a directory of organisations from its address first
    #[arg(long, value_name = "URL", conflicts_with = "with")]
    pub(crate) directory: Option<String>,
    /// Fetch the directories of your frameworks, and those that you fetched before
    #[arg(long, conflicts_with_all = ["with", "directory"])]
    pub(crate) update: bool,
}

#[derive(Args)]
#[command(group = ArgGroup::new("change").args(["pause", "resume", "end"]).requires("id"))]
pub(crate) struct ConnectionsArgs {
    /// Show this one: its id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: Option<String>,
    /// Leave it alone until you resume it: what comes waits, nothing is given
    #[arg(long)]
    pub(crate) pause: bool,
    /// Go on with it
    #[arg(long)]
    pub(crate) resume: bool,
    /// End it, and withdraw everything that stands in it
    #[arg(long)]
    pub(crate) end: bool,
    /// Don't ask
    #[arg(long, requires = "end")]
    pub(crate) yes: bool,
}

#[derive(Subcommand)]
pub(crate) enum InviteCommand {
    /// Make an invitation for everybody
    Publish {
        /// JSON: the requests that people can ask for, and for how many days
        #[arg(value_name = "SPEC")]
        spec: PathBuf,
        /// Where to write it [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Make an invitation for one person, with a code for a letter
    Letter {
        /// JSON: the requests that the person can ask for, and for how many days
        #[arg(value_name = "SPEC")]
        spec: PathBuf,
        /// Write a QR code of the link too: .png or .svg
        #[arg(long, value_name = "FILE")]
        qr: Option<PathBuf>,
    },
    /// Show the link to an invitation that you published, as a QR code
    Link {
        /// The invitation's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Where it lies
        url: String,
        /// Write the QR code: .png or .svg
        #[arg(long, value_name = "FILE")]
        qr: Option<PathBuf>,
    },
    /// List invitations
    List,
    /// Take an invitation back
    Close {
        /// Its id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

#[derive(Args)]
#[command(group = ArgGroup::new("act").args(["open", "yes", "withdraw"]).requires("id"))]
pub(crate) struct ClustersArgs {
    /// Show this one, with each member's request: its id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: Option<String>,
    /// Take a cluster's statement, or a newer version, from a file
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    pub(crate) add: Option<PathBuf>,
    /// Contact every member that was not asked yet
    #[arg(long)]
    pub(crate) open: bool,
    /// Decide: give each member what it requires; members that aren't named with --member are refused where some are
    #[arg(long)]
    pub(crate) yes: bool,
    /// Withdraw what was agreed, with all or with those that --member names
    #[arg(long)]
    pub(crate) withdraw: bool,
    /// This member alone, by its organisation's id; can be repeated
    #[arg(long = "member", value_name = "ID", requires = "act")]
    pub(crate) members: Vec<String>,
    /// Give a member this optional part too, as ID=PART; can be repeated
    #[arg(long, value_name = "ID=PART", requires = "yes")]
    pub(crate) give: Vec<String>,
}

#[derive(Subcommand)]
pub(crate) enum ClusterCommand {
    /// Sign who takes part, from a JSON file: id, version, name, members with role and intended use
    State {
        /// The file
        #[arg(value_name = "SPEC")]
        spec: PathBuf,
        /// For how many days it holds
        #[arg(long, default_value_t = 365)]
        days: u32,
        /// Where to write it [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List the clusters that this organisation leads
    List,
    /// Show the link to a statement that you published, as a QR code
    Link {
        /// Where it lies
        url: String,
        /// Write the QR code: .png or .svg
        #[arg(long, value_name = "FILE")]
        qr: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub(crate) enum PeopleCommand {
    /// Invite somebody: show them the QR code, and nobody else
    Invite {
        /// What you call them
        name: String,
        /// Write the QR code: .png or .svg
        #[arg(long, value_name = "FILE")]
        qr: Option<PathBuf>,
    },
    /// Answer somebody's invitation
    Accept {
        /// The link, or a picture of its QR code
        link: String,
        /// What you call them
        name: String,
    },
    /// List whom you know, and whether you compared the code
    List,
    /// Say that you both read the same code
    Compare {
        /// Their name, or the connection's id
        id: String,
        /// Say that the codes differ, or that you are not sure
        #[arg(long)]
        different: bool,
    },
    /// Call somebody by another name
    Rename {
        /// Their name, or the connection's id
        id: String,
        /// The new name
        name: String,
    },
    /// End a connection, and withdraw what you share in it
    End {
        /// Their name, or the connection's id
        id: String,
    },
    /// Share records with somebody
    Share {
        /// Their name, or the connection's id
        id: String,
        /// A record's id, or the beginning or end of it; can be repeated
        #[arg(long = "record", value_name = "ID", required = true, allow_hyphen_values = true)]
        records: Vec<String>,
        /// What for
        #[arg(required = true)]
        purpose: Vec<String>,
    },
    /// List what is shared, either way
    Shares,
    /// Withdraw what you share
    Withdraw {
        /// The share's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}
