//! Progress bars on standard error, where somebody watches.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kist_pds::{Progress, ProgressFn};

use crate::parameters::Parameters;
use crate::ui::Ui;

/// A bar for one piece of long work; it goes when it is dropped.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar for what the sentence `key` says.
    pub(crate) fn new(ui: &Ui, key: &str) -> Self {
        let bar = ProgressBar::no_length();
        if !ui.shows_progress() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{msg} {bar:30} {binary_bytes}/{binary_total_bytes} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(ui.text(key, Parameters::default()));
        Bar(bar)
    }

    /// What the core tells.
    pub(crate) fn report(&self) -> ProgressFn {
        let bar = self.0.clone();
        Arc::new(move |Progress { done, total }| {
            if total > 0 {
                bar.set_length(total);
            }
            bar.set_position(done);
        })
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
