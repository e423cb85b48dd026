//! What can be typed: commands, their arguments, and the help that describes them.

mod connections;
mod curation;
mod framework;
mod organisation;
mod person;
mod rights;
mod rules;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use connections::{
    ClusterCommand, ClustersArgs, ConnectArgs, ConnectionsArgs, InviteCommand, PeopleCommand,
};
pub(crate) use curation::{ConfirmArgs, DuplicatesArgs, FillArgs, MarkArgs, RemindersArgs, TrashArgs};
pub(crate) use framework::{AdmitArgs, FoundArgs, FrameworkCommand, MemberArgs, PublishArgs, RenewArgs, RotateArgs};
pub(crate) use organisation::{
    ApplyArgs, CarriedArgs, CarryArgs, CollectArgs, CommissionArgs, DeliverArgs, OrganisationCommand, RequestArgs,
};
pub(crate) use person::{
    AddArgs, BackupCommand, ConsentFilterArgs, ConsentsArgs, ConsentsCommand, CorrectArgs, FilterArgs, HistoryArgs,
    ImportArchiveArgs, ImportArgs, ImportDates, ImportFormat, InboxArgs, NarrowArgs, RestoreArgs, ScanArgs, SearchArgs,
    SetupArgs, ShowArgs, SourceArg, Switch, TrustCommand, VerifyReceiptArgs,
};
pub(crate) use rights::{AskArgs, OrgRightsCommand, ReportArgs, ReportOut, ReportsArgs, RightsCommand};
pub(crate) use rules::RulesCommand;

const AFTER_HELP: &str = "\
The passphrase is read from --passphrase-file, from the variable KIST_PASSPHRASE, or asked for on a terminal. It is never \
an argument, since other users of the machine see arguments.

With --json, standard output is one JSON document: the result, or {\"error\": {code, category, retry, parameters, \
message}}.

Exit codes:
    0  done
    1  a defect of kist
    2  usage: wrong arguments, or a question that nobody is there to answer
    3  input: what was given can't be used
    4  unlock: wrong passphrase, code or device
    5  trust: the other party isn't who or what it should be
    6  consent: not covered by what was agreed
    7  integrity: bytes at rest or on the relay aren't what was stored
    8  storage: this machine's disk
    9  network: the relay can't be reached, or refuses
  130  cancelled with Ctrl-C; nothing is half-done";

/// Keep your own data, share it by consent, and have it back after a loss.
#[derive(Parser)]
#[command(name = "kist", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What goes with every command.
#[derive(Args)]
pub(crate) struct Global {
    /// Folder of the store [default: kist/person, kist/organisation or kist/framework in the platform's data folder]
    #[arg(long, global = true, value_name = "DIR", env = "KIST_STORE")]
    pub(crate) store: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print results alone: no remarks, no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Language of what is printed [default: that of the system, else English]
    #[arg(long, global = true, value_enum, env = "KIST_LANG")]
    pub(crate) lang: Option<Language>,
    /// File whose first line is the passphrase; - is standard input
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// What this device is called in backups [default: the machine's name]
    #[arg(long, global = true, value_name = "NAME", env = "KIST_DEVICE_NAME")]
    pub(crate) device_name: Option<String>,
    /// Also reach this machine itself over plain HTTP, for demonstrations and tests
    #[cfg(feature = "loopback")]
    #[arg(long, global = true, env = "KIST_ALLOW_LOOPBACK", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) allow_loopback: bool,
}

/// A language of the catalogues.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Language {
    /// English
    En,
    /// Welsh
    Cy,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a store
    Init {
        /// Relay for your mailboxes and backup
        #[arg(long, value_name = "URL")]
        relay: Option<String>,
    },
    /// Add a record
    Add(AddArgs),
    /// Import vCards, calendars, tables, health records, JSON, or any file or folder
    Import(ImportArgs),
    /// List records
    List(FilterArgs),
    /// Search records and the names of files
    Search(SearchArgs),
    /// Show a record with where it came from
    Show(ShowArgs),
    /// Correct a record; earlier versions are kept
    Correct(CorrectArgs),
    /// Mark a record as a favourite, or write a note on it
    Mark(MarkArgs),
    /// Say that a record, or one field of it, is still right
    Confirm(ConfirmArgs),
    /// Put records out of sight, list them, bring them back, or delete them for good
    Trash(TrashArgs),
    /// Show what is there twice, or says different things about the same, and settle it
    Duplicates(DuplicatesArgs),
    /// Show what expires or falls due
    Reminders(RemindersArgs),
    /// Fill a form with what is in the store
    Fill(FillArgs),
    /// Delete a record with its versions and files, for good
    Delete {
        /// Its id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// List the kinds of record that Kist knows, with their fields
    Schemas,
    /// Look at an organisation's request and answer it: from a picture of its QR code, its link, or the list of pending ones
    Scan(ScanArgs),
    /// Decide beforehand: what you never give, when you are asked, what goes together
    #[command(subcommand)]
    Rules(RulesCommand),
    /// List organisations that you can contact, take what you were handed, or contact one
    Connect(ConnectArgs),
    /// List with whom you are in contact; pause or end a connection
    Connections(ConnectionsArgs),
    /// List clusters of organisations, and decide on one of them in one place
    Clusters(ClustersArgs),
    /// Connect with other people, and share records with them
    #[command(subcommand)]
    People(PeopleCommand),
    /// Fetch messages and list what waits to be read
    Inbox(InboxArgs),
    /// List what you agreed to, show one consent; pause, narrow or withdraw several
    Consents(ConsentsArgs),
    /// Send a file to an organisation under a consent; a copy of it is kept as a document
    SendFile {
        /// The consent's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        consent: String,
        /// The file, of 100 MiB at most
        file: PathBuf,
    },
    /// List files that go to organisations and come from them
    Transfers,
    /// Withdraw a consent
    Withdraw {
        /// Its id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// It is withdrawn: ask the organisation again to acknowledge that, once a day at most
        #[arg(long)]
        remind: bool,
    },
    /// Ask organisations for your rights over your data, and make reports to who supervises them
    #[command(subcommand)]
    Rights(RightsCommand),
    /// Show what happened: who asked, what was shared, what came
    History(HistoryArgs),
    /// Verify a history that somebody exported as evidence; needs no store
    VerifyEvidence {
        /// The file; - is standard input
        file: PathBuf,
    },
    /// Verify an organisation's receipt; needs no store
    VerifyReceipt(VerifyReceiptArgs),
    /// Show or set the relay for your mailboxes
    Relay {
        /// Its address
        url: Option<String>,
    },
    /// Back up to a relay, which can't read it
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Bring everything back with a recovery code, into a folder without a store
    Restore(RestoreArgs),
    /// Write everything into one zip file that needs no Kist to be read
    Export {
        /// A file that doesn't exist yet, such as kist.zip
        file: PathBuf,
        /// Leave out the sealed part with the keys of your relationships, which a code opens
        #[arg(long)]
        without_keys: bool,
    },
    /// Take in a file that `export` made: into a new store, or into this one
    ImportArchive(ImportArchiveArgs),
    /// Decide which frameworks you believe: they say which organisations may ask
    #[command(subcommand)]
    Trust(TrustCommand),
    /// Replace the passphrase
    ChangePassphrase {
        /// File whose first line is the new passphrase [or KIST_NEW_PASSPHRASE, or asked for]
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// An organisation's side
    #[command(subcommand)]
    Org(OrganisationCommand),
    /// A framework operator's side
    #[command(subcommand)]
    Framework(FrameworkCommand),
}

/// The secrets that a command needs before it begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Needs {
    /// None: no store is opened.
    Nothing,
    /// The store's passphrase.
    Passphrase,
    /// A passphrase for a new store.
    NewPassphrase,
    /// The store's passphrase and a new one.
    Change,
    /// A recovery code and a passphrase for a new store.
    Recovery,
}

impl Command {
    /// The secrets that this command needs.
    pub(crate) fn needs(&self) -> Needs {
        match self {
            Command::Init { .. } => Needs::NewPassphrase,
            Command::Org(OrganisationCommand::Create { .. }) => Needs::NewPassphrase,
            Command::Framework(FrameworkCommand::Create(_)) => Needs::NewPassphrase,
            Command::Restore(_) => Needs::Recovery,
            Command::VerifyEvidence { .. } | Command::VerifyReceipt(_) => Needs::Nothing,
            Command::ChangePassphrase { .. } => Needs::Change,
            _ => Needs::Passphrase,
        }
    }

    /// The folder of the store where none is named, beneath the platform's data folder.
    pub(crate) fn role(&self) -> &'static str {
        match self {
            Command::Org(_) => "organisation",
            Command::Framework(_) => "framework",
            _ => "person",
        }
    }
}
