//! What was written comes back: all of it in an export, and each thing by its own operation.

use backpack_api::{Page, legacy, pages, reminders, users};

use super::world::World;

#[test]
fn an_export_has_every_page_with_everything_on_it_and_every_reminder() {
    let world = World::of_the_demo();
    let ines = world.blocking(&world.ines);
    let export = ines.done(&users::Export::new(world.ines.id));
    let mut listed: Vec<_> = ines.done(&pages::List::new()).into_iter().map(|page| page.id).collect();
    listed.sort();
    let shown: Vec<Page> = listed.into_iter().map(|page| ines.done(&pages::Show::new(page))).collect();
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
    assert_eq!(counts, [7, 1, 2, 1, 1, 2, 1, 1], "there is something of everything to come back");
    let reminders = ines.done(&reminders::List::new());
    assert_eq!(reminders.len(), 2);
    assert_eq!(export.reminders, reminders);
    let older = ines.done(&legacy::Export::new());
    assert_eq!(older.pages, export.pages);
    assert_eq!(older.reminders.len(), 2);
    assert_eq!(older.reminders, ines.done(&legacy::Reminders::new()));
}
