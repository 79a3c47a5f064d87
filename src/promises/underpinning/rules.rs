//! Whether what a promise rests on is good enough for it. Pure: no HTTP, no SQL.
//!
//! In series times add up and reliabilities multiply; in parallel one of them is enough, and the longest
//! time counts. The worst case needs no independence (Fréchet 1935): all of k at least max(0, Σr − (k−1)),
//! one of k at least as often as the best of them.

use super::types::{Coverage, PartKind, UnderpinningPart};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::PromiseId;

/// How deep a tree may be, and how many links it may have.
const DEEPEST: usize = 5;
const MOST_LINKS: usize = 50;

/// What is looked at: one link, or parts in series or in parallel.
#[derive(Clone, Debug, PartialEq)]
pub enum Chain {
    /// Reliability, and seconds if it takes time.
    Link(f64, Option<f64>),
    Series(Vec<Chain>),
    Parallel(Vec<Chain>),
}

/// What comes out at the end of a chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// When the links fail independently of each other.
    pub product: f64,
    /// However they depend on each other.
    pub worst_case: f64,
    /// Seconds; nothing when no link takes time.
    pub seconds: Option<f64>,
}

/// Differences that only come from binary fractions.
const ROUNDING: f64 = 1e-12;

/// At least as good as wanted, up to rounding.
pub fn reaches(given: f64, wanted: f64) -> bool {
    given >= wanted - ROUNDING
}

impl Chain {
    pub fn outcome(&self) -> Outcome {
        let (parts, is_series) = match self {
            Chain::Link(reliability, seconds) => {
                return Outcome { product: *reliability, worst_case: *reliability, seconds: *seconds };
            }
            Chain::Series(parts) => (parts, true),
            Chain::Parallel(parts) => (parts, false),
        };
        let parts: Vec<_> = parts.iter().map(Chain::outcome).collect();
        let times = parts.iter().filter_map(|part| part.seconds);
        let failures = parts.iter().map(|part| 1.0 - part.worst_case);
        match is_series {
            true => Outcome {
                product: parts.iter().map(|part| part.product).product(),
                worst_case: (1.0 - failures.sum::<f64>()).max(0.0),
                seconds: times.reduce(|a, b| a + b),
            },
            false => Outcome {
                product: 1.0 - parts.iter().map(|part| 1.0 - part.product).product::<f64>(),
                worst_case: 1.0 - failures.reduce(f64::min).unwrap_or(1.0),
                seconds: times.reduce(f64::max),
            },
        }
    }

    /// What each link would need for the whole to reach `wanted`, if all parts of a chain were equally good:
    /// R^(1/k) in series, 1 − (1−R)^(1/k) in parallel. In the order of the links.
    pub fn needs(&self, wanted: f64) -> Vec<f64> {
        let (parts, each) = match self {
            Chain::Link(..) => return vec![wanted],
            Chain::Series(parts) => (parts, wanted.powf(1.0 / parts.len() as f64)),
            Chain::Parallel(parts) => (parts, 1.0 - (1.0 - wanted).powf(1.0 / parts.len() as f64)),
        };
        parts.iter().flat_map(|part| part.needs(each)).collect()
    }

    /// What the whole would gain if a link never failed. In the order of the links.
    pub fn gains(&self) -> Vec<f64> {
        let parts = match self {
            Chain::Link(reliability, _) => return vec![1.0 - reliability],
            Chain::Series(parts) | Chain::Parallel(parts) => parts,
        };
        let products: Vec<_> = parts.iter().map(|part| part.outcome().product).collect();
        let is_series = matches!(self, Chain::Series(_));
        let others = |place: usize| {
            let rest = products.iter().enumerate().filter(move |(other, _)| *other != place);
            rest.map(|(_, product)| if is_series { *product } else { 1.0 - product }).product::<f64>()
        };
        let gains = parts.iter().enumerate().map(|(place, part)| (others(place), part.gains()));
        gains.flat_map(|(share, gains)| gains.into_iter().map(move |gain| gain * share)).collect()
    }

    /// The place of the link whose failures cost most; the first of equals.
    pub fn weakest(&self) -> usize {
        let gains = self.gains();
        let most = gains.iter().copied().fold(0.0, f64::max);
        gains.iter().position(|gain| reaches(*gain, most)).unwrap_or_default()
    }
}

/// Whether what comes out is what is promised: how reliable, and within how many seconds.
pub fn coverage(outcome: Outcome, reliability: f64, target: Option<f64>) -> (Coverage, Option<bool>) {
    let in_time = outcome.seconds.zip(target).map(|(takes, target)| takes <= target);
    let found = match in_time {
        Some(false) => Coverage::NotCovered,
        _ if reaches(outcome.worst_case, reliability) => Coverage::Covered,
        _ if reaches(outcome.product, reliability) => Coverage::CoveredIfIndependent,
        _ => Coverage::NotCovered,
    };
    (found, in_time)
}

/// The links of a tree, from left to right.
pub fn links(part: &UnderpinningPart) -> Vec<&UnderpinningPart> {
    match part.kind {
        PartKind::Series | PartKind::Parallel => part.parts.iter().flat_map(links).collect(),
        PartKind::Promise | PartKind::Estimate => vec![part],
    }
}

/// The promises among the links, each once.
pub fn promises(part: &UnderpinningPart) -> Vec<PromiseId> {
    let mut ids: Vec<_> = links(part).iter().filter_map(|link| link.promise_id).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// The chain of a tree; `link` gives the numbers of a link.
pub fn chain(part: &UnderpinningPart, link: &impl Fn(&UnderpinningPart) -> (f64, Option<f64>)) -> Chain {
    let parts = || part.parts.iter().map(|part| chain(part, link)).collect();
    match part.kind {
        PartKind::Series => Chain::Series(parts()),
        PartKind::Parallel => Chain::Parallel(parts()),
        PartKind::Promise | PartKind::Estimate => {
            let (reliability, seconds) = link(part);
            Chain::Link(reliability, seconds)
        }
    }
}

/// Every part has the members of its kind and no others; the tree is neither too deep nor too wide.
pub fn check(tree: &UnderpinningPart) -> Result<()> {
    check_part(tree, "/tree", 1)?;
    match links(tree).len() {
        ..=MOST_LINKS => Ok(()),
        _ => Err(Error::rule(Code::RuleViolated, "/tree", "50 links at most.")),
    }
}

fn check_part(part: &UnderpinningPart, at: &str, level: usize) -> Result<()> {
    let has = |member| match member {
        "parts" => !part.parts.is_empty(),
        "promise_id" => part.promise_id.is_some(),
        "name" => part.name.is_some(),
        "target_duration" => part.target_duration.is_some(),
        _ => part.reliability.is_some(),
    };
    let (needed, possible): (&[&str], &[&str]) = match part.kind {
        PartKind::Series | PartKind::Parallel => (&["parts"], &["parts"]),
        PartKind::Promise => (&["promise_id"], &["promise_id"]),
        PartKind::Estimate => (&["name", "reliability"], &["name", "reliability", "target_duration"]),
    };
    let wrong = |member: &str, detail| Err(Error::rule(Code::RuleViolated, &format!("{at}/{member}"), detail));
    if level > DEEPEST {
        return Err(Error::rule(Code::RuleViolated, at, "5 levels at most."));
    }
    for member in ["parts", "promise_id", "name", "target_duration", "reliability"] {
        if needed.contains(&member) && !has(member) {
            return wrong(member, "A part of this kind needs it.");
        }
        if !possible.contains(&member) && has(member) {
            return wrong(member, "A part of this kind does not have it.");
        }
    }
    let mut parts = part.parts.iter().enumerate();
    parts.try_for_each(|(place, part)| check_part(part, &format!("{at}/parts/{place}"), level + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: f64 = 3600.0;

    fn near(given: f64, wanted: f64, by: f64) {
        assert!((given - wanted).abs() < by, "{given} is not {wanted}");
    }

    fn series() -> Chain {
        let link = |reliability, hours: f64| Chain::Link(reliability, Some(hours * HOUR));
        Chain::Series(vec![link(0.98, 24.0), link(0.97, 8.0), link(0.96, 24.0)])
    }

    #[test]
    fn three_good_links_do_not_carry_95_per_cent() {
        let outcome = series().outcome();
        near(outcome.product, 0.9126, 0.000_05);
        near(outcome.worst_case, 0.91, 1e-9);
        assert!(!reaches(outcome.product, 0.95));
        assert_eq!(series().needs(0.95).len(), 3);
        near(series().needs(0.95)[0], 0.983, 0.000_05);
        assert_eq!(series().weakest(), 2);
    }

    #[test]
    fn what_takes_too_long_is_not_covered_however_reliable() {
        let outcome = series().outcome();
        assert_eq!(coverage(outcome, 0.95, Some(48.0 * HOUR)), (Coverage::NotCovered, Some(false)));
        assert_eq!(coverage(outcome, 0.90, Some(48.0 * HOUR)), (Coverage::NotCovered, Some(false)));
        assert_eq!(coverage(outcome, 0.90, Some(56.0 * HOUR)), (Coverage::Covered, Some(true)));
        assert_eq!(coverage(outcome, 0.912, Some(56.0 * HOUR)), (Coverage::CoveredIfIndependent, Some(true)));
        assert_eq!(coverage(outcome, 0.95, None), (Coverage::NotCovered, None));
    }

    #[test]
    fn times_add_up_in_series_and_the_longest_counts_in_parallel() {
        assert_eq!(series().outcome().seconds, Some(56.0 * HOUR));
        let Chain::Series(parts) = series() else { panic!("a series") };
        assert_eq!(Chain::Parallel(parts).outcome().seconds, Some(24.0 * HOUR));
        assert_eq!(Chain::Link(0.9, None).outcome().seconds, None);
    }

    #[test]
    fn one_of_two_fails_less_often_than_both() {
        let two = Chain::Parallel(vec![Chain::Link(0.9, None), Chain::Link(0.8, None)]);
        near(two.outcome().product, 0.98, 1e-9);
        // When both fail on the same occasions, the better one is all there is.
        near(two.outcome().worst_case, 0.9, 1e-9);
        near(two.needs(0.99)[0], 0.9, 1e-9);
    }

    #[test]
    fn the_weakest_link_of_a_tree_is_where_most_is_to_be_gained() {
        let backed = Chain::Parallel(vec![Chain::Link(0.7, None), Chain::Link(0.9, None)]);
        let chain = Chain::Series(vec![Chain::Link(0.95, None), backed]);
        // .7 is the lowest, but it has a substitute.
        assert_eq!(chain.weakest(), 0);
    }

    fn chain() -> impl Strategy<Value = Chain> {
        let link = (0.01f64..=1.0, prop::option::of(0.0f64..1e6)).prop_map(|(r, seconds)| Chain::Link(r, seconds));
        link.prop_recursive(3, 30, 4, |inner| {
            let parts = prop::collection::vec(inner, 1..4);
            prop_oneof![parts.clone().prop_map(Chain::Series), parts.prop_map(Chain::Parallel)]
        })
    }

    proptest! {
        #[test]
        fn the_worst_case_is_never_better_than_independence(chain in chain()) {
            let outcome = chain.outcome();
            prop_assert!(reaches(outcome.product, outcome.worst_case));
            prop_assert!((0.0..=1.0).contains(&outcome.worst_case) && outcome.product <= 1.0 + ROUNDING);
        }

        #[test]
        fn what_each_would_need_is_enough(chain in chain(), wanted in 0.01f64..0.999) {
            fn with(chain: &Chain, needs: &mut std::vec::IntoIter<f64>) -> Chain {
                let mut all = |parts: &[Chain]| parts.iter().map(|part| with(part, needs)).collect();
                match chain {
                    Chain::Series(parts) => Chain::Series(all(parts)),
                    Chain::Parallel(parts) => Chain::Parallel(all(parts)),
                    Chain::Link(_, seconds) => Chain::Link(needs.next().expect("one per link"), *seconds),
                }
            }
            let mended = with(&chain, &mut chain.needs(wanted).into_iter());
            prop_assert!((mended.outcome().product - wanted).abs() < 1e-9);
        }
    }
}
