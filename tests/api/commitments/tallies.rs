//! Tallies are what a recount gives, whatever happened.

use super::{commit, promised};
use crate::both;
use crate::support::Caller;
use crate::support::process::{Installation, SECRET};
use accord::shared::permission::Role;
use serde_json::json;

/// A sequence of numbers that looks random and is the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Does something to a commitment; what is refused is part of the game.
async fn play(dice: &mut Dice, owner: &Caller<'_>, manager: &Caller<'_>, promise: &str, ids: &mut Vec<String>) {
    let day = dice.roll(28) + 1;
    if ids.is_empty() || dice.roll(3) == 0 {
        let mut new = json!({"made_at": format!("2026-10-{day:02}T10:00:00Z")});
        if dice.roll(3) > 0 {
            new["due_at"] = json!("2026-12-24T10:00:00Z");
        }
        if dice.roll(2) == 0 {
            new["fulfilled_at"] = json!(format!("2026-11-{:02}T10:00:00Z", dice.roll(20) + 1));
        }
        ids.push(commit(owner, promise, new).await["id"].as_str().expect("an id").to_owned());
        return;
    }
    let place = usize::try_from(dice.roll(ids.len() as u64)).expect("small");
    let path = format!("/v1/commitments/{}", ids[place]);
    let answer = match dice.roll(6) {
        0 => owner.post(&format!("{path}/fulfil"), json!({})).await,
        1 => owner.post(&format!("{path}/withdraw"), json!({"reason": "Gone."})).await,
        2 => owner.post(&format!("{path}/ask-excuse"), json!({"cause": "customer", "reason": "Closed."})).await,
        3 => manager.post(&format!("{path}/grant-excuse"), json!({})).await,
        4 => manager.post(&format!("{path}/refuse-excuse"), json!({"reason": "No."})).await,
        _ => {
            let at = format!("2026-11-{:02}T10:00:00Z", dice.roll(20) + 1);
            let what = json!({"reason": "Found.", "fulfilled_at": at, "due_at": "2026-11-10T10:00:00Z"});
            let answer = owner.post(&format!("{path}/correct"), what).await;
            if answer.status == 201 {
                ids.push(answer.id());
            }
            answer
        }
    };
    assert!(answer.status < 500, "{}", answer.text);
}

both! {
    async fn whatever_happens_tallies_equal_a_recount(app: TestApp) {
        let owner = app.owner().await;
        let manager = app.sign_in(Role::Manager, None).await;
        let (_, promise) = promised(&app, &owner).await;
        let (mut dice, mut ids) = (Dice(42), Vec::new());
        for turn in 0..160 {
            play(&mut dice, &owner, &manager, &promise, &mut ids).await;
            if turn % 20 == 19 {
                let found = accord::promises::differences(&app.app.db).await.expect("a recount");
                assert!(found.is_empty(), "after {turn}: {found:?}");
            }
        }
        let list = owner.walk("/v1/commitments?limit=100", "status").await;
        for status in ["kept", "broken", "excused"] {
            assert!(list.iter().any(|found| found == status), "nothing became {status}");
        }
    }

    async fn a_tally_that_is_wrong_is_found(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        commit(&owner, &promise, json!({"fulfilled_at": "2026-11-21T09:00:00Z"})).await;
        app.sql("UPDATE commitment_tally SET kept = kept + 1").await;
        app.sql("DELETE FROM commitment_value_tally").await;
        assert_eq!(accord::promises::differences(&app.app.db).await.expect("a recount").len(), 2);
    }

    async fn the_command_tells_a_tally_that_is_wrong(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        let place = Installation::new().with("ACCORD_SECRET", SECRET);
        let place = place.with("ACCORD_DATABASE_URL", &app.addresses.primary);
        let right = place.run(&["tallies", "verify"]).expect(0);
        assert_eq!(right.stdout, "All tallies agree with what they count.\n");
        app.sql("UPDATE commitment_tally SET broken = broken + 1").await;
        let wrong = place.run(&["tallies", "verify"]).expect(1);
        assert!(wrong.stdout.contains("commitment_tally") && !wrong.stdout.contains("agree"), "{wrong:?}");
    }
}
