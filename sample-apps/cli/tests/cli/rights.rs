//! Requests of rights at the command line: what there is to list, and what can't be asked.

use serde_json::json;

use crate::tool::Desk;

#[test]
fn k6_there_is_nothing_to_list_and_nobody_to_ask_in_a_new_store() {
    let desk = Desk::with_store();
    assert_eq!(desk.json(&["rights", "list"]), json!([]));
    assert_eq!(desk.json(&["rights", "reports"]), json!([]));
    assert_eq!(desk.json(&["rights", "refused"]), json!([]));
    for command in [
        ["rights", "ask", "erasure", "abcdefgh"],
        ["rights", "report", "abcdefgh", "--note=x"],
        ["rights", "report", "--request=abcdefgh", "--note=x"],
    ] {
        assert_eq!(desk.error(3, &command)["code"], "UnknownId");
    }
    assert_eq!(desk.error(3, &["rights", "show", "abcdefgh"])["code"], "UnknownId");
    assert_eq!(desk.run(&["rights", "ask", "everything", "abcdefgh"]).code, 2);
    assert_eq!(desk.run(&["rights", "report"]).code, 2, "about nothing");
    assert_eq!(
        desk.run(&["rights", "report", "abcdefgh", "--request=abcdefgh"]).code,
        2
    );
    let help = desk.run(&["rights", "ask", "--help"]).stdout;
    assert!(help.contains("article 17"), "{help}");
}
