//! The generic cell rate algorithm: one instant per key, the one at which its whole quota is there
//! again. A cell moves it forward by the time a cell takes to come back; giving a cell back moves
//! it as far backward.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So many requests in a window, all at once or spread over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub requests: u32,
    pub window: Duration,
}

/// What a key has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    pub cells: u32,
    /// Until the whole quota is there again.
    pub full_in: Duration,
}

/// Callers share no lock unless their keys fall into the same one of so many parts, and tidying
/// stops only one part at a time.
const PARTS: usize = 16;

pub struct Gcra {
    pub quota: Quota,
    /// The time in which one cell comes back.
    cell: Duration,
    /// All cells. Not the window: where that does not divide evenly, it would hold a cell too many.
    burst: Duration,
    full_at: [Mutex<HashMap<u128, Instant>>; PARTS],
}

impl Gcra {
    pub fn new(quota: Quota) -> Self {
        let cell = quota.window / quota.requests;
        Self { quota, cell, burst: cell * quota.requests, full_at: Default::default() }
    }

    /// Takes a cell, or says how long it is until there is one.
    pub fn take(&self, key: u128, now: Instant) -> Result<Left, Duration> {
        let mut part = self.part(key);
        let full_at = part.get(&key).map_or(now, |at| now.max(*at)) + self.cell;
        let used = full_at - now;
        if used > self.burst {
            return Err(used - self.burst);
        }
        part.insert(key, full_at);
        Ok(self.left(used))
    }

    /// Undoes one `take`. Nothing can be saved up by it: taking starts from now at the earliest.
    pub fn give_back(&self, key: u128, now: Instant) -> Left {
        let mut part = self.part(key);
        let Some(full_at) = part.get_mut(&key) else { return self.left(Duration::ZERO) };
        if let Some(earlier) = full_at.checked_sub(self.cell) {
            *full_at = earlier;
        }
        self.left(full_at.saturating_duration_since(now))
    }

    /// Forgets the keys whose quota is whole: a key that is not there has the same.
    pub fn tidy(&self, now: Instant) {
        for part in &self.full_at {
            let mut part = lock(part);
            part.retain(|_, full_at| *full_at > now);
            let kept = part.len();
            part.shrink_to(2 * kept);
        }
    }

    fn left(&self, used: Duration) -> Left {
        let cells = self.burst.saturating_sub(used).as_nanos() / self.cell.as_nanos();
        Left { cells: u32::try_from(cells).unwrap_or(self.quota.requests), full_in: used }
    }

    /// Addresses differ in the lower bits (IPv4) or in the upper ones (networks of IPv6).
    fn part(&self, key: u128) -> MutexGuard<'_, HashMap<u128, Instant>> {
        let folded = (key ^ (key >> 64)) % PARTS as u128;
        lock(&self.full_at[folded as usize])
    }
}

/// What a thread that panicked left behind is a whole map: nothing is done to it in two steps.
fn lock<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);
    const KEY: u128 = 7;

    /// `requests` in a window of as many seconds: a cell comes back every second.
    fn one_a_second(requests: u32) -> Gcra {
        Gcra::new(Quota { requests, window: SECOND * requests })
    }

    fn known(gcra: &Gcra) -> usize {
        gcra.full_at.iter().map(|part| lock(part).len()).sum()
    }

    #[test]
    fn the_whole_quota_may_be_used_at_once_and_then_no_more() {
        let (gcra, now) = (one_a_second(3), Instant::now());
        for cells in [2, 1, 0] {
            assert_eq!(gcra.take(KEY, now), Ok(Left { cells, full_in: SECOND * (3 - cells) }));
        }
        assert_eq!(gcra.take(KEY, now), Err(SECOND));
        assert!(gcra.take(KEY + 1, now).is_ok(), "another key has its own");
    }

    #[test]
    fn a_quota_that_does_not_divide_the_window_is_kept_exactly() {
        for window in [Duration::from_secs(60), Duration::from_nanos(10)] {
            let (gcra, now) = (Gcra::new(Quota { requests: 7, window }), Instant::now());
            assert_eq!((0..20).filter(|_| gcra.take(KEY, now).is_ok()).count(), 7, "{window:?}");
        }
    }

    #[test]
    fn cells_come_back_one_by_one() {
        let (gcra, now) = (one_a_second(3), Instant::now());
        while gcra.take(KEY, now).is_ok() {}
        assert_eq!(gcra.take(KEY, now + SECOND / 4), Err(SECOND * 3 / 4), "a refusal costs nothing");
        assert_eq!(gcra.take(KEY, now + SECOND), Ok(Left { cells: 0, full_in: SECOND * 3 }));
        assert!(gcra.take(KEY, now + SECOND).is_err());
        assert_eq!(gcra.take(KEY, now + SECOND * 60).map(|left| left.cells), Ok(2), "and never more than there were");
    }

    #[test]
    fn a_cell_that_is_given_back_can_be_taken_again() {
        let (gcra, now) = (one_a_second(2), Instant::now());
        while gcra.take(KEY, now).is_ok() {}
        assert_eq!(gcra.give_back(KEY, now), Left { cells: 1, full_in: SECOND });
        assert_eq!(gcra.take(KEY, now), Ok(Left { cells: 0, full_in: SECOND * 2 }));
        assert!(gcra.take(KEY, now).is_err());
    }

    #[test]
    fn giving_back_saves_nothing_up() {
        let (gcra, now) = (one_a_second(2), Instant::now());
        for _ in 0..5 {
            assert_eq!(gcra.give_back(KEY, now), Left { cells: 2, full_in: Duration::ZERO });
        }
        assert!(gcra.take(KEY, now).is_ok());
        for _ in 0..5 {
            assert_eq!(gcra.give_back(KEY, now), Left { cells: 2, full_in: Duration::ZERO });
        }
        assert_eq!(gcra.take(KEY, now).map(|left| left.cells), Ok(1));
    }

    #[test]
    fn keys_are_forgotten_once_their_quota_is_whole() {
        let (gcra, now) = (one_a_second(2), Instant::now());
        for key in 0..100 {
            assert!(gcra.take(key, now).is_ok());
        }
        assert!(gcra.take(KEY, now).is_ok());
        gcra.tidy(now + SECOND / 2);
        assert_eq!(known(&gcra), 100);
        gcra.tidy(now + SECOND);
        assert_eq!(known(&gcra), 1, "one key has used two cells");
        assert_eq!(gcra.take(KEY, now + SECOND).map(|left| left.cells), Ok(0));
        gcra.tidy(now + SECOND * 60);
        assert_eq!(known(&gcra), 0);
    }

    proptest! {
        /// However requests arrive, and whichever of them are given back: no span of time costs
        /// more than the quota and what came back during it.
        #[test]
        fn no_span_costs_more_than_the_quota_and_its_refill(
            requests in 1_u32..20,
            arrivals in prop::collection::vec((0_u64..3_000, any::<bool>()), 1..200),
        ) {
            let (gcra, mut now) = (one_a_second(requests), Instant::now());
            let mut paid: Vec<Instant> = Vec::new();
            for (gap, is_given_back) in arrivals {
                now += Duration::from_millis(gap);
                if let Ok(left) = gcra.take(KEY, now) {
                    prop_assert!(left.cells < requests && left.full_in <= gcra.quota.window);
                    if is_given_back {
                        prop_assert_eq!(gcra.give_back(KEY, now).cells, left.cells + 1);
                    } else {
                        paid.push(now);
                    }
                }
            }
            for (first, start) in paid.iter().enumerate() {
                for (cost, end) in (1_u64..).zip(&paid[first..]) {
                    prop_assert!(cost <= u64::from(requests) + (*end - *start).as_secs());
                }
            }
        }
    }
}
