//! Arguments of the person's commands.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

#[derive(Args)]
pub(crate) struct AddArgs {
    /// The kind: a short name such as address (see kist schemas), or any URI
    pub(crate) schema: String,
    /// Fields: name=text, name.inner=text, or name:=JSON; without any they are asked for on a terminal
    #[arg(value_name = "FIELD")]
    pub(crate) fields: Vec<String>,
    /// Read the whole record from a JSON file; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "fields")]
    pub(crate) from: Option<PathBuf>,
    /// A label of your own; can be repeated
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// Keep it although it breaks the rules of its kind
    #[arg(long)]
    pub(crate) keep_anyway: bool,
}

#[derive(Args)]
#[command(group = ArgGroup::new("whose").args(["mine", "contact"]))]
pub(crate) struct ImportArgs {
    /// Files and folders: vCards, calendars, tables, JSON and health records (FHIR) are read as records, anything else is
    /// attached as it is; - is standard input
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) files: Vec<PathBuf>,
    /// What the files are, in place of what their content says
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) format: Option<ImportFormat>,
    /// The vCards are your own: each part becomes a record that can be shared by itself
    #[arg(long)]
    pub(crate) mine: bool,
    /// The vCards are of people you know [default]
    #[arg(long)]
    pub(crate) contact: bool,
    /// The kind of JSON records and of a table's rows; appointment makes appointments of a calendar's events
    #[arg(long, value_name = "SCHEMA")]
    pub(crate) schema: Option<String>,
    /// What a table's column becomes, such as "Mobile=phones/0/value"; nothing after = leaves it out; can be repeated
    #[arg(long = "map", value_name = "COLUMN=MEMBER")]
    pub(crate) maps: Vec<String>,
    /// How to read dates such as 03/04/2026
    #[arg(long, value_name = "ORDER")]
    pub(crate) dates: Option<ImportDates>,
    /// Attach the files as they are, whatever they are
    #[arg(long, conflicts_with_all = ["format", "mine", "contact", "schema"])]
    pub(crate) attach: bool,
    /// A label for every record; can be repeated
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// Keep each file itself too, as a document
    #[arg(long)]
    pub(crate) keep_original: bool,
    /// Take records too that are in the store already
    #[arg(long)]
    pub(crate) again: bool,
    /// Keep what breaks the rules of its kind
    #[arg(long)]
    pub(crate) keep_anyway: bool,
    /// Only show what would be taken and what not
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// A format of a file.
#[derive(ValueEnum, Clone, Copy)]
pub(crate) enum ImportFormat {
    /// vCards
    Vcard,
    /// A calendar (iCalendar)
    Icalendar,
    /// A table of separated values
    Csv,
    /// JSON
    Json,
    /// Health records (FHIR R4)
    Fhir,
    /// Any file, attached as it is
    File,
}

/// The order of a date's parts.
#[derive(ValueEnum, Clone, Copy)]
pub(crate) enum ImportDates {
    /// Day, month, year
    DayFirst,
    /// Month, day, year
    MonthFirst,
}

#[derive(Args)]
pub(crate) struct FilterArgs {
    /// Of this kind; can be repeated
    #[arg(long = "kind", alias = "schema", value_name = "KIND")]
    pub(crate) kinds: Vec<String>,
    /// Of this part of life, such as health
    #[arg(long)]
    pub(crate) area: Option<String>,
    /// With this label
    #[arg(long)]
    pub(crate) tag: Option<String>,
    /// From such a source
    #[arg(long, value_enum)]
    pub(crate) source: Option<SourceArg>,
    /// Last changed on this day or later
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<String>,
    /// Last changed on this day or earlier
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<String>,
    /// Only favourites
    #[arg(long)]
    pub(crate) favourites: bool,
    /// What is in the trash
    #[arg(long)]
    pub(crate) trash: bool,
}

/// Where a record came from.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SourceArg {
    /// You typed it
    Own,
    /// It was imported
    Imported,
    /// An organisation delivered it
    Delivered,
}

#[derive(Args)]
pub(crate) struct SearchArgs {
    /// Words; the last may be the beginning of one
    #[arg(required = true)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// The most hits
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,
}

#[derive(Args)]
pub(crate) struct ShowArgs {
    /// Its id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: String,
    /// Show all versions, the oldest first
    #[arg(long, conflicts_with = "save")]
    pub(crate) versions: bool,
    /// Show what each version changed, the oldest first
    #[arg(long, conflicts_with_all = ["save", "versions"])]
    pub(crate) changes: bool,
    /// Write its files into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) save: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CorrectArgs {
    /// Its id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: String,
    /// Fields to change: name=text, name.inner=text, or name:=JSON
    #[arg(value_name = "FIELD", required_unless_present_any = ["from", "remove", "area", "tags", "untag", "attach", "detach"])]
    pub(crate) fields: Vec<String>,
    /// A field to take away; can be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) remove: Vec<String>,
    /// Read the whole new record from a JSON file; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fields", "remove"])]
    pub(crate) from: Option<PathBuf>,
    /// Another part of life, such as health
    #[arg(long, value_name = "AREA")]
    pub(crate) area: Option<String>,
    /// A label more; can be repeated
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// A label to take away; can be repeated
    #[arg(long, value_name = "TAG")]
    pub(crate) untag: Vec<String>,
    /// A file that goes with it from now on; can be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// The name of a file to take away; earlier versions keep it; can be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) detach: Vec<String>,
    /// Keep it although it breaks the rules of its kind
    #[arg(long)]
    pub(crate) keep_anyway: bool,
}

#[derive(Args)]
#[command(group = ArgGroup::new("decision").args(["yes", "refuse", "look"]))]
pub(crate) struct ScanArgs {
    /// A PNG or JPEG with the QR code, the link itself, or the id of a pending request; nothing lists what is pending
    #[arg(allow_hyphen_values = true)]
    pub(crate) request: Option<String>,
    /// Give what is required and no more, without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Give this optional part too, such as phone; can be repeated, and answers without asking
    #[arg(long, value_name = "PART", conflicts_with_all = ["refuse", "look"])]
    pub(crate) give: Vec<String>,
    /// Answer a part from this record, as PART=ID; can be repeated
    #[arg(long = "use", value_name = "PART=ID", conflicts_with_all = ["refuse", "look"])]
    pub(crate) uses: Vec<String>,
    /// Give what this profile of yours covers too; see kist rules
    #[arg(long, value_name = "NAME", conflicts_with_all = ["refuse", "look"])]
    pub(crate) profile: Option<String>,
    /// Where the organisation takes one of several things, give this one, as CHOICE.OPTION, such as 1.2; can be repeated
    #[arg(long, value_name = "CHOICE.OPTION", conflicts_with_all = ["refuse", "look"])]
    pub(crate) instead: Vec<String>,
    /// Answer the same question in the same way until the end of this day, with --remembered
    #[arg(long, value_name = "DAY", conflicts_with_all = ["refuse", "look"])]
    pub(crate) remember_until: Option<String>,
    /// Give the answer that was remembered, if it fits
    #[arg(long, conflicts_with_all = ["yes", "give", "uses", "profile", "instead", "remember_until", "refuse", "look"])]
    pub(crate) remembered: bool,
    /// Refuse
    #[arg(long)]
    pub(crate) refuse: bool,
    /// Look, and decide later
    #[arg(long)]
    pub(crate) look: bool,
}

#[derive(Args)]
pub(crate) struct InboxArgs {
    /// List only, without the network
    #[arg(long)]
    pub(crate) offline: bool,
    /// Take an item away
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) dismiss: Option<String>,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ConsentsArgs {
    #[command(subcommand)]
    pub(crate) act: Option<ConsentsCommand>,
    /// Show this one: its id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: Option<String>,
    /// Write the organisation's signed receipt (JSON-LD) to a file
    #[arg(long, value_name = "FILE", requires = "id")]
    pub(crate) receipt: Option<PathBuf>,
    /// List what was asked by standing access, and what became of it
    #[arg(long, conflicts_with = "receipt")]
    pub(crate) reads: bool,
    /// Write the receipt as a page to read and print: .html
    #[arg(long, value_name = "FILE", requires = "id")]
    pub(crate) page: Option<PathBuf>,
    /// Write everything that was signed to a file, for `kist verify-receipt`
    #[arg(long, value_name = "FILE", requires = "id")]
    pub(crate) proof: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) filter: ConsentFilterArgs,
    /// Show how much typing your answers saved you
    #[arg(long, conflicts_with = "id")]
    pub(crate) effort: bool,
}

#[derive(Args)]
pub(crate) struct ConsentFilterArgs {
    /// With this organisation: a part of its name, or its registration number
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// That give something of this part of life, such as health
    #[arg(long)]
    pub(crate) area: Option<String>,
    /// That give something of this kind, such as address
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// That give this field, such as phone_number
    #[arg(long, value_name = "NAME")]
    pub(crate) field: Option<String>,
    /// That stand so; can be repeated
    #[arg(long = "state", value_name = "STATE", value_parser = CONSENT_STATES)]
    pub(crate) states: Vec<String>,
    /// That end by themselves before this day
    #[arg(long, value_name = "DAY")]
    pub(crate) ends_before: Option<String>,
}

const CONSENT_STATES: [&str; 8] = [
    "awaiting-send",
    "awaiting-receipt",
    "in-force",
    "paused",
    "expired",
    "replaced",
    "withdrawn",
    "withdrawal-acknowledged",
];

#[derive(Subcommand)]
pub(crate) enum ConsentsCommand {
    /// Pause consents: until they go on, nothing is shared under them and what is delivered waits
    Pause(PauseArgs),
    /// Let paused consents go on
    Resume(PauseArgs),
    /// Take fields out of consents, or let them end earlier
    Narrow(NarrowArgs),
    /// Withdraw consents
    Withdraw {
        /// Their ids, or the beginning or end of each
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
}

#[derive(Args)]
pub(crate) struct PauseArgs {
    /// Their ids, or the beginning or end of each
    #[arg(value_name = "ID", required_unless_present = "everything")]
    pub(crate) ids: Vec<String>,
    /// Everything, in one act; requests aren't answered either
    #[arg(long, conflicts_with = "ids")]
    pub(crate) everything: bool,
}

#[derive(Args)]
pub(crate) struct NarrowArgs {
    /// Their ids, or the beginning or end of each
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// A field to take out, such as phone_number; can be repeated
    #[arg(long, value_name = "FIELD", required_unless_present = "until")]
    pub(crate) without: Vec<String>,
    /// The last day on which they hold
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<String>,
}

#[derive(Args)]
#[command(group = ArgGroup::new("instead").args(["verify", "sign", "evidence"]))]
pub(crate) struct HistoryArgs {
    /// Verify the whole chain instead, and every signature over it
    #[arg(long)]
    pub(crate) verify: bool,
    /// Sign the history as it stands
    #[arg(long)]
    pub(crate) sign: bool,
    /// Write the signed history with your agreements to a file, as evidence for others
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Option<PathBuf>,
    /// Only this agreement goes with the evidence: its id, or the beginning or end of it; can be repeated
    #[arg(
        long = "consent",
        value_name = "ID",
        requires = "evidence",
        allow_hyphen_values = true
    )]
    pub(crate) consents: Vec<String>,
}

#[derive(Args)]
pub(crate) struct VerifyReceiptArgs {
    /// A file that `kist consents --proof` wrote, or the receipt alone as it was signed; - is standard input
    pub(crate) receipt: PathBuf,
    /// The person's acceptance, where the file is the receipt alone
    #[arg(long, value_name = "FILE", requires_all = ["offer", "key"])]
    pub(crate) acceptance: Option<PathBuf>,
    /// The organisation's offer, where the file is the receipt alone
    #[arg(long, value_name = "FILE", requires_all = ["acceptance", "key"])]
    pub(crate) offer: Option<PathBuf>,
    /// The organisation's public key (JWK), from somewhere that you believe
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum BackupCommand {
    /// Set backup up and show the recovery kit, once
    Setup(SetupArgs),
    /// Send what changed since the last time
    Run,
    /// Say when the last backup was complete, and whether something changed since
    Status,
    /// Prove that the backup can be restored: restore it apart, and throw that away
    Rehearse,
    /// List the devices that may write to the backup
    Devices,
}

#[derive(Args)]
pub(crate) struct SetupArgs {
    /// The relay that is to hold the backup [default: the one that is set for mailboxes]
    pub(crate) relay: Option<String>,
    /// Write the kit as a page to print: .html or .svg
    #[arg(long, value_name = "FILE")]
    pub(crate) kit: Option<PathBuf>,
    /// Write the kit's QR code: .png or .svg
    #[arg(long, value_name = "FILE")]
    pub(crate) qr: Option<PathBuf>,
}

#[derive(Args)]
#[command(group = ArgGroup::new("code").args(["kit", "code_file"]), group = ArgGroup::new("freshness").args(["confirm_freshness", "at_least"]))]
pub(crate) struct RestoreArgs {
    /// A picture of the kit's QR code: PNG or JPEG
    #[arg(long, value_name = "IMAGE")]
    pub(crate) kit: Option<PathBuf>,
    /// File whose first line is the recovery code [or KIST_RECOVERY_CODE, or asked for]; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) code_file: Option<PathBuf>,
    /// The relay that holds the backup, where the code was written down without it
    #[arg(long, value_name = "URL")]
    pub(crate) relay: Option<String>,
    /// You have seen date and device of this backup and know it is your newest
    #[arg(long, value_name = "SEQUENCE")]
    pub(crate) confirm_freshness: Option<u64>,
    /// Refuse a backup older than this one, which another device has seen
    #[arg(long, value_name = "SEQUENCE")]
    pub(crate) at_least: Option<u64>,
}

#[derive(Args)]
pub(crate) struct ImportArchiveArgs {
    /// The zip file
    pub(crate) file: PathBuf,
    /// File whose first line is the archive's code, which brings back relationships and history [or KIST_ARCHIVE_CODE]; -
    /// is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) code_file: Option<PathBuf>,
    /// Take what is sound of a damaged file, and name the rest
    #[arg(long)]
    pub(crate) sound_only: bool,
}

/// On or off.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Subcommand)]
pub(crate) enum TrustCommand {
    /// Believe a framework, from the file that its operator hands out; - is standard input
    Add {
        /// The file
        file: PathBuf,
    },
    /// List the frameworks that are believed
    List,
    /// Take a framework's newest list: from a file, or from where it is published
    Update {
        /// The framework's label
        label: String,
        /// The operator's newest file
        file: Option<PathBuf>,
    },
    /// List organisations that stand elsewhere in their framework than you were told
    Changes {
        /// Note that you were told
        #[arg(long)]
        told: bool,
    },
    /// Show a framework's terms
    Terms {
        /// The framework's label
        label: String,
        /// Accept them
        #[arg(long)]
        accept: bool,
    },
    /// Show or switch the developer's mode, in which requests are shown that no framework vouches for
    Developer {
        /// On or off
        switch: Option<Switch>,
    },
    /// Believe a framework no longer
    Remove {
        /// The framework's label
        label: String,
    },
}
