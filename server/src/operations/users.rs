//! Users of an account.

use backpack_api::runtime::Serve;
use backpack_api::users::{List, Me};
use backpack_api::{Member, User, UserId};
use rusqlite::Row;

use crate::Refusal;
use crate::call::Call;
use crate::store::rows::read_id;
use crate::zones;

impl Call<'_> {
    /// Returns `user` if it is a user of the account.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if it is not.
    pub(super) fn check_user(&self, user: UserId) -> Result<UserId, Refusal> {
        const OF_ACCOUNT: &str = "SELECT 1 FROM users WHERE id = ?1 AND account_id = ?2";
        self.row(OF_ACCOUNT, (user.0, self.me.account_id.0), |_| Ok(user))
    }

    /// Returns `user` if it is the user of this request.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`] with `message` if it is another user of the account, [`Refusal::NotFound`] if it is not a
    /// user of the account.
    pub(super) fn check_is_self(&self, user: UserId, message: &'static str) -> Result<UserId, Refusal> {
        if self.check_user(user)? == self.me.id { Ok(user) } else { Err(Refusal::Forbidden(message)) }
    }
}

/// Reads the columns `user_id` and `user_name` of a row.
pub(super) fn read_member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member::new(read_id(row, "user_id")?, row.get::<_, String>("user_name")?))
}

impl Serve<Me> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, _: &Me) -> Result<User, Refusal> {
        const SETTINGS: &str = "SELECT mobile_phone_host, mobile_phone_number, remind_via_email, remind_via_mobile,
            use_24h_clock FROM users WHERE id = ?1";
        self.row(SETTINGS, [self.me.id.0], |row| read_me(self.me, row))
    }
}

/// Combines a user with the settings in a row. OpenID and start page are absent: this server cannot set them.
fn read_me(me: &crate::users::User, settings: &Row<'_>) -> rusqlite::Result<User> {
    let mut user = User::new(me.id, &me.name);
    user.account_id = Some(me.account_id);
    user.created_at = Some(me.created_at);
    user.mobile_phone_host = settings.get("mobile_phone_host")?;
    user.mobile_phone_number = settings.get("mobile_phone_number")?;
    let remind_via_email: bool = settings.get("remind_via_email")?;
    user.remind_via_email = Some(remind_via_email);
    user.remind_via_mobile = Some(settings.get("remind_via_mobile")?);
    user.reminder_address = Some(if remind_via_email { me.email_address.clone() } else { String::new() });
    user.time_zone_id = Some(zones::rails(&me.time_zone).unwrap_or(&me.time_zone).to_owned());
    user.updated_at = Some(me.updated_at);
    user.use_24h_clock = Some(settings.get("use_24h_clock")?);
    user.email_address = Some(me.email_address.clone());
    user.admin = Some(me.admin);
    Ok(user)
}

impl Serve<List> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, _: &List) -> Result<Vec<Member>, Refusal> {
        const OF_ACCOUNT: &str = "SELECT id AS user_id, name AS user_name FROM users WHERE account_id = ?1 ORDER BY id";
        self.rows(OF_ACCOUNT, [self.me.account_id.0], read_member)
    }
}
