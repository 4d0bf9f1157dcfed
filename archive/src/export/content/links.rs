//! Links between pages: which file has which page.

use std::collections::BTreeMap;

use backpack_api::PageId;

use super::names::FileNames;
use crate::model::Account;

/// Names of the files of all pages, and the addresses that lead to them.
pub(crate) struct PageLinks {
    /// Base URL of the account's service, without a slash at its end. That of Backpack if the archive names only the
    /// account, and `None` if it names neither.
    base: Option<String>,
    /// Host of the account in Backpack, which links can have after a move to another service.
    host: Option<String>,
    /// Names of the files, in the order of the pages in the account.
    names: Vec<String>,
    /// Index of the page with a number.
    indices: BTreeMap<PageId, usize>,
}

impl PageLinks {
    /// Names the files of all pages.
    pub(crate) fn new(account: &Account, extension: &str) -> Self {
        let mut used = FileNames::default();
        let pages = account.pages.iter().map(|archived| &archived.page);
        let names = pages.clone().map(|page| format!("{}{extension}", used.create(page.id.0, &page.title))).collect();
        // Of pages with the same number, links lead to the first.
        let indices = pages.enumerate().map(|(index, page)| (page.id, index)).rev().collect();
        Self { names, indices, ..Self::without_files(account) }
    }

    /// Names no files, so that all links lead to Backpack.
    pub(crate) fn without_files(account: &Account) -> Self {
        let host = account.name.as_ref().map(|name| format!("{}.{DOMAIN}", name.to_lowercase()));
        let base = account.url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        let base = base.or_else(|| host.as_ref().map(|host| format!("https://{host}")));
        Self { base, host, names: Vec::new(), indices: BTreeMap::new() }
    }

    /// Name of the file of the page at an index of the account's pages.
    pub(crate) fn name_at(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// Index of a page in the account.
    pub(crate) fn find_index(&self, page: PageId) -> Option<usize> {
        self.indices.get(&page).copied()
    }

    /// Name of the file of a page.
    pub(crate) fn find(&self, page: PageId) -> Option<&str> {
        self.find_index(page).map(|index| self.name_at(index))
    }

    /// Address of a page in its service; `None` if the archive names neither the service nor the account.
    pub(crate) fn source(&self, page: PageId) -> Option<String> {
        Some(format!("{}/pages/{page}", self.base.as_deref()?))
    }

    /// Rewrites the URL of a link in a text: a page of the archive becomes its file, another address without a host
    /// becomes an absolute one. Returns `None` for all other links, which stay as they are.
    pub(crate) fn rewrite(&self, url: &str) -> Option<String> {
        let path = self.strip_host(url)?;
        if let Some(name) = parse_page(path).and_then(|page| self.find(page)) {
            return Some(name.to_owned());
        }
        let base = self.base.as_deref()?;
        // A path without a host would lead to a file of this machine.
        (path.len() == url.len() && !path.starts_with("//")).then(|| format!("{base}{path}"))
    }

    /// Returns the path of a URL of this account, and `None` for other URLs.
    fn strip_host<'u>(&self, url: &'u str) -> Option<&'u str> {
        if url.starts_with('/') {
            return Some(url);
        }
        let (scheme, rest) = url.split_once("://")?;
        let is_http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        let (host, path) = rest.split_at_checked(rest.find('/')?)?;
        let own = self.base.as_deref().and_then(|base| base.split_once("://")).map(|(_, host)| host);
        let is_own = match &self.host {
            Some(backpack) => {
                host.eq_ignore_ascii_case(backpack) || own.is_some_and(|own| host.eq_ignore_ascii_case(own))
            }
            None => host.to_ascii_lowercase().ends_with(&format!(".{DOMAIN}")),
        };
        (is_http && is_own).then_some(path)
    }
}

/// Domain of the service's accounts.
const DOMAIN: &str = "backpackit.com";

/// Reads the number of the page from a path such as `/pages/12`, `/page/12-title` or `/pub/12#note`.
fn parse_page(path: &str) -> Option<PageId> {
    let number = ["/pages/", "/page/", "/pub/"].iter().find_map(|prefix| path.strip_prefix(prefix))?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let (number, rest) = number.split_at_checked(end)?;
    let is_page = rest.trim_end_matches('/').is_empty() || rest.starts_with(['-', '?', '#']);
    number.parse().ok().filter(|_| is_page).map(PageId)
}

#[cfg(test)]
mod tests {
    use backpack_api::Page;

    use super::*;
    use crate::model::ArchivedPage;

    #[test]
    fn addresses_of_a_page_lead_to_its_file() {
        let mut account = Account { name: Some("Acme".to_owned()), ..Account::default() };
        account.pages = vec![ArchivedPage { page: Page::new("Coast", PageId(12)), scope: None }];
        let links = PageLinks::new(&account, ".md");
        for url in [
            "/pages/12",
            "/page/12",
            "/pub/12",
            "/pages/12/",
            "/pages/12-coast",
            "/pages/12#note_3",
            "http://acme.backpackit.com/pages/12",
            "HTTPS://ACME.backpackit.com/pub/12",
        ] {
            assert_eq!(links.rewrite(url).as_deref(), Some("12-coast.md"), "{url}");
        }
        account.url = Some("http://acme.example.org:3000/".to_owned());
        let hosted = PageLinks::new(&account, ".md");
        for url in ["http://acme.example.org:3000/pages/12", "https://acme.backpackit.com/pages/12"] {
            assert_eq!(hosted.rewrite(url).as_deref(), Some("12-coast.md"), "{url}");
        }
        assert_eq!(hosted.source(PageId(12)).as_deref(), Some("http://acme.example.org:3000/pages/12"));
        assert_eq!(links.rewrite("/pages/13").as_deref(), Some("https://acme.backpackit.com/pages/13"));
        assert_eq!(links.rewrite("/reminders").as_deref(), Some("https://acme.backpackit.com/reminders"));
        for url in [
            "http://other.backpackit.com/pages/12",
            "http://example.com/pages/12",
            "pages/12",
            "#fn1",
            "//x/pages/12",
            "http://acme.backpackit.com/pages/12x",
            "http://acme.backpackit.com",
            "mailto:jo@example.com",
        ] {
            assert_eq!(links.rewrite(url), None, "{url}");
        }
    }
}
