//! Functions and types with which generated code reads requests on a server.

pub use crate::params::{ParamNode, ParamReader};

use crate::change::Change;
use crate::decode_error::DecodeError;
use crate::params::{Paths, missing};

/// A value that is stored in the children of a node.
pub trait ReadParams: Sized {
    /// Reads the value from a node.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if a required value is missing or a value is not of its type.
    fn read_params(node: ParamReader<'_>) -> Result<Self, DecodeError>;
}

impl ParamReader<'_> {
    /// Reads optional data: `None` if there is no node, or it has neither text nor children.
    ///
    /// # Errors
    ///
    /// As [`ReadParams::read_params`].
    #[doc(hidden)]
    pub fn read_optional_data<T: ReadParams>(&self, paths: Paths) -> Result<Option<T>, DecodeError> {
        let found = self.node.find(paths).filter(|(node, _)| !node.is_blank());
        found.map(|(node, path)| self.read_data(node, path)).transpose()
    }

    /// Reads the change of data: see [`read_change`](Self::read_change).
    ///
    /// # Errors
    ///
    /// As [`ReadParams::read_params`].
    #[doc(hidden)]
    pub fn read_data_change<T: ReadParams>(&self, paths: Paths) -> Result<Change<T>, DecodeError> {
        Ok(self.change_from(self.read_optional_data(paths)?, paths))
    }

    /// Reads required data.
    ///
    /// # Errors
    ///
    /// [`Missing`](crate::DecodeErrorKind::Missing) if there is no node, and as [`ReadParams::read_params`].
    #[doc(hidden)]
    pub fn read_required_data<T: ReadParams>(&self, paths: Paths) -> Result<T, DecodeError> {
        self.node.find(paths).map_or_else(|| Err(missing(paths)), |(node, path)| self.read_data(node, path))
    }

    /// Reads the data of a repeated element.
    ///
    /// # Errors
    ///
    /// As [`ReadParams::read_params`], and [`InvalidValue`](crate::DecodeErrorKind::InvalidValue) if there is text in
    /// place of the elements.
    #[doc(hidden)]
    pub fn read_many_data<T: ReadParams>(&self, paths: Paths) -> Result<Vec<T>, DecodeError> {
        self.node.find_repeated(paths)?.into_iter().map(|(node, path)| self.read_data(node, path)).collect()
    }

    /// Reads the data of a node, which is at `path`. An error within the data has a path relative to the node, so
    /// `path` is put in front of it.
    fn read_data<T: ReadParams>(&self, node: &ParamNode<'_>, path: &[&str]) -> Result<T, DecodeError> {
        T::read_params(ParamReader { node, times: self.times }).map_err(|error| {
            let path = [path.join("/"), error.path().to_owned()].into_iter().filter(|part| !part.is_empty());
            DecodeError::new(path.collect::<Vec<_>>().join("/"), error.kind().clone())
        })
    }
}
