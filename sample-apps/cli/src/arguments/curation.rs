//! Arguments of the commands that curate records.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

#[derive(Args)]
#[command(group = ArgGroup::new("marks").args(["favourite", "no_favourite", "note"]).multiple(true).required(true))]
pub(crate) struct MarkArgs {
    /// Its id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: String,
    /// You want it at hand
    #[arg(long, conflicts_with = "no_favourite")]
    pub(crate) favourite: bool,
    /// It is a favourite no longer
    #[arg(long)]
    pub(crate) no_favourite: bool,
    /// A note of your own; an empty one takes it away
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
}

#[derive(Args)]
pub(crate) struct ConfirmArgs {
    /// Its id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: String,
    /// Only this field: name, or name.inner
    pub(crate) field: Option<String>,
}

#[derive(Args)]
#[command(group = ArgGroup::new("doing").args(["ids", "list", "restore", "empty"]))]
pub(crate) struct TrashArgs {
    /// Records to put into the trash; without any, what is there is listed
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// List what is in the trash
    #[arg(long)]
    pub(crate) list: bool,
    /// Bring a record back, from the trash or where another took its place; can be repeated
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) restore: Vec<String>,
    /// Delete what is in the trash for good
    #[arg(long)]
    pub(crate) empty: bool,
    /// Only what has been there for so many days
    #[arg(long, value_name = "DAYS", requires = "empty")]
    pub(crate) older_than: Option<u32>,
    /// Don't ask
    #[arg(long, requires = "empty")]
    pub(crate) yes: bool,
}

#[derive(Args)]
pub(crate) struct DuplicatesArgs {
    /// Only what this record has to do with
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: Option<String>,
    /// This one is right, by its number or id; it takes the others' place
    #[arg(long, value_name = "SIDE", allow_hyphen_values = true, conflicts_with = "both_right")]
    pub(crate) take: Option<String>,
    /// … but with this field as another has it; can be repeated
    #[arg(long = "with", value_name = "FIELD=SIDE", requires = "take")]
    pub(crate) with: Vec<String>,
    /// All are right, and stay as they are
    #[arg(long, requires = "id")]
    pub(crate) both_right: bool,
}

#[derive(Args)]
#[command(group = ArgGroup::new("doing").args(["snooze", "dismiss", "stale"]))]
pub(crate) struct RemindersArgs {
    /// What is due until this day [default: today]; with --snooze, the day to be reminded again
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<String>,
    /// Put off the reminders of this record
    #[arg(long, value_name = "ID", allow_hyphen_values = true, requires = "until")]
    pub(crate) snooze: Option<String>,
    /// Be reminded of this record no more, until its date changes
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) dismiss: Option<String>,
    /// Only the date in this field
    #[arg(long, value_name = "FIELD")]
    pub(crate) field: Option<String>,
    /// List instead what may be out of date, for you to confirm or correct
    #[arg(long, conflicts_with_all = ["until", "field"])]
    pub(crate) stale: bool,
}

#[derive(Args)]
pub(crate) struct FillArgs {
    /// The form: {"fields": [{"name": "town", "required": true, "wants": "oidc:address.locality"}, …]}; - is standard input
    pub(crate) form: PathBuf,
    /// Keep the answers in this JSON file, by the fields' names, where your store has something else or nothing
    #[arg(long, value_name = "FILE")]
    pub(crate) keep: Option<PathBuf>,
}
