//! How often one address may ask for unknown links. Counts in memory, by the clock that is handed in. Used by `serve`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use crate::calendar::Moment;

/// Unknown links that one address may ask for in a window.
pub(super) const TRIES: u32 = 10;
/// The window, in seconds.
pub(super) const WINDOW: i64 = 60;
/// Addresses remembered; an attacker with more than these is counted as if he came anew.
const ADDRESSES: usize = 4096;

/// The counts.
#[derive(Debug, Default)]
pub(super) struct Guesses(Mutex<BTreeMap<IpAddr, (Moment, u32)>>);

impl Guesses {
    /// Counts one unknown link asked for by `from`; whether it is still within the limit.
    pub(super) fn count(&self, from: IpAddr, now: Moment) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |since: Moment| now >= since.plus_seconds(WINDOW) || now < since;
        if seen.len() >= ADDRESSES {
            seen.retain(|_, (since, _)| !over(*since));
            if seen.len() >= ADDRESSES {
                seen.clear();
            }
        }
        let (since, tries) = seen.entry(network(from)).or_insert((now, 0));
        if over(*since) {
            (*since, *tries) = (now, 0);
        }
        *tries = tries.saturating_add(1);
        *tries <= TRIES
    }
}

/// An IPv6 customer has at least a /64; counting single addresses would count nothing.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => IpAddr::V4(four),
            None => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_unix(seconds)
    }

    #[test]
    fn ten_a_minute_each() {
        let guesses = Guesses::default();
        let (one, two) = ("192.0.2.1".parse().expect("ip"), "192.0.2.2".parse().expect("ip"));
        assert_eq!((0..15).filter(|n| guesses.count(one, at(100 + n))).count(), 10);
        assert!(guesses.count(two, at(110)));
        assert!(!guesses.count(one, at(159)));
        assert!(guesses.count(one, at(160)));
        assert!(guesses.count(one, at(10)), "a clock put back begins anew");
    }

    #[test]
    fn one_ipv6_network_is_one_visitor() {
        let guesses = Guesses::default();
        let of = |n: u128| IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) | n));
        assert_eq!((0..20).filter(|n| guesses.count(of(*n), at(0))).count(), 10);
        assert!(guesses.count(of(1 << 64), at(0)));
        assert_eq!(network("::ffff:192.0.2.1".parse().expect("ip")), "192.0.2.1".parse::<IpAddr>().expect("ip"));
    }

    #[test]
    fn memory_is_bounded() {
        let guesses = Guesses::default();
        for n in 0..20_000u32 {
            guesses.count(IpAddr::V4(n.into()), at(0));
        }
        assert!(guesses.0.lock().expect("lock").len() <= ADDRESSES);
    }
}
