//! Passphrases and recovery codes: from a file, a variable of the environment, or a prompt that doesn't show them.
//!
//! They are gathered before anything else begins, so that Ctrl-C at a prompt is the terminal's own.

use std::io::{BufRead, IsTerminal, stderr, stdin};
use std::path::Path;

use kist_pds::check_recovery_code;
use zeroize::Zeroizing;

use crate::arguments::{Command, Global, Needs, RestoreArgs};
use crate::failure::{Failure, Result};
use crate::parameters::Parameters;
use crate::pictures;
use crate::ui::Ui;

/// The shortest passphrase of a new store, in characters: without a key store, it is all that protects the store.
const MIN_PASSPHRASE: usize = 8;
/// The start of a recovery kit's QR.
const KIT: &str = "kist-recovery:";

/// A text that is wiped.
pub(crate) type Secret = Zeroizing<String>;

/// What a command was given.
#[derive(Default)]
pub(crate) struct Secrets {
    /// Opens the store, or protects the new one.
    pub(crate) passphrase: Secret,
    /// Replaces the passphrase.
    pub(crate) new_passphrase: Secret,
    /// The recovery code, or the text of a kit's QR.
    pub(crate) recovery_code: Secret,
    /// The code of an archive, where one was given.
    pub(crate) archive_code: Option<Secret>,
}

impl Secrets {
    /// Gathers what a command needs.
    pub(crate) fn gather(ui: &Ui, global: &Global, command: &Command) -> Result<Secrets> {
        let mut secrets = Secrets::default();
        match (command.needs(), command) {
            (Needs::Change, Command::ChangePassphrase { new_passphrase_file }) => {
                secrets.passphrase = PASSPHRASE.gather(ui, global.passphrase_file.as_deref())?;
                secrets.new_passphrase = NEW_PASSPHRASE.gather_new(ui, new_passphrase_file.as_deref())?;
            }
            (Needs::Recovery, Command::Restore(arguments)) => {
                secrets.recovery_code = recovery_code(ui, arguments)?;
                secrets.passphrase = PASSPHRASE.gather_new(ui, global.passphrase_file.as_deref())?;
            }
            (Needs::Nothing, _) => {}
            (Needs::NewPassphrase, _) => {
                secrets.passphrase = PASSPHRASE.gather_new(ui, global.passphrase_file.as_deref())?;
            }
            (_, Command::ImportArchive(arguments)) => {
                secrets.archive_code = ARCHIVE_CODE.given(arguments.code_file.as_deref())?;
                secrets.passphrase = PASSPHRASE.gather(ui, global.passphrase_file.as_deref())?;
            }
            _ => secrets.passphrase = PASSPHRASE.gather(ui, global.passphrase_file.as_deref())?,
        }
        Ok(secrets)
    }
}

/// Where one kind of secret is looked for.
struct Place {
    variable: &'static str,
    prompt: &'static str,
    missing: &'static str,
}

const PASSPHRASE: Place = Place {
    variable: "KIST_PASSPHRASE",
    prompt: "ask.passphrase",
    missing: "PassphraseMissing",
};
const NEW_PASSPHRASE: Place = Place {
    variable: "KIST_NEW_PASSPHRASE",
    prompt: "ask.new_passphrase",
    missing: "PassphraseMissing",
};
const RECOVERY_CODE: Place = Place {
    variable: "KIST_RECOVERY_CODE",
    prompt: "ask.recovery_code",
    missing: "CodeMissing",
};

/// Never asked for: an archive is taken in without it too.
const ARCHIVE_CODE: Place = Place {
    variable: "KIST_ARCHIVE_CODE",
    prompt: "ask.recovery_code",
    missing: "CodeMissing",
};

impl Place {
    /// What was given without a prompt.
    fn given(&self, file: Option<&Path>) -> Result<Option<Secret>> {
        match (file, std::env::var(self.variable)) {
            (Some(file), _) => first_line(file).map(Some),
            (None, Ok(value)) => Ok(Some(value.into())),
            (None, Err(_)) => Ok(None),
        }
    }

    fn gather(&self, ui: &Ui, file: Option<&Path>) -> Result<Secret> {
        match self.given(file)? {
            Some(secret) => Ok(secret),
            None => self.ask(ui, self.prompt),
        }
    }

    /// A passphrase that is to protect a store from now on: typed twice, and not too short.
    fn gather_new(&self, ui: &Ui, file: Option<&Path>) -> Result<Secret> {
        let secret = match self.given(file)? {
            Some(secret) => secret,
            None => {
                let secret = self.ask(ui, "ask.new_passphrase")?;
                if secret != self.ask(ui, "ask.passphrase_again")? {
                    return Err(Failure::own("PassphrasesDiffer"));
                }
                secret
            }
        };
        match secret.chars().count() {
            0..MIN_PASSPHRASE => Err(Failure::own("PassphraseTooShort").with("least", MIN_PASSPHRASE)),
            _ => Ok(secret),
        }
    }

    fn ask(&self, ui: &Ui, prompt: &str) -> Result<Secret> {
        let missing = |_| Failure::own(self.missing);
        if ui.is_json() || !stderr().is_terminal() {
            return Err(Failure::own(self.missing));
        }
        let prompt = format!("{} ", ui.text(prompt, Parameters::default()));
        rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(missing)
    }
}

/// The code of a kit's picture, of a file, of the environment, or as typed. A mistyped one is named at once.
fn recovery_code(ui: &Ui, arguments: &RestoreArgs) -> Result<Secret> {
    if let Some(picture) = &arguments.kit {
        let texts = pictures::read_codes(picture)?;
        let kit = texts.into_iter().find(|text| text.starts_with(KIT));
        return kit.map(Zeroizing::new).ok_or_else(|| Failure::own("NoKit"));
    }
    if let Some(code) = RECOVERY_CODE.given(arguments.code_file.as_deref())? {
        if !code.starts_with(KIT) {
            check_recovery_code(&code)?;
        }
        return Ok(code);
    }
    loop {
        let code = RECOVERY_CODE.ask(ui, RECOVERY_CODE.prompt)?;
        match check_recovery_code(&code) {
            Ok(()) => return Ok(code),
            Err(error) if error.code() == "RecoveryCodeMistyped" => ui.failure(&error.into()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn first_line(path: &Path) -> Result<Secret> {
    let mut line = Zeroizing::new(String::new());
    let read = match path.as_os_str() == "-" {
        true => stdin().lock().read_line(&mut line),
        false => std::fs::File::open(path).and_then(|file| std::io::BufReader::new(file).read_line(&mut line)),
    };
    read.map_err(|error| Failure::unreadable(path, &error))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned().into())
}
