//! Sharing pages with users of other accounts, and with everyone.

use backpack_api::PageId;
use backpack_api::pages::{Share, UnshareFriendPage};
use backpack_api::runtime::Serve;

use crate::context::RequestContext;
use crate::{ApiError, mail, text};

/// Maximum number of addresses in a request. Each of them gets mail.
const MAX_ADDRESSES: usize = 50;

impl Serve<Share> for RequestContext<'_> {
    type Error = ApiError;

    /// Shares a page, and sends an invitation to each address. Users of other accounts with one of the addresses see
    /// the page in their listing.
    fn serve(&self, request: &Share) -> Result<(), ApiError> {
        let page = self.check_own_page(request.page_id)?;
        // Users separate addresses by commas and semicolons, as in a mail program.
        let words = request.email_addresses.iter().flatten().flat_map(|word| word.split([',', ';']));
        let addresses: Vec<_> = words.filter(|address| !address.is_empty()).collect();
        if addresses.is_empty() && request.public.is_none() {
            return Err(ApiError::InvalidValue("A page is shared with mail addresses, with the public, or both"));
        }
        if addresses.len() > MAX_ADDRESSES {
            return Err(ApiError::InvalidValue("A page can be shared with at most 50 addresses at a time"));
        }
        if let Some(public) = request.public {
            self.execute("UPDATE pages SET public = ?2 WHERE id = ?1", (page.0, public))?;
        }
        let (title, is_public): (String, bool) =
            self.query_one("SELECT title, public FROM pages WHERE id = ?1", [page.0], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        for recipient in addresses {
            self.invite(page, &title, is_public, recipient)?;
        }
        Ok(())
    }
}

impl RequestContext<'_> {
    /// Shares a page with the users of other accounts whose mail address is `recipient`, and sends an invitation to that
    /// address.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidValue`] if `recipient` is not a mail address.
    fn invite(&self, page: PageId, title: &str, is_public: bool, recipient: &str) -> Result<(), ApiError> {
        const ADD_FRIENDS: &str = "INSERT OR IGNORE INTO friends SELECT ?1, id FROM users
            WHERE email_address = ?2 COLLATE NOCASE AND account_id <> ?3";
        const IS_FRIEND: &str = "SELECT 1 FROM friends JOIN users ON users.id = user_id
            WHERE page_id = ?1 AND email_address = ?2 COLLATE NOCASE";
        if !text::is_mail_address(recipient) {
            return Err(ApiError::InvalidValue("An address to share with is not a mail address"));
        }
        self.execute(ADD_FRIENDS, (page.0, recipient, self.user.account_id.0))?;
        let sender = &self.user.name;
        // Tells the recipient how to reach the page.
        let access = if is_public {
            format!("{}/pub/{page}", self.host.base_url())
        } else if self.db.prepare_cached(IS_FRIEND)?.exists((page.0, recipient))? {
            "It is among your own pages from now on.".to_owned()
        } else {
            format!("Only people who have an account with the service can read it, until {sender} makes it public.")
        };
        let subject = format!("{sender} shares “{title}” with you");
        let body = format!("{sender} shares a page with you:\n\n{title}\n{access}\n");
        mail::enqueue(self.db, self.user.account_id, recipient, &subject, &body, self.now)
    }
}

impl Serve<UnshareFriendPage> for RequestContext<'_> {
    type Error = ApiError;

    /// Removes a page that another account shared with the user from the user's pages. Other users keep it.
    fn serve(&self, request: &UnshareFriendPage) -> Result<(), ApiError> {
        let share = (request.page_id.0, self.user.id.0);
        self.execute_one("DELETE FROM friends WHERE page_id = ?1 AND user_id = ?2", share)
    }
}
