//! By which scheme an account is reached, and what says so to who came by the other one.

use std::net::SocketAddr;

use backpack_api::runtime::http::Response;
use bytes::Bytes;
use rusqlite::Connection;

use super::{Host, answer};
use crate::accounts;
use crate::{Refusal, Settings};

/// What of the service decides about schemes.
#[derive(Clone, Copy)]
pub(super) struct Schemes {
    /// Where it listens without TLS.
    plain: SocketAddr,
    /// Where it listens for TLS.
    secure: Option<SocketAddr>,
    behind_proxy: bool,
    both: bool,
}

impl Schemes {
    pub(super) fn new(settings: &Settings, plain: SocketAddr, secure: Option<SocketAddr>) -> Self {
        Self { plain, secure, behind_proxy: settings.behind_proxy, both: settings.both_schemes }
    }

    /// What says where the account is, if the request came by the wrong scheme.
    ///
    /// What a proxy should send on to plain http is the proxy's affair.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoAccount`] if there is none; [`Refusal::Forbidden`] if it requires https and nothing serves it.
    pub(super) fn elsewhere(self, db: &Connection, host: &Host) -> Result<Option<Response<Bytes>>, Refusal> {
        let account = match accounts::find(db, &host.account) {
            Err(Refusal::NotFound) => return Err(Refusal::NoAccount),
            account => account?,
        };
        let to = |scheme, listened: Option<SocketAddr>, standard| {
            let port = listened.map(|address| address.port()).filter(|port| *port != standard);
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            answer::elsewhere(format!("{scheme}://{}{port}{}", host.name(), host.target))
        };
        Ok(match (account.ssl, host.secure) {
            (true, false) if self.secure.is_none() && !self.behind_proxy => {
                return Err(Refusal::Forbidden("This account is reached over https only"));
            }
            (true, false) => Some(to("https", self.secure, 443)),
            (false, true) if self.secure.is_some() && !self.both => Some(to("http", Some(self.plain), 80)),
            _ => None,
        })
    }
}
