//! The people of an account.

use backpack_api::runtime::Serve;
use backpack_api::users::{List, Me};
use backpack_api::{Member, User, UserId};
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::read_id;
use crate::zones;

impl RequestContext<'_> {
    /// The number of somebody of the caller's account.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if nobody there has it.
    pub(super) fn user(&self, user: UserId) -> Result<UserId, ApiError> {
        const OF_ACCOUNT: &str = "SELECT 1 FROM users WHERE id = ?1 AND account_id = ?2";
        self.query_one(OF_ACCOUNT, (user.0, self.user.account_id.0), |_| Ok(user))
    }

    /// The caller's own number.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] with a sentence if it is somebody else's of the account, [`ApiError::NotFound`] if nobody
    /// there has it.
    pub(super) fn only_me(&self, user: UserId, sentence: &'static str) -> Result<UserId, ApiError> {
        if self.user(user)? == self.user.id { Ok(user) } else { Err(ApiError::Forbidden(sentence)) }
    }
}

/// Who did something, for a list: `user_id` and `user_name` of a row.
pub(super) fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member::new(read_id(row, "user_id")?, row.get::<_, String>("user_name")?))
}

impl Serve<Me> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, _: &Me) -> Result<User, ApiError> {
        const SETTINGS: &str = "SELECT mobile_phone_host, mobile_phone_number, remind_via_email, remind_via_mobile,
            use_24h_clock FROM users WHERE id = ?1";
        self.query_one(SETTINGS, [self.user.id.0], |row| me(self.user, row))
    }
}

/// An OpenID and a start page, which nothing here sets, are absent.
fn me(me: &crate::people::User, settings: &Row<'_>) -> rusqlite::Result<User> {
    let mut user = User::new(me.id, &me.name);
    user.account_id = Some(me.account_id);
    user.created_at = Some(me.created_at);
    user.mobile_phone_host = settings.get("mobile_phone_host")?;
    user.mobile_phone_number = settings.get("mobile_phone_number")?;
    let by_mail: bool = settings.get("remind_via_email")?;
    user.remind_via_email = Some(by_mail);
    user.remind_via_mobile = Some(settings.get("remind_via_mobile")?);
    user.reminder_address = Some(if by_mail { me.email_address.clone() } else { String::new() });
    user.time_zone_id = Some(zones::rails(&me.time_zone).unwrap_or(&me.time_zone).to_owned());
    user.updated_at = Some(me.updated_at);
    user.use_24h_clock = Some(settings.get("use_24h_clock")?);
    user.email_address = Some(me.email_address.clone());
    user.admin = Some(me.admin);
    Ok(user)
}

impl Serve<List> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, _: &List) -> Result<Vec<Member>, ApiError> {
        const OF_ACCOUNT: &str = "SELECT id AS user_id, name AS user_name FROM users WHERE account_id = ?1 ORDER BY id";
        self.query_all(OF_ACCOUNT, [self.user.account_id.0], member)
    }
}
