//! Operations and their parameters as data, from which a program builds commands, forms or documentation at run time.
//!
//! Generated code has a [`Section`] for each section of the schema. [`IncomingRequest`](crate::incoming::IncomingRequest)
//! takes the values of the parameters at their [`Position`]s, and a [`Route`](crate::routing::Route) of the operation
//! reads the request from it.

use crate::service::Operation;

/// Section of the schema: operations on one topic.
#[derive(Debug)]
pub struct Section {
    /// Name of the section: `notes`.
    pub name: &'static str,
    /// Description.
    pub doc: &'static str,
    /// Operations of the section, in schema order.
    pub operations: &'static [Entry],
}

/// Operation with its parameters.
#[derive(Debug)]
pub struct Entry {
    /// Operation.
    pub operation: &'static Operation,
    /// Description.
    pub doc: &'static str,
    /// Section or operation that replaces a legacy operation: `items` or `items.list`. `None` if the operation is
    /// current, or has no replacement.
    pub replacement: Option<&'static str>,
    /// Parameters: those in the path, then those in the query, then those in the payload.
    pub parameters: &'static [Parameter],
    /// `true` if the value of the response is a list.
    pub is_list: bool,
    /// `true` if the response is one page of a list.
    pub is_paginated: bool,
}

/// Parameter of an operation, or value in the data of a parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Name, in snake case: `page_id`.
    pub name: &'static str,
    /// Description.
    pub doc: &'static str,
    /// Kind of its values.
    pub kind: Kind,
    /// Position of its values in a request.
    pub position: Position,
    /// `true` if a request without the parameter is not valid, or is of no use: an empty new order of items.
    pub is_required: bool,
    /// `true` if a request may have several values.
    pub is_repeated: bool,
    /// `true` if a request can clear the value.
    pub can_clear: bool,
}

/// Position of a parameter's values in a request.
#[derive(Debug, Clone, Copy)]
pub enum Position {
    /// Hole of the path, with the name of the parameter.
    Path,
    /// Query parameter of this name.
    Query(&'static str),
    /// Names on the path from the payload, or from the data that contains the value. Empty for the content of the
    /// element of this data. The last name may be that of an attribute. Names have underscores for dashes.
    Payload(&'static [&'static str]),
}

/// Kind of a parameter's values.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// Text without white space.
    Word,
    /// Text that is never shown.
    Secret,
    /// Integer.
    Integer,
    /// Decimal number: `-19.90`.
    Decimal,
    /// `true` or `false`.
    Bool,
    /// Time in UTC: `2009-03-14 08:05:40`.
    Utc,
    /// Time in the user's time zone: `2009-03-14 08:05:40`.
    Local,
    /// Time: `2008-11-05T06:41:12Z`.
    Timestamp,
    /// Date: `2009-03-14`.
    Date,
    /// Time or date without separators: `20090314080540`.
    Compact,
    /// Id of an object, an integer from 0.
    Id,
    /// One of these texts.
    Enum(&'static [EnumValue]),
    /// Texts without white space, in one value.
    Words,
    /// Texts without double quotes, in one value.
    Phrases,
    /// Data with values of its own.
    Data(&'static Data),
}

/// Known value of an enum.
#[derive(Debug, Clone, Copy)]
pub struct EnumValue {
    /// Text in a request.
    pub text: &'static str,
    /// Description.
    pub doc: &'static str,
}

/// Data type of a parameter. Its static can refer to itself, because a type may contain itself.
#[derive(Debug)]
pub struct Data {
    /// Name of the type: `NewNote`.
    pub name: &'static str,
    /// Values of the type. Their positions are relative to its element.
    pub fields: &'static [Parameter],
}

impl Entry {
    /// Creates a current operation whose response is not a list.
    pub const fn new(operation: &'static Operation, doc: &'static str, parameters: &'static [Parameter]) -> Self {
        Self { operation, doc, replacement: None, parameters, is_list: false, is_paginated: false }
    }

    /// Returns the entry of an operation whose response is a list.
    #[must_use]
    pub const fn list(self) -> Self {
        Self { is_list: true, ..self }
    }

    /// Returns the entry of an operation whose response is one page of a list.
    #[must_use]
    pub const fn paginated(self) -> Self {
        Self { is_list: true, is_paginated: true, ..self }
    }

    /// Returns the entry of a legacy operation that this section or operation replaces.
    #[must_use]
    pub const fn replaced_by(self, name: &'static str) -> Self {
        Self { replacement: Some(name), ..self }
    }
}

impl Parameter {
    /// Creates a parameter in the path, which is required.
    pub const fn path(name: &'static str, doc: &'static str, kind: Kind) -> Self {
        Self::new(name, doc, kind, Position::Path)
    }

    /// Creates a required parameter in the query, where its name is `query_name`.
    pub const fn query(name: &'static str, doc: &'static str, kind: Kind, query_name: &'static str) -> Self {
        Self::new(name, doc, kind, Position::Query(query_name))
    }

    /// Creates a required parameter in the payload.
    pub const fn payload(name: &'static str, doc: &'static str, kind: Kind, path: &'static [&'static str]) -> Self {
        Self::new(name, doc, kind, Position::Payload(path))
    }

    /// Creates a required parameter.
    const fn new(name: &'static str, doc: &'static str, kind: Kind, position: Position) -> Self {
        Self { name, doc, kind, position, is_required: true, is_repeated: false, can_clear: false }
    }

    /// Returns the parameter as one that a request may omit.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }

    /// Returns the parameter as one with any number of values.
    #[must_use]
    pub const fn repeated(self) -> Self {
        Self { is_repeated: true, ..self }
    }

    /// Returns the parameter as one that a request can clear.
    #[must_use]
    pub const fn clearable(self) -> Self {
        Self { can_clear: true, ..self }
    }
}
