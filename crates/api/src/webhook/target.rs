//! Where webhooks may send to: the public Internet, and private networks that the configuration names.
//!
//! An address is checked when the connection is made, after its name has been looked up and for the very address that is
//! connected to: a name that stands for a public address at first and for a private one later gets nobody inside.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use serde::Deserialize;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// A network in CIDR notation: `10.1.0.0/16`, `fd00::/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// Leading bits that count.
    prefix: u8,
}

impl Network {
    const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::new(a, b, c, 0)),
            prefix,
        }
    }

    const fn v6(a: u16, b: u16, prefix: u8) -> Self {
        Self {
            address: IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0)),
            prefix,
        }
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix));
                let mask = mask.unwrap_or_default();
                (network.to_bits() ^ address.to_bits()) & mask == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix));
                let mask = mask.unwrap_or_default();
                (network.to_bits() ^ address.to_bits()) & mask == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected a network as in 10.1.0.0/16".to_owned();
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| expected())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(text) => text.parse().map_err(|_| expected())?,
        };
        if prefix > longest {
            return Err(expected());
        }
        Ok(Self { address, prefix })
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// IPv4 networks that are not the public Internet (IANA's registry of special purposes, and multicast).
const PRIVATE_V4: &[Network] = &[
    Network::v4(0, 0, 0, 8),
    Network::v4(10, 0, 0, 8),
    Network::v4(100, 64, 0, 10),
    Network::v4(127, 0, 0, 8),
    Network::v4(169, 254, 0, 16),
    Network::v4(172, 16, 0, 12),
    Network::v4(192, 0, 0, 24),
    Network::v4(192, 0, 2, 24),
    Network::v4(192, 88, 99, 24),
    Network::v4(192, 168, 0, 16),
    Network::v4(198, 18, 0, 15),
    Network::v4(198, 51, 100, 24),
    Network::v4(203, 0, 113, 24),
    Network::v4(224, 0, 0, 4),
    Network::v4(240, 0, 0, 4),
];

/// All that is public in IPv6.
const PUBLIC_V6: Network = Network::v6(0x2000, 0, 3);

/// What of it is not: protocols and tunnels that may lead elsewhere, documentation.
const PRIVATE_V6: &[Network] = &[
    Network::v6(0x2001, 0, 23),
    Network::v6(0x2001, 0xdb8, 32),
    Network::v6(0x2002, 0, 16),
    Network::v6(0x3fff, 0, 20),
];

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => !PRIVATE_V4.iter().any(|network| network.contains(address)),
        IpAddr::V6(_) => {
            PUBLIC_V6.contains(address)
                && !PRIVATE_V6.iter().any(|network| network.contains(address))
        }
    }
}

/// What may be sent to.
#[derive(Clone)]
pub struct Targets {
    allowed: Vec<Network>,
}

impl fmt::Debug for Targets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Targets")
    }
}

impl Targets {
    pub fn new(allowed: &[Network]) -> Self {
        Self {
            allowed: allowed.to_vec(),
        }
    }

    /// Without TLS into the networks that are allowed by name only: who listens on the way is known there.
    fn allows(&self, address: IpAddr, secure: bool) -> bool {
        // An IPv4 address in IPv6's clothes is that IPv4 address.
        let address = address.to_canonical();
        (secure && is_public(address)) || self.allowed.iter().any(|n| n.contains(address))
    }

    /// What is wrong with a URL, as far as can be told without looking up its name: the code of a broken rule.
    pub fn fault(&self, url: &str) -> Option<&'static str> {
        let Ok(url) = url.parse::<Uri>() else {
            return Some("website");
        };
        let secure = url.scheme_str() == Some("https");
        let Some(host) = url.host() else {
            return Some("website");
        };
        if url.authority().is_some_and(|a| a.as_str().contains('@')) {
            return Some("website");
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(address) if !self.allows(address, secure) => Some(if self.allows(address, true) {
                "insecure_address"
            } else {
                "private_address"
            }),
            Err(_) if !secure && self.allowed.is_empty() => Some("insecure_address"),
            _ => None,
        }
    }
}

/// Looks names up and leaves out the addresses that may not be connected to; the HTTP client asks it before each connection.
impl Resolver for Targets {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let secure = uri.scheme_str() == Some("https");
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        let mut allowed = self.empty();
        for address in &found {
            if self.allows(SocketAddr::ip(address), secure) {
                allowed.push(*address);
            }
        }
        if allowed.is_empty() {
            return Err(ureq::Error::Other(Box::new(Refused)));
        }
        Ok(allowed)
    }
}

/// The name stands for addresses that may not be connected to, and for no other.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is in a private network, or not reached by https")
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests {
    use super::*;

    const INSIDE: &[&str] = &[
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "ff02::1",
    ];

    const OUTSIDE: &[&str] = &[
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.1",
        "223.255.255.255",
        "::ffff:1.1.1.1",
        "2400:3200::1",
        "2606:4700:4700::1111",
    ];

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        let targets = Targets::new(&[]);
        for (addresses, public) in [(INSIDE, false), (OUTSIDE, true)] {
            for address in addresses {
                let parsed: IpAddr = address.parse().expect("an address");
                assert_eq!(targets.allows(parsed, true), public, "{address}");
                assert!(!targets.allows(parsed, false), "{address} without TLS");
            }
        }
    }

    #[test]
    fn a_network_that_is_named_is_open() {
        let networks: Vec<Network> = ["10.1.0.0/16", "fd00::/8", "127.0.0.1"]
            .iter()
            .map(|n| n.parse().expect("a network"))
            .collect();
        let targets = Targets::new(&networks);
        for (address, allowed) in [
            ("10.1.255.1", true),
            ("::ffff:10.1.0.9", true),
            ("10.2.0.1", false),
            ("fd99::1", true),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
        ] {
            let parsed: IpAddr = address.parse().expect("an address");
            assert_eq!(targets.allows(parsed, false), allowed, "{address}");
        }
        for bad in ["10.0.0.0/33", "fd00::/129", "ten", "10.0.0.0/-1", "/8"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn urls_are_looked_at() {
        let targets = Targets::new(&[]);
        for (url, fault) in [
            ("https://erp.example.com/hook?a=b", None),
            ("https://1.1.1.1:8443/", None),
            ("http://erp.example.com/", Some("insecure_address")),
            ("http://1.1.1.1/", Some("insecure_address")),
            ("https://127.0.0.1/", Some("private_address")),
            ("https://[::1]:9/", Some("private_address")),
            ("https://[::ffff:10.0.0.1]/", Some("private_address")),
            ("https://user:word@erp.example.com/", Some("website")),
            ("https://", Some("website")),
        ] {
            assert_eq!(targets.fault(url), fault, "{url}");
        }
    }

    /// Names are looked up by the resolver, and so are the many ways to write an address.
    #[test]
    fn what_a_name_stands_for_is_checked() {
        let targets = Targets::new(&[]);
        let look_up = |url: &str| {
            let uri: Uri = url.parse().expect("a URL");
            let config = Config::builder().build();
            let never = NextTimeout {
                after: ureq::unversioned::transport::time::Duration::NotHappening,
                reason: ureq::Timeout::Global,
                per_read: None,
                per_write: None,
            };
            Resolver::resolve(&targets, &uri, &config, never)
        };
        for url in [
            "https://localhost/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://[::ffff:127.0.0.1]/",
            "http://1.1.1.1/",
        ] {
            assert!(look_up(url).is_err(), "{url}");
        }
        assert!(look_up("https://1.1.1.1/").is_ok());
    }
}
