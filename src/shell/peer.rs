//! Who is at the other end. `X-Forwarded-For` is believed only from trusted proxies, and only as
//! far as they wrote it: the rightmost address that is not a trusted proxy is the peer.

use ipnet::IpNet;
use poem::Request;
use std::net::{IpAddr, Ipv4Addr};

pub fn address(request: &Request, trusted: &[IpNet]) -> IpAddr {
    let socket = request.remote_addr().as_socket_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip());
    let forwarded = request.headers().get_all("x-forwarded-for").iter();
    let chain: Vec<&str> =
        forwarded.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
    behind(socket, &chain, trusted)
}

fn behind(socket: IpAddr, chain: &[&str], trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(&address.to_canonical()));
    let mut seen = socket;
    for hop in chain.iter().rev() {
        if !is_trusted(&seen) {
            break;
        }
        match hop.trim().parse() {
            Ok(address) => seen = address,
            Err(_) => break,
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(socket: &str, chain: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().expect("a net")];
        behind(socket.parse().expect("an address"), chain, &trusted).to_string()
    }

    #[test]
    fn nobody_but_a_trusted_proxy_can_say_who_is_behind_it() {
        assert_eq!(peer("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(peer("10.1.1.1", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_a_client_wrote_before_the_proxies_is_not_believed() {
        assert_eq!(peer("10.1.1.1", &["1.1.1.1", "198.51.100.1", " 10.2.2.2"]), "198.51.100.1");
        assert_eq!(peer("10.1.1.1", &["nonsense"]), "10.1.1.1");
    }
}
