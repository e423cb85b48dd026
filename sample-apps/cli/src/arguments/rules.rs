//! Arguments of `kist rules`.

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum RulesCommand {
    /// List your rules
    List,
    /// Never give something: to one organisation, or to any
    Never {
        /// A kind, such as condition; a field of it, such as birth.birthdate; a field of any kind, such as any.birthdate
        #[arg(required_unless_present = "organisation")]
        what: Option<String>,
        /// Only to this one: its number, as requests show it
        #[arg(long, value_name = "ID")]
        organisation: Option<String>,
    },
    /// Be asked each time, whatever answers are remembered
    Ask {
        /// Only by this one: its number, as requests show it
        #[arg(long, value_name = "ID")]
        organisation: Option<String>,
    },
    /// Let requests wait each day between two times
    Quiet {
        /// When it begins, such as 22:00
        from: String,
        /// When it ends, such as 07:00
        until: String,
    },
    /// Name a set of fields, to give them together with `kist scan --profile`
    Profile {
        /// What you call it
        name: String,
        /// Kinds and fields: address, birth.birthdate, any.phone_number
        #[arg(required = true)]
        fields: Vec<String>,
    },
    /// Take a rule away, a remembered answer too
    Remove {
        /// Its id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}
