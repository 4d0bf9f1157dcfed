//! A visitor of endpoints that serializes their responses.

use serde::Serialize;

use crate::endpoint::ServeEndpoint;
use crate::pagination::Paginated;

/// A function that takes an endpoint of any type, whose response it can serialize. It is a trait, because a closure
/// cannot be generic. A [`Visitor`](crate::Visitor) also takes endpoints whose responses cannot be serialized.
pub trait SerializeVisitor: Sized {
    /// Result of the visit.
    type Output;

    /// Visits an endpoint.
    fn visit<E>(self, endpoint: E) -> Self::Output
    where
        E: ServeEndpoint,
        E::Response: Serialize;

    /// Visits an endpoint that returns one page of a list; by default as any other.
    fn visit_paginated<E>(self, endpoint: E) -> Self::Output
    where
        E: ServeEndpoint + Paginated,
        E::Response: Serialize,
    {
        self.visit(endpoint)
    }
}
