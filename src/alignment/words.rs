//! How a clause about a dimension of quality usually reads. Our own wording, to be made one's own.

use crate::agreements::Dimension::{self, Assurance, Empathy, Reliability, Responsiveness, Tangibles};
use crate::agreements::Direction::{self, SupplierToCustomer, SupplierToUs, UsToSupplier};

pub fn usual(direction: Direction, dimension: Dimension) -> &'static str {
    match (direction, dimension) {
        (SupplierToCustomer, Reliability) => {
            "What was promised to the customer is done, in time and at the first visit."
        }
        (SupplierToCustomer, Assurance) => {
            "Your people introduce themselves, explain what they do, and know what they are talking about."
        }
        (SupplierToCustomer, Tangibles) => {
            "Your people come clean and recognisable, with tools in order, and leave the place tidy."
        }
        (SupplierToCustomer, Empathy) => {
            "Your people ask what matters to the customer, listen, and take it into account."
        }
        (SupplierToCustomer, Responsiveness) => {
            "Customers who call or write get an answer on the same day, and hear of delays before they happen."
        }
        (SupplierToUs, Reliability) => "You do what was ordered, as it was ordered, by when it was agreed.",
        (SupplierToUs, Assurance) => "Only people who are trained for it work on our orders.",
        (SupplierToUs, Tangibles) => "Reports, papers and goods reach us whole, legible and in order.",
        (SupplierToUs, Empathy) => "One person of yours knows our customers and our ways, and is there for us.",
        (SupplierToUs, Responsiveness) => "You answer our questions on the same day and tell us of trouble at once.",
        (UsToSupplier, Reliability) => "We give you what you need for an order before you begin, and pay in time.",
        (UsToSupplier, Assurance) => "We train your people in our products and in what our customers are promised.",
        (UsToSupplier, Tangibles) => "What we hand over to you is in order: papers, parts and access.",
        (UsToSupplier, Empathy) => "One person of ours knows your work and is there for you.",
        (UsToSupplier, Responsiveness) => "We answer your questions on the same day, and from the field at once.",
    }
}
