//! Arguments of requests of rights, on both sides.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use kist_pds::{DataRight, RefusalGround};

#[derive(Subcommand)]
pub(crate) enum RightsCommand {
    /// Ask an organisation for a right over your data; it has a month to answer
    Ask(AskArgs),
    /// List what you asked for, with its deadlines
    List,
    /// Show one request with what was answered
    Show {
        /// Its id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Ask the organisation again, once a day at most
    Remind {
        /// The request's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// List requests that you refused, as long as a report can be made about them
    Refused,
    /// Make a report to the authority that supervises an organisation; you send it yourself
    Report(ReportArgs),
    /// List reports, or show one, write it out again, note that you sent it
    Reports(ReportsArgs),
}

#[derive(Args)]
pub(crate) struct AskArgs {
    /// What you ask for
    pub(crate) right: RightArg,
    /// The consent that it is about, ended or not: its id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) consent: String,
    /// About everything that this organisation has of you
    #[arg(long, conflicts_with_all = ["fields", "corrections"])]
    pub(crate) everything: bool,
    /// About this field alone, such as phone_number; can be repeated
    #[arg(long = "field", value_name = "FIELD")]
    pub(crate) fields: Vec<String>,
    /// For a correction: the record that has this field right; can be repeated
    #[arg(long = "correct", value_name = "FIELD=RECORD")]
    pub(crate) corrections: Vec<String>,
    /// Why, in your words
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

/// A right by its article of the GDPR.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RightArg {
    /// A copy of your data (article 15)
    Access,
    /// A correction (article 16)
    Rectification,
    /// Erasure (article 17)
    Erasure,
    /// That your data is kept, and not used (article 18)
    Restriction,
    /// Your data in a form to take elsewhere (article 20)
    Portability,
    /// That a use ends which you object to (article 21)
    Objection,
}

impl From<RightArg> for DataRight {
    fn from(right: RightArg) -> Self {
        match right {
            RightArg::Access => DataRight::Access,
            RightArg::Rectification => DataRight::Rectification,
            RightArg::Erasure => DataRight::Erasure,
            RightArg::Restriction => DataRight::Restriction,
            RightArg::Portability => DataRight::Portability,
            RightArg::Objection => DataRight::Objection,
        }
    }
}

#[derive(Args)]
pub(crate) struct ReportArgs {
    /// The consent that it is about: its id, or the beginning or end of it
    #[arg(allow_hyphen_values = true, required_unless_present = "request")]
    pub(crate) consent: Option<String>,
    /// A request that it is about instead, which waits or which you refused: its id, or the beginning or end of it
    #[arg(long, value_name = "ID", allow_hyphen_values = true, conflicts_with = "consent")]
    pub(crate) request: Option<String>,
    /// What you add in your words
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    #[command(flatten)]
    pub(crate) out: ReportOut,
}

#[derive(Args)]
pub(crate) struct ReportsArgs {
    /// Its id, or the beginning or end of it
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: Option<String>,
    /// Note that you sent it
    #[arg(long, requires = "id")]
    pub(crate) sent: bool,
    /// What to remember of that, such as a reference
    #[arg(long, value_name = "TEXT", requires = "sent")]
    pub(crate) note: Option<String>,
    /// Write the signed request that it is about (JWS), for an authority that asks for it and for nobody else
    #[arg(long, value_name = "FILE", requires = "id")]
    pub(crate) request: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) out: ReportOut,
}

#[derive(Args)]
pub(crate) struct ReportOut {
    /// Write it as a page to print (HTML)
    #[arg(long, value_name = "FILE")]
    pub(crate) page: Option<PathBuf>,
    /// Write it with the signed objects that prove it (JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum OrgRightsCommand {
    /// List people's requests: those that wait first, the first due first
    List,
    /// Say that it was done, with data where a copy was asked for
    Answer {
        /// The request's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// JSON: data that goes along, as schema, claims, expires_at; can be repeated
        #[arg(long, value_name = "FILE")]
        deliver: Vec<PathBuf>,
        /// Words to the person
        #[arg(long)]
        text: Option<String>,
    },
    /// Refuse, with the ground and the reasons
    Refuse {
        /// The request's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// The ground
        ground: GroundArg,
        /// The reasons
        text: String,
    },
    /// Say within the month that more time is needed, and why
    Extend {
        /// The request's id, or the beginning or end of it
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// Why
        text: String,
        /// The last day of it [default: two months more, which is the most]
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
}

/// A ground of refusal.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum GroundArg {
    /// The request is manifestly unfounded
    ManifestlyUnfounded,
    /// The request is excessive
    Excessive,
    /// It can't be told whose data it is
    NotIdentified,
    /// It would harm the rights of others
    RightsOfOthers,
    /// A law asks to keep the data
    LegalObligation,
    /// Public health, archives or research
    PublicInterest,
    /// Legal claims
    LegalClaims,
    /// Freedom of expression and information
    FreedomOfExpression,
    /// The conditions of the right are not met
    ConditionsNotMet,
}

impl From<GroundArg> for RefusalGround {
    fn from(ground: GroundArg) -> Self {
        match ground {
            GroundArg::ManifestlyUnfounded => RefusalGround::ManifestlyUnfounded,
            GroundArg::Excessive => RefusalGround::Excessive,
            GroundArg::NotIdentified => RefusalGround::NotIdentified,
            GroundArg::RightsOfOthers => RefusalGround::RightsOfOthers,
            GroundArg::LegalObligation => RefusalGround::LegalObligation,
            GroundArg::PublicInterest => RefusalGround::PublicInterest,
            GroundArg::LegalClaims => RefusalGround::LegalClaims,
            GroundArg::FreedomOfExpression => RefusalGround::FreedomOfExpression,
            GroundArg::ConditionsNotMet => RefusalGround::ConditionsNotMet,
        }
    }
}
