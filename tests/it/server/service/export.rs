//! An export contains the pages and reminders that the operations return one by one.

use backpack_api::{Page, legacy, pages, reminders, users};

use super::test_service::TestService;

#[test]
fn an_export_has_every_page_with_everything_on_it_and_every_reminder() {
    let service = TestService::with_demo_data();
    let ines = service.blocking_client(&service.ines);
    let export = ines.call_ok(&users::Export::new(service.ines.id));
    let mut listed: Vec<_> = ines.call_ok(&pages::List::new()).into_iter().map(|page| page.id).collect();
    listed.sort();
    let shown: Vec<Page> = listed.into_iter().map(|page| ines.call_ok(&pages::Show::new(page))).collect();
    assert_eq!(shown.len(), 3);
    assert_eq!(export.pages, shown);
    let first = &shown[0];
    let counts = [
        first.belongings.len(),
        first.lists.len(),
        first.notes.len(),
        first.separators.len(),
        first.emails.len(),
        first.tags.len(),
        first.galleries.len(),
        first.attachments.len(),
    ];
    assert_eq!(counts, [7, 1, 2, 1, 1, 2, 1, 1], "the demo data has something of each kind");
    let reminders = ines.call_ok(&reminders::List::new());
    assert_eq!(reminders.len(), 2);
    assert_eq!(export.reminders, reminders);
    let legacy_export = ines.call_ok(&legacy::Export::new());
    assert_eq!(legacy_export.pages, export.pages);
    assert_eq!(legacy_export.reminders.len(), 2);
    assert_eq!(legacy_export.reminders, ines.call_ok(&legacy::Reminders::new()));
}
