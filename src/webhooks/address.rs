//! Which addresses are called. A webhook must not make this machine ask for things inside the network that it stands in:
//! the address is looked at when the webhook is opened and before each call, and the addresses that its name leads to
//! when the connection is made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The longest address.
const LONGEST: usize = 2048;

/// Whether an address may be called: https, a host, nobody's name and password, out of this network. With `private`, a
/// receiver may stand inside and speak plain http.
pub(crate) fn callable(address: &str, private: bool) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let scheme = url.scheme() == "https" || (private && url.scheme() == "http");
    let plain = url.username().is_empty() && url.password().is_none() && address.len() <= LONGEST;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let outside = match host.parse::<IpAddr>() {
        Ok(ip) => is_public(ip),
        Err(_) => host.contains('.') && !host.ends_with(".localhost") && !host.ends_with(".internal"),
    };
    scheme && plain && !host.is_empty() && (private || outside)
}

/// A client that goes where it is sent and nowhere else: no redirects, no proxy, no inside address behind an outside
/// name.
pub(super) fn client(private: bool, patience: Duration) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(patience)
        .user_agent(crate::house::SOFTWARE);
    if private { builder.build() } else { builder.https_only(true).dns_resolver(Arc::new(Outside)).build() }
}

/// Resolves names to the public ones of their addresses.
struct Outside;

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let outside: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if outside.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(outside.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet (IANA special-purpose registries).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let [first, second, ..] = ip.segments();
    // Only what is global unicast, and none of its corners that carry an IPv4 address or are for examples.
    (0x2000..0x4000).contains(&first)
        && first != 0x2002
        && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        && !(first == 0x3fff && second < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_outside_are_called() {
        for outside in ["https://example.dk/hook?k=1", "https://8.8.8.8/", "https://[2a00:1450::1]:8443/x"] {
            assert!(callable(outside, false), "{outside}");
        }
        for inside in [
            "http://example.dk/",
            "ftp://example.dk/",
            "https://user:secret@example.dk/",
            "https://localhost/",
            "https://intranet/",
            "https://db.internal/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://10.1.2.3/",
            "https://172.16.0.1/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:a00:1::]/",
            "not an address",
            "",
        ] {
            assert!(!callable(inside, false), "{inside}");
        }
        assert!(callable("http://127.0.0.1:9000/hook", true) && !callable("ftp://127.0.0.1/", true));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_called() {
        let found = Outside.resolve("localhost".parse().unwrap()).await;
        assert!(found.is_err());
    }
}
