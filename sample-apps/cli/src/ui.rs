//! What is printed, and what is asked.
//!
//! Words of other people may carry what a terminal obeys, or what turns the direction of text; nothing of it is printed.

use std::io::{IsTerminal, Write, stderr, stdin, stdout};

use kist_pds::qr::QrModules;
use serde::Serialize;

use crate::arguments::{Global, Language};
use crate::catalogue::Catalogue;
use crate::failure::{Failure, Result};
use crate::parameters::Parameters;

/// How this run talks.
#[derive(Clone, Copy)]
pub(crate) struct Ui {
    /// The sentences.
    pub(crate) catalogue: &'static Catalogue,
    json: bool,
    quiet: bool,
    styled: bool,
}

impl Ui {
    /// As the arguments and the terminal have it.
    pub(crate) fn new(global: &Global) -> Self {
        Ui {
            catalogue: Catalogue::of(global.lang.unwrap_or_else(system_language)),
            json: global.json,
            quiet: global.quiet,
            styled: stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        }
    }

    /// Before the arguments could be read.
    pub(crate) fn unconfigured() -> Self {
        Ui {
            catalogue: Catalogue::of(system_language()),
            json: std::env::args_os().any(|argument| argument == "--json"),
            quiet: false,
            styled: false,
        }
    }

    /// Whether one JSON document is wanted.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether only results are wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether somebody is there to answer.
    pub(crate) fn is_interactive(&self) -> bool {
        !self.json && stdin().is_terminal() && stderr().is_terminal()
    }

    /// Whether progress is to be shown.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.json && !self.quiet && stderr().is_terminal()
    }

    /// Prints the result: as JSON, or as `show` has it.
    pub(crate) fn result<T: Serialize>(&self, value: &T, show: impl FnOnce(&Ui)) {
        if self.json {
            let text = serde_json::to_string_pretty(value).unwrap_or_default();
            print(&mut stdout(), &text);
        } else {
            show(self);
        }
    }

    /// Prints a line of a result.
    pub(crate) fn line(&self, text: &str) {
        print(&mut stdout(), &plain(text));
    }

    /// Prints a line that heads others.
    pub(crate) fn heading(&self, text: &str) {
        let text = plain(text);
        match self.styled {
            true => print(&mut stdout(), &format!("\x1b[1m{text}\x1b[0m")),
            false => print(&mut stdout(), &text),
        }
    }

    /// A sentence of the tool's own.
    pub(crate) fn text(&self, key: &str, parameters: Parameters) -> String {
        self.catalogue.sentence("tool", key, &parameters)
    }

    /// Prints a sentence as a result.
    pub(crate) fn say(&self, key: &str, parameters: Parameters) {
        self.line(&self.text(key, parameters));
    }

    /// Prints a sentence beside the result.
    pub(crate) fn remark(&self, key: &str, parameters: Parameters) {
        if !self.json && !self.quiet {
            print(&mut stderr(), &plain(&self.text(key, parameters)));
        }
    }

    /// Prints why a command failed.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.json {
            let text = serde_json::to_string_pretty(&failure.to_json(self.catalogue)).unwrap_or_default();
            return print(&mut stdout(), &text);
        }
        let line = format!("kist: {}", failure.sentence(self.catalogue));
        print(&mut stderr(), &plain(&line));
        if let Some(hint) = failure.hint(self.catalogue) {
            print(&mut stderr(), &plain(&format!("      {hint}")));
        }
    }

    /// Draws a QR code in the terminal, two modules a character.
    pub(crate) fn qr(&self, code: &QrModules) {
        print(&mut stdout(), &half_blocks(code, self.styled));
    }

    /// Asks for a line. None at the end of the input.
    pub(crate) async fn ask(&self, question: &str) -> Option<String> {
        let mut prompt = stderr();
        // A prompt that can't be written leaves a reader that ends with the input.
        let _ = write!(prompt, "{} ", plain(question)).and_then(|()| prompt.flush());
        let (send, receive) = tokio::sync::oneshot::channel();
        // A thread of its own: Ctrl-C must not wait for it.
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = stdin().read_line(&mut line);
            let line = read.is_ok_and(|bytes| bytes > 0).then(|| line.trim().to_owned());
            send.send(line)
        });
        receive.await.ok().flatten()
    }

    /// Asks yes or no; anything but yes is no.
    pub(crate) async fn confirms(&self, key: &str, parameters: Parameters) -> bool {
        let question = self.text(key, parameters);
        let answer = self.ask(&question).await.unwrap_or_default().to_lowercase();
        let yes = self.text("yes", Parameters::default());
        yes.split(' ').any(|word| word == answer)
    }

    /// Goes on where the person says so, or said so by an option.
    pub(crate) async fn confirm(&self, sure: bool, key: &str, parameters: Parameters) -> Result<bool> {
        match (sure, self.is_interactive()) {
            (true, _) => Ok(true),
            (false, true) => Ok(self.confirms(key, parameters).await),
            (false, false) => Err(Failure::own("ConfirmationNeeded")),
        }
    }
}

/// Welsh where the system is set to Welsh, else English.
fn system_language() -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    match set {
        Some(locale) if locale.starts_with("cy") => Language::Cy,
        _ => Language::En,
    }
}

/// Writes a line. Where nobody reads any more, there is nobody to tell.
fn print(to: &mut impl Write, text: &str) {
    let _ = writeln!(to, "{text}");
}

/// Text without what a terminal obeys or what changes the direction of what follows.
fn plain(text: &str) -> String {
    let hidden = |symbol: char| {
        let directs = matches!(symbol, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        directs || (symbol.is_control() && symbol != '\n')
    };
    text.chars()
        .map(|symbol| if hidden(symbol) { ' ' } else { symbol })
        .collect()
}

/// A code with its quiet zone. In a terminal it is black on white; elsewhere the light modules are drawn, which is right
/// on a dark ground.
fn half_blocks(code: &QrModules, coloured: bool) -> String {
    const QUIET: usize = 4;
    let side = code.size + 2 * QUIET;
    let dark = |x: usize, y: usize| code.is_dark(x.wrapping_sub(QUIET), y.wrapping_sub(QUIET));
    let mut drawn = String::new();
    for y in (0..side).step_by(2) {
        if coloured {
            drawn.push_str("\x1b[30;107m");
        }
        for x in 0..side {
            let below = if y + 1 < side { dark(x, y + 1) } else { !coloured };
            let inked = (dark(x, y) == coloured, below == coloured);
            drawn.push(match inked {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        drawn.push_str(if coloured { "\x1b[0m\n" } else { "\n" });
    }
    drawn.trim_end_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_not_printed() {
        let hostile = "Clinic\x1b]0;owned\x07\r\u{202e}cinilC\u{9b}2J";
        let shown = plain(hostile);
        assert!(shown.starts_with("Clinic"));
        assert!(!shown.chars().any(|symbol| symbol.is_control() || symbol == '\u{202e}'));
    }

    #[test]
    fn a_drawn_code_is_read_back_from_its_half_blocks() {
        let code = kist_pds::qr::draw("openid4vp://example").expect("a code");
        let drawn = half_blocks(&code, true);
        let mut modules = Vec::new();
        for line in drawn.lines() {
            let line = line.trim_start_matches("\x1b[30;107m").trim_end_matches("\x1b[0m");
            let upper = line.chars().map(|c| matches!(c, '█' | '▀'));
            let lower = line.chars().map(|c| matches!(c, '█' | '▄'));
            modules.push(upper.collect::<Vec<_>>());
            modules.push(lower.collect::<Vec<_>>());
        }
        const SCALE: usize = 4;
        let (width, height) = (modules[0].len() * SCALE, modules.len() * SCALE);
        let pixel = |i: usize| {
            if modules[i / width / SCALE][i % width / SCALE] {
                0
            } else {
                255
            }
        };
        let luma: Vec<u8> = (0..width * height).map(pixel).collect();
        let read = kist_pds::qr::read(&luma, width, height).expect("a picture");
        assert_eq!(read, ["openid4vp://example"]);
    }
}
