//! Values that an archive does not have, and those that are set instead, for the report.

use backpack_api::PageScope;
use backpack_archive::counts::format_count;
use backpack_archive::model;

use super::importer::Importer;
use super::kind::Kind;
use super::pages::list_items;

impl Importer<'_> {
    /// Reports the values that the archive does not have, for the objects that were written.
    pub(super) fn report_defaults(&mut self, archive: &model::Account) {
        let account = self.report.account.clone();
        let name = self.report.user_name.clone();
        let written = |kind| self.count_written(kind);
        let pages = archive.pages.iter().map(|archived| &archived.page);
        let positions = pages.clone().flat_map(|page| &page.belongings);
        let writeboards = positions.filter(|belonging| belonging.kind.as_str() == "WriteboardLink").count();
        let untimed_items = pages.flat_map(list_items).filter(|item| item.updated_at.is_none()).count();
        let friends = archive.pages.iter().filter(|page| page.scope == Some(PageScope::Friends)).count();
        let mut defaults = Vec::new();
        let mut add = |count: usize, kind: Kind, text: String| {
            if count > 0 && written(kind) > 0 {
                defaults.push(format!("{}: {text}", format_count(count, &kind.label())));
            }
        };
        add(written(Kind::Page), Kind::Page, "not public, shared within the account; new e-mail addresses".to_owned());
        add(friends, Kind::Page, "of other accounts, became pages of this account".to_owned());
        add(written(Kind::Note), Kind::Note, "do not show the time of creation".to_owned());
        add(untimed_items, Kind::Item, "without a time of change, have the time of the import".to_owned());
        add(
            written(Kind::FirstList),
            Kind::FirstList,
            "of pages of the oldest accounts, became lists with the name List".to_owned(),
        );
        add(written(Kind::Attachment), Kind::Attachment, "names only, without the files".to_owned());
        add(written(Kind::Image), Kind::Image, "names only, without the files".to_owned());
        add(writeboards, Kind::Belonging, "writeboards, without their content".to_owned());
        add(
            written(Kind::Calendar),
            Kind::Calendar,
            format!(
                "owned by {name}, not shared; new feed addresses. `backpack host calendar set {account} CALENDAR` changes this"
            ),
        );
        add(
            written(Kind::Event),
            Kind::Event,
            format!("created by {name}, who gets their reminders; feeds identify them by number, time and account"),
        );
        if self.report.is_new_account {
            defaults.insert(
                0,
                format!(
                    "account {account}: served over http, without a page limit; see `backpack host account --help`"
                ),
            );
        }
        self.report.defaults.append(&mut defaults);
    }
}
