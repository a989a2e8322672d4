//! Whom a rate limit counts.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::Request;
use tower_governor::GovernorError;
use tower_governor::key_extractor::KeyExtractor;

/// The address a request comes from: the peer's, or what the reverse proxy in front says.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientAddress {
    pub(super) behind_proxy: bool,
}

impl KeyExtractor for ClientAddress {
    type Key = IpAddr;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        // Only the last entry was written by our proxy; those before it may be anything.
        let forwarded = || {
            let header = request.headers().get_all("x-forwarded-for").iter().next_back()?;
            header.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
        };
        let peer = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let address = if self.behind_proxy { forwarded().or_else(peer) } else { peer() };
        address.map(network).ok_or(GovernorError::UnableToExtractKey)
    }
}

/// One customer line of IPv6 is a /64: counting single addresses would count nothing.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(peer: &str, forwarded: &[&str]) -> Request<()> {
        let mut request = Request::new(());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        for value in forwarded {
            request.headers_mut().append("x-forwarded-for", value.parse().unwrap());
        }
        request
    }

    fn counted(behind_proxy: bool, peer: &str, forwarded: &[&str]) -> String {
        ClientAddress { behind_proxy }.extract(&request(peer, forwarded)).unwrap().to_string()
    }

    #[test]
    fn only_a_proxy_of_ours_may_say_whom_a_request_comes_from() {
        assert_eq!(counted(false, "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(counted(true, "192.0.2.1", &["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(counted(true, "192.0.2.1", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(counted(true, "192.0.2.1", &["nonsense"]), "192.0.2.1");
    }

    #[test]
    fn an_ipv6_line_is_one_address_and_a_mapped_one_is_ipv4() {
        assert_eq!(counted(false, "2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::");
        assert_eq!(counted(false, "::ffff:192.0.2.1", &[]), "192.0.2.1");
    }
}
