//! Documents that are made from the source stand as the source makes them.

use std::path::Path;

#[test]
fn the_configuration_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let written = std::fs::read_to_string(path).unwrap();
    let made = sidetone::config::reference();
    assert!(
        written.trim_end() == made.trim_end(),
        "docs/configuration.md is stale: run `cargo run -- config-reference > docs/configuration.md`"
    );
}
