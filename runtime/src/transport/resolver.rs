//! Finds the addresses of host names.

use std::future::{Future, ready};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::base_url::is_localhost;

/// Resolver of the operating system, except that it never looks up `localhost` and names under it: they are always the
/// loopback addresses (RFC 6761, section 6.3). Secrets are sent to these names over http, and a DNS server could direct
/// them to another machine.
#[derive(Clone, Debug)]
pub(super) struct Resolver(GaiResolver);

impl Resolver {
    /// Creates the resolver.
    pub(super) fn new() -> Self {
        Self(GaiResolver::new())
    }
}

/// Future of the addresses of a name. Their port is 0, which stands for the port of the URL.
type Lookup = Pin<Box<dyn Future<Output = io::Result<vec::IntoIter<SocketAddr>>> + Send>>;

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Lookup;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Lookup {
        if is_localhost(name.as_str()) {
            let addresses = vec![(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
            return Box::pin(ready(Ok(addresses.into_iter())));
        }
        let lookup = self.0.call(name);
        Box::pin(async { Ok(lookup.await?.collect::<Vec<_>>().into_iter()) })
    }
}

#[cfg(feature = "reqwest")]
impl ::reqwest::dns::Resolve for Resolver {
    fn resolve(&self, name: ::reqwest::dns::Name) -> ::reqwest::dns::Resolving {
        let mut resolver = self.clone();
        Box::pin(async move {
            let addresses = resolver.call(name.as_str().parse()?).await?;
            Ok(Box::new(addresses) as ::reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer is ready at once, so it is from neither the system nor a DNS server.
    #[test]
    fn names_of_this_machine_are_loopback_addresses_without_a_lookup() {
        for name in ["localhost", "LocalHost", "localhost.", "acme.localhost", "a.b.LOCALHOST."] {
            let mut lookup = Resolver::new().call(name.parse().unwrap());
            let mut cx = Context::from_waker(std::task::Waker::noop());
            let Poll::Ready(Ok(addresses)) = lookup.as_mut().poll(&mut cx) else { panic!("{name} was looked up") };
            let loopback: [SocketAddr; 2] = ["127.0.0.1:0".parse().unwrap(), "[::1]:0".parse().unwrap()];
            assert_eq!(addresses.collect::<Vec<_>>(), loopback, "{name}");
        }
    }
}
