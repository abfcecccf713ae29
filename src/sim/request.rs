//! What reaches a venue of an order.

use crate::types::{BoundOrder, Operation, Price, Quantity};

/// What a venue is asked to do; an order without what only its sender cares about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Request {
    pub(super) operation: Operation,
    pub(super) quantity: Quantity,
    pub(super) limit: Option<Price>,
    pub(super) reduce_only: bool,
}

impl From<&BoundOrder> for Request {
    fn from(order: &BoundOrder) -> Self {
        let BoundOrder { operation, quantity, limit, reduce_only, .. } = *order;
        Self { operation, quantity, limit, reduce_only }
    }
}
