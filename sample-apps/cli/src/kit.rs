//! The recovery kit as a page to print.

use std::path::Path;

use kist_pds::RecoveryKit;

use crate::failure::{Failure, Result};
use crate::parameters::{self, Parameters};
use crate::pictures;
use crate::ui::Ui;

/// Whether a kit can be written by this name, asked before there is something to lose.
pub(crate) fn check_name(path: &Path) -> Result<()> {
    match pictures::extension(path).as_str() {
        "html" | "svg" => Ok(()),
        _ => Err(Failure::own("WrongPictureType").with("path", path.display().to_string())),
    }
}

/// The page, by the file's name HTML or SVG.
pub(crate) fn page(ui: &Ui, kit: &RecoveryKit, now_ms: i64, path: &Path) -> Result<String> {
    let qr = pictures::code(&kit.uri)?.to_svg();
    Ok(match pictures::extension(path).as_str() {
        "svg" => svg(ui, kit, now_ms, &qr),
        _ => html(ui, kit, now_ms, &qr),
    })
}

fn text(ui: &Ui, key: &str) -> String {
    escape(&ui.text(key, Parameters::default()))
}

fn made(ui: &Ui, now_ms: i64) -> String {
    escape(&ui.text(
        "kit.made",
        Parameters::default().with("made", parameters::moment(now_ms)),
    ))
}

fn html(ui: &Ui, kit: &RecoveryKit, now_ms: i64, qr: &str) -> String {
    let (title, explanation, keep) = (text(ui, "kit.title"), text(ui, "kit.explanation"), text(ui, "kit.keep"));
    let (code, relay, made) = (escape(&kit.code), escape(&kit.relay), made(ui, now_ms));
    let (code_label, relay_label) = (text(ui, "kit.code"), text(ui, "kit.relay"));
    let tag = ui.catalogue.tag();
    format!(
        r#"<!doctype html>
<html lang="{tag}">
<meta charset="utf-8">
<title>{title}</title>
<style>
  body {{ font: 12pt/1.5 sans-serif; max-width: 42em; margin: 3em auto; padding: 0 1em }}
  .code {{ font: bold 16pt monospace; border: 1pt solid; padding: .5em }}
  svg {{ width: 6cm; display: block }}
</style>
<h1>{title}</h1>
<p>{explanation}</p>
<h2>{code_label}</h2>
<p class="code">{code}</p>
<h2>{relay_label}</h2>
<p>{relay}</p>
{qr}
<p>{keep}</p>
<p><small>{made}</small></p>
</html>
"#
    )
}

fn svg(ui: &Ui, kit: &RecoveryKit, now_ms: i64, qr: &str) -> String {
    let (code, relay, made) = (escape(&kit.code), escape(&kit.relay), made(ui, now_ms));
    let (title, keep) = (text(ui, "kit.title"), text(ui, "kit.keep"));
    let lines = wrap(&ui.text("kit.explanation", Parameters::default()), 78);
    let explained: String = lines
        .iter()
        .enumerate()
        .map(|(i, line)| {
            format!(
                r#"<text x="60" y="{}" font-size="12">{}</text>"#,
                110 + 18 * i,
                escape(line)
            )
        })
        .collect();
    let below = 130 + 18 * lines.len();
    let (code_y, relay_y, qr_y, keep_y) = (below, below + 30, below + 50, below + 320);
    let made_y = keep_y + 24;
    let qr = qr.replacen(
        "<svg ",
        &format!(r#"<svg x="60" y="{qr_y}" width="240" height="240" "#),
        1,
    );
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 595 842" width="210mm" height="297mm" font-family="sans-serif">
<rect width="595" height="842" fill="#fff"/>
<text x="60" y="80" font-size="22">{title}</text>
{explained}
<text x="60" y="{code_y}" font-size="15" font-weight="bold" font-family="monospace">{code}</text>
<text x="60" y="{relay_y}" font-size="12">{relay}</text>
{qr}
<text x="60" y="{keep_y}" font-size="12">{keep}</text>
<text x="60" y="{made_y}" font-size="9">{made}</text>
</svg>
"##
    )
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines
            .last()
            .is_some_and(|line| line.chars().count() + word.chars().count() >= width);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
