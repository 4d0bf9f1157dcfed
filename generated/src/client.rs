//! The two clients. Written by hand; their methods for each topic are generated, in `api`.

/// What both clients have: ways to be made, and the address of a calendar.
#[cfg(any(feature = "async", feature = "blocking"))]
macro_rules! client {
    ($inner:ident, $transport:ident) => {
        impl Client {
            /// A client for an account at backpackit.com, by https.
            ///
            /// `agent` is what the program calls itself: a name, and a link or an e-mail address in parentheses, such as
            /// `Trip planner (jo@example.com)`. Backpack may block programs without one.
            ///
            /// # Errors
            ///
            /// [`SetupError`] if the account's or the program's name cannot be used.
            pub fn new(account: &str, credentials: impl Into<Credentials>, agent: &str) -> Result<Self, SetupError> {
                Self::of(Caller::of_account(SERVICE.host, account, credentials, agent)?)
            }

            /// A client for a service elsewhere, by https: `https://backpack.example.com`; or on this machine, where
            /// http will do too: `http://localhost:3000`.
            ///
            /// # Errors
            ///
            /// [`SetupError`] if the address or the program's name cannot be used; [`SetupError::Plain`] for `http` on
            /// another machine, which [`at_plain`](Self::at_plain) allows.
            pub fn at(address: &str, credentials: impl Into<Credentials>, agent: &str) -> Result<Self, SetupError> {
                Self::of(Caller::new(address, credentials, agent)?)
            }

            /// A client for a service elsewhere that may be called by http, such as one's own at home:
            /// `http://backpack.local:3000`. **Everyone on the way can read the token and all that is said.**
            ///
            /// A redirect from https to http is followed too, if the address is the same otherwise.
            ///
            /// # Errors
            ///
            /// [`SetupError`] if the address or the program's name cannot be used.
            pub fn at_plain(
                address: &str,
                credentials: impl Into<Credentials>,
                agent: &str,
            ) -> Result<Self, SetupError> {
                Self::of(Caller::new_plain(address, credentials, agent)?)
            }

            fn of(caller: Caller) -> Result<Self, SetupError> {
                let transport = HyperTransport::new(&TransportConfig::default()).map_err(|_| SetupError::Tls)?;
                Ok(Self::with_transport(caller, transport))
            }

            /// A client over a transport of one's own, such as one in memory for tests.
            pub fn with_transport(caller: Caller, transport: impl $transport + 'static) -> Self {
                Self($inner::new(caller, transport))
            }

            /// The same client with other [`Options`], for all calls or for one:
            /// `client.with(|options| options.pacing = false)`.
            #[must_use]
            pub fn with(&self, change: impl FnOnce(&mut Options)) -> Self {
                Self(self.0.with(change))
            }

            /// The same client, whose calls take no longer than this, all attempts and waits together:
            /// `client.within(time).pages().list()`.
            #[must_use]
            pub fn within(&self, time: Duration) -> Self {
                self.with(|options| options.deadline = time)
            }

            /// The same client, without retries. All the same, a redirect to the other scheme is followed, and what was
            /// refused with a token that expired is sent again with a renewed one: neither ran.
            #[must_use]
            pub fn once(&self) -> Self {
                self.with(|options| options.attempts = 1)
            }

            /// Where calendar programs subscribe to a calendar: `webcal://…`. A secret, since whoever has it can read
            /// the calendar.
            pub fn webcal(&self, calendar: &Calendar) -> Secret {
                let caller = self.0.caller();
                let host = caller.base().split_once("://").map_or(caller.base(), |(_, host)| host);
                Secret::new(format!("webcal://{host}/{}.ics", calendar.token.expose()))
            }
        }
    };
}

#[cfg(feature = "async")]
pub(crate) mod asynchronous {
    use std::time::Duration;

    use crate::runtime::client::AsyncClient;
    use crate::runtime::exchange::{Options, Reply};
    use crate::runtime::pages::{AsyncEntries, Paged};
    use crate::runtime::transport::{HyperTransport, TransportConfig, Transport};
    use crate::{Calendar, Caller, Credentials, Endpoint, Error, SERVICE, Secret, SetupError};

    /// A client that does not block; it needs a tokio runtime. Clones share their connections.
    #[derive(Debug, Clone)]
    pub struct Client(AsyncClient);

    client!(AsyncClient, Transport);

    impl Client {
        /// Calls an operation: what every method does in the end.
        ///
        /// # Errors
        ///
        /// [`Error`], which says what was asked, what came back and where it broke.
        pub async fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
            self.0.call(request).await
        }

        /// As `call`, with all that came along: the answer as it was, and every attempt.
        ///
        /// # Errors
        ///
        /// As `call`.
        pub async fn call_for_reply<E: Endpoint>(&self, request: &E) -> Result<Reply<E::Response>, Error> {
            self.0.call_for_reply(request).await
        }

        /// All entries of a listing that comes in pages, one after another: see [`pages`](crate::runtime::pages). What
        /// `journal().list_all()` and the like do in the end.
        pub fn call_for_all<E: Paged>(&self, first: E) -> AsyncEntries<E> {
            self.0.call_for_all(first)
        }
    }
}

/// A client that blocks; no async runtime needed.
#[cfg(feature = "blocking")]
pub mod blocking {
    use std::time::Duration;

    use crate::runtime::client::BlockingClient;
    use crate::runtime::exchange::{Options, Reply};
    use crate::runtime::pages::{BlockingEntries, Paged};
    use crate::runtime::transport::{BlockingTransport, HyperTransport, TransportConfig};
    use crate::{Calendar, Caller, Credentials, Endpoint, Error, SERVICE, Secret, SetupError};

    /// A client that blocks until the answer is there. Clones share their connections.
    #[derive(Debug, Clone)]
    pub struct Client(BlockingClient);

    client!(BlockingClient, BlockingTransport);

    impl Client {
        /// Calls an operation: what every method does in the end.
        ///
        /// # Errors
        ///
        /// [`Error`], which says what was asked, what came back and where it broke.
        pub fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
            self.0.call(request)
        }

        /// As `call`, with all that came along: the answer as it was, and every attempt.
        ///
        /// # Errors
        ///
        /// As `call`.
        pub fn call_for_reply<E: Endpoint>(&self, request: &E) -> Result<Reply<E::Response>, Error> {
            self.0.call_for_reply(request)
        }

        /// All entries of a listing that comes in pages, one after another: see [`pages`](crate::runtime::pages). What
        /// `journal().list_all()` and the like do in the end.
        pub fn call_for_all<E: Paged>(&self, first: E) -> BlockingEntries<E> {
            self.0.call_for_all(first)
        }
    }
}
