//! Indices that refer from one part of the model to another.

/// Index of an id in [`Api::ids`](super::Api::ids).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdRef(pub usize);

/// Index of an enum in [`Api::enums`](super::Api::enums).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnumRef(pub usize);

/// Index of a data type in [`Api::types`](super::Api::types).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeRef(pub usize);

/// Index of a style in [`Api::styles`](super::Api::styles).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StyleRef(pub usize);

/// Index of a rate limit in [`Api::rate_limits`](super::Api::rate_limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RateLimitRef(pub usize);

/// Index of a section in [`Api::sections`](super::Api::sections).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SectionRef(pub usize);
