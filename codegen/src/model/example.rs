//! Examples of data types and operations.

use super::refs::TypeRef;

/// An example of a data type.
#[derive(Debug, Clone)]
pub struct TypeExample {
    /// The document.
    pub document: Xml,
    /// `true` if the type is also written like this.
    pub written: bool,
}

/// An example of an operation.
#[derive(Debug, Clone)]
pub struct Example {
    /// Path and query as in the schema, without the style's prefix.
    pub path: String,
    /// `true` if the client writes the request like this. If `false`, servers read it only.
    pub written: bool,
    /// The value of each field of the endpoint.
    pub values: Vec<ExampleValue>,
    /// The payload, without envelope and token. `None` if the operation has no request payload.
    pub request: Option<Vec<Xml>>,
    /// The response.
    pub response: Option<ExampleResponse>,
}

/// The response in an example.
#[derive(Debug, Clone)]
pub struct ExampleResponse {
    /// The status: the example's, else the endpoint's.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The payload, without the envelope.
    pub payload: Vec<Xml>,
}

/// A value in an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExampleValue {
    /// Missing, or `nil`.
    Absent,
    /// The decoded text of a scalar.
    Text(String),
    /// The fields of a data type, by index.
    Data(TypeRef, Vec<ExampleValue>),
    /// Values that repeat.
    Many(Vec<ExampleValue>),
}

/// An element of an example: decoded, without the white space beside elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xml {
    /// Its name.
    pub name: String,
    /// Its attributes, in the order of the schema.
    pub attributes: Vec<(String, String)>,
    /// Its elements.
    pub children: Vec<Xml>,
    /// Its text; empty if there are elements.
    pub text: String,
}
