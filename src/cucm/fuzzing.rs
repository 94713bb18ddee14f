//! The entry point of the fuzz target: every reader of CUCM's answers on one text.

use super::error::Service;
use super::{authenticate, ris, rows, soap, users, version, xml};

/// Reads a text as everything CUCM may answer.
pub fn read_everything(text: &str) {
    for record in ["row", "phone", "processNode", "registrationDynamic"] {
        let _ = soap::read_list(Service::Axl, text, record, |element| {
            let _ = (rows::phone_from_sql(element), rows::phone_from_list(element));
            let _ = (rows::line_from_sql(element), rows::process_node(element));
            let _ = rows::last_known(element);
        });
    }
    if let Ok(root) = xml::read(text) {
        let _ = (rows::phone_detail(&root), users::user(&root, false));
        let _ = (rows::phone_profile(&root), rows::vendor_config(&root));
        let _ = (users::password_check(&root), rows::rows_updated(&root));
        let _ = ris::read_registrations(&root);
    }
    let _ = soap::read_answer(Service::Ris, text);
    let _ = version::highest_common(&version::versions_offered(text));
    let _ = version::product_version(text);
    let _ = authenticate::read_word(text, &"secret".into());
}
