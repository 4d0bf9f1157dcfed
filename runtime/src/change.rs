//! Change of an optional value, in a request that changes several values.

/// Change of an optional value in a request. A request that does not mention the value leaves it unchanged, which is
/// the default.
///
/// ```
/// use xmlwire::Change;
///
/// let end: Change<u32> = 17.into();
/// assert_eq!(end, Change::Set(17));
/// assert_eq!(end.apply_to(Some(9)), Some(17));
/// assert_eq!(Change::Clear.apply_to(Some(9)), None);
/// assert_eq!(Change::default().apply_to(Some(9)), Some(9));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Change<T> {
    /// Leaves the value unchanged: the request omits it.
    #[default]
    Keep,
    /// Sets the value.
    Set(T),
    /// Removes the value: the request has an element with `nil="true"`.
    Clear,
}

impl<T> Change<T> {
    /// `true` if the value is left unchanged.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Returns the value after the change; `previous` is the value before it.
    pub fn apply_to(self, previous: Option<T>) -> Option<T> {
        match self {
            Self::Keep => previous,
            Self::Set(value) => Some(value),
            Self::Clear => None,
        }
    }
}

impl<T> From<T> for Change<T> {
    /// Sets the value.
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}
