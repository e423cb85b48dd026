//! Generates the Kotlin and Swift code of core/ffi from its built library: `kist-bindgen LIBRARY CRATE_DIR OUT`.
//!
//! A program of its own, so that neither the shipped library nor a test build of the core carries a code generator.
//! Settings are read from `CRATE_DIR/uniffi.toml`; Kotlin is written below `OUT/kotlin`, Swift into `OUT/swift`.

use anyhow::Context;
use camino::Utf8PathBuf;
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate_with_bindgen_paths};
use uniffi_bindgen::{BindgenPaths, BindgenPathsLayer};

/// Where UniFFI looks for `uniffi.toml`: only one crate exports anything.
struct FfiCrate(Utf8PathBuf);

impl BindgenPathsLayer for FfiCrate {
    fn get_crate_root(&self, crate_name: &str) -> Option<Utf8PathBuf> {
        (crate_name == "kist_ffi").then(|| self.0.clone())
    }
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).map(Utf8PathBuf::from);
    let mut next = || arguments.next().context("usage: kist-bindgen LIBRARY CRATE_DIR OUT");
    let (library, crate_dir, out) = (next()?, next()?, next()?);

    for (language, folder) in [(TargetLanguage::Kotlin, "kotlin"), (TargetLanguage::Swift, "swift")] {
        let mut paths = BindgenPaths::default();
        paths.add_layer(FfiCrate(crate_dir.clone()));
        let options = GenerateOptions {
            languages: vec![language],
            source: library.clone(),
            out_dir: out.join(folder),
            // Not formatted: the result must not depend on which formatters a machine has.
            format: false,
            ..Default::default()
        };
        generate_with_bindgen_paths(options, paths)?;
    }
    Ok(())
}
