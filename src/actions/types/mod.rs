//! The shapes of actions.

mod action;
mod steps;
mod terms;

pub use action::{
    Action, ActionAbandonment, ActionClaim, ActionEffect, ActionQuery, ActionSignature, ActionStatus, EffectMethod,
};
pub use steps::{ActionJudgement, ActionVerification, NewAbandonment, NewActionSignature, NewClaim};
pub use terms::{ActionChange, ActionMetric, ActionMetricKind, ActionProposal, ActionTerms, CounterAction, NewAction};
