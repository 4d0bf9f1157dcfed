//! Users of an account.

use backpack_api::runtime::Serve;
use backpack_api::users::{List, Me};
use backpack_api::{Member, PageId, User, UserId};
use rusqlite::Row;

use crate::context::RequestContext;
use crate::store::rows::read_id;
use crate::{ApiError, time_zones};

impl RequestContext<'_> {
    /// Returns `user` if it is a user of the account.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is no such user, or it belongs to another account.
    pub(super) fn check_user(&self, user: UserId) -> Result<UserId, ApiError> {
        const BY_ACCOUNT: &str = "SELECT 1 FROM users WHERE id = ?1 AND account_id = ?2";
        self.query_one(BY_ACCOUNT, (user.0, self.user.account_id.0), |_| Ok(user))
    }

    /// Returns `user` if it is the user of this request.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] with `message` if it is another user of the account, [`ApiError::NotFound`] if it is not
    /// a user of the account.
    pub(super) fn check_is_self(&self, user: UserId, message: &'static str) -> Result<UserId, ApiError> {
        if self.check_user(user)? == self.user.id { Ok(user) } else { Err(ApiError::Forbidden(message)) }
    }
}

/// Reads the columns `user_id` and `user_name` of a row.
pub(super) fn read_member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member::new(read_id(row, "user_id")?, row.get::<_, String>("user_name")?))
}

impl Serve<Me> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, _: &Me) -> Result<User, ApiError> {
        const SETTINGS: &str = "SELECT mobile_phone_host, mobile_phone_number, remind_via_email, remind_via_mobile,
            use_24h_clock, identity_url, start_page_id FROM users WHERE id = ?1";
        self.query_one(SETTINGS, [self.user.id.0], |row| read_me(self.user, row))
    }
}

/// Combines a user with the settings in a row. OpenID and start page are `None` unless an import has set them.
fn read_me(me: &crate::users::User, settings: &Row<'_>) -> rusqlite::Result<User> {
    let mut user = User::new(me.id, &me.name);
    user.account_id = Some(me.account_id);
    user.created_at = Some(me.created_at);
    user.identity_url = settings.get("identity_url")?;
    user.start_page_id = settings.get::<_, Option<u64>>("start_page_id")?.map(PageId);
    user.mobile_phone_host = settings.get("mobile_phone_host")?;
    user.mobile_phone_number = settings.get("mobile_phone_number")?;
    let remind_via_email: bool = settings.get("remind_via_email")?;
    user.remind_via_email = Some(remind_via_email);
    user.remind_via_mobile = Some(settings.get("remind_via_mobile")?);
    user.reminder_address = Some(if remind_via_email { me.email_address.clone() } else { String::new() });
    user.time_zone_id = Some(time_zones::rails_name(&me.time_zone).unwrap_or(&me.time_zone).to_owned());
    user.updated_at = Some(me.updated_at);
    user.use_24h_clock = Some(settings.get("use_24h_clock")?);
    user.email_address = Some(me.email_address.clone());
    user.admin = Some(me.admin);
    Ok(user)
}

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, _: &List) -> Result<Vec<Member>, ApiError> {
        const BY_ACCOUNT: &str = "SELECT id AS user_id, name AS user_name FROM users WHERE account_id = ?1 ORDER BY id";
        self.query_all(BY_ACCOUNT, [self.user.account_id.0], read_member)
    }
}
