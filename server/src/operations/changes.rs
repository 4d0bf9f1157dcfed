//! Check for updates that would change nothing.

use crate::ApiError;

/// Returns the changes of an update.
///
/// # Errors
///
/// [`ApiError::InvalidValue`] if there are none. A client that puts its values in the wrong place would otherwise report
/// to its user that they are stored.
pub(super) fn check_changes<T: Default + PartialEq>(changes: &T) -> Result<&T, ApiError> {
    const NO_CHANGES: ApiError = ApiError::InvalidValue("The request has no value to change");
    if *changes == T::default() { Err(NO_CHANGES) } else { Ok(changes) }
}
