//! Ids, enums and data types: their fields and their shapes.

use super::example::TypeExample;
use super::refs::{EnumRef, IdRef, SectionRef, TypeRef};
use crate::notation::Presence;

/// A numeric id with a type of its own.
#[derive(Debug, Clone)]
pub struct Id {
    /// Its name, in camel case: `NoteId`.
    pub name: String,
    /// Description.
    pub doc: String,
    /// The section that declares it.
    pub section: SectionRef,
}

/// An open enum: the service may send values that the schema does not list.
#[derive(Debug, Clone)]
pub struct Enum {
    /// Its name, in camel case.
    pub name: String,
    /// Description.
    pub doc: String,
    /// The section that declares it.
    pub section: SectionRef,
    /// Its known values.
    pub values: Vec<EnumValue>,
}

/// A known value of an enum.
#[derive(Debug, Clone)]
pub struct EnumValue {
    /// Its name, in camel case.
    pub name: String,
    /// Its text on the wire.
    pub text: String,
    /// The id that numbers things of this kind; `None` if the schema names none.
    pub id: Option<IdRef>,
    /// Description.
    pub doc: String,
}

/// A data type.
#[derive(Debug, Clone)]
pub struct DataType {
    /// Its name, in camel case.
    pub name: String,
    /// Description.
    pub doc: String,
    /// The section that declares it.
    pub section: SectionRef,
    /// Its fields, in the order of their first occurrence in the shape.
    pub fields: Vec<Field>,
    /// The shape that is written, and read first. The name of its root has no effect: the element that uses the type
    /// determines the name.
    pub shape: Element,
    /// Alternative shapes, read only. Their holes have a higher [`Hole::rank`] than those of the shape.
    pub also: Vec<Element>,
    /// The id in its fields whose type depends on the kind; `None` if it has none.
    pub target: Option<Target>,
    /// `true` if a request can contain it.
    pub in_requests: bool,
    /// `true` if a response can contain it.
    pub in_responses: bool,
    /// Documents that are read as this type, and written if [`TypeExample::is_written`].
    pub examples: Vec<TypeExample>,
}

impl DataType {
    /// `true` if the shape has text or elements, so that it is written with an end tag.
    pub fn has_content(&self) -> bool {
        !matches!(self.shape.content, Content::Empty)
    }
}

/// An id whose type depends on the kind: the kind and the number are fields of a data type.
#[derive(Debug, Clone)]
pub struct Target {
    /// Name of the enum with a variant for each kind, in camel case.
    pub name: String,
    /// Description.
    pub doc: String,
    /// The kind.
    pub kind: EnumRef,
    /// Index of the field for the kind.
    pub kind_field: usize,
    /// Index of the field for the number.
    pub id_field: usize,
}

/// A value with a name: a field of a data type, an operation, a handle or a failure, or the value of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, in snake case.
    pub name: String,
    /// Kind of value.
    pub kind: ValueKind,
    /// Number of occurrences.
    pub presence: Presence,
    /// Its documentation. If the schema has none, that of its id, enum or data type.
    pub doc: String,
    /// Its replacement; `None` if the schema does not mark it as legacy.
    pub legacy: Option<Replacement>,
    /// Number of positions from which it is read: one more than the highest [`Hole::rank`].
    pub positions: u8,
}

impl Field {
    /// `true` if a document without the value is invalid. Of the fields with [`Presence::Required`], only those of the
    /// type `text` may be missing: they are read as an empty text.
    pub fn is_required_in_document(&self) -> bool {
        self.presence == Presence::Required && self.kind != ValueKind::Scalar(Scalar::Text)
    }

    /// `true` if the field is an id, whose text consists of digits. Routes distinguish ids from words.
    pub(crate) fn is_numeric(&self) -> bool {
        matches!(self.kind, ValueKind::Scalar(Scalar::Id(_)))
    }
}

/// The kind of value in a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueKind {
    /// Text, or a value written as text.
    Scalar(Scalar),
    /// A data type: attributes and content of an element.
    Data(TypeRef),
}

/// A value that is written as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// Unchanged text.
    String,
    /// Unchanged text; empty if it is missing.
    Text,
    /// Text without white space.
    Word,
    /// A word that is redacted in `Debug` and logs.
    Secret,
    /// 64-bit signed integer in decimal digits.
    Integer,
    /// `true`, `false`.
    Bool,
    /// `1`, `0`.
    Bit,
    /// `1`, `0`; an empty text is `0`.
    Flag,
    /// `2009-03-14 08:05:40` in UTC.
    Utc,
    /// `2009-03-14 08:05:40` in the user's time zone.
    Local,
    /// `2008-11-05T06:41:12Z`.
    Timestamp,
    /// `2009-03-14`.
    Date,
    /// A time or a date without separators: `20090314080540`. The scalar is [`Scalar::Utc`], [`Scalar::Local`] or
    /// [`Scalar::Date`].
    Compact(Box<Scalar>),
    /// `-19.90`.
    Decimal,
    /// Values separated by white space. Their type cannot contain white space.
    Words(Box<Scalar>),
    /// Phrases separated by white space. Those that contain white space are quoted: `a "b c" d`.
    Phrases,
    /// A declared id.
    Id(IdRef),
    /// A declared enum.
    Enum(EnumRef),
}

impl Scalar {
    /// The scalars that have a name of their own in the schema, sorted by name. [`Scalar::Compact`] and
    /// [`Scalar::Words`] have a parameter.
    pub(crate) const NAMED: [Self; 14] = [
        Self::Bit,
        Self::Bool,
        Self::Date,
        Self::Decimal,
        Self::Flag,
        Self::Integer,
        Self::Local,
        Self::Phrases,
        Self::Secret,
        Self::String,
        Self::Text,
        Self::Timestamp,
        Self::Utc,
        Self::Word,
    ];

    /// Returns its name in the schema, without a parameter: `integer`, `words`. `None` for ids and enums.
    pub(crate) fn name(&self) -> Option<&'static str> {
        Some(match self {
            Self::String => "string",
            Self::Text => "text",
            Self::Word => "word",
            Self::Secret => "secret",
            Self::Integer => "integer",
            Self::Bool => "bool",
            Self::Bit => "bit",
            Self::Flag => "flag",
            Self::Utc => "utc",
            Self::Local => "local",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Compact(_) => "compact",
            Self::Decimal => "decimal",
            Self::Words(_) => "words",
            Self::Phrases => "phrases",
            Self::Id(_) | Self::Enum(_) => return None,
        })
    }

    /// Returns the texts of enums in the canonical text of a value. There may be several in `words` of an enum.
    pub(crate) fn enum_texts<'t>(&self, text: &'t str) -> Vec<(EnumRef, &'t str)> {
        match self {
            Scalar::Enum(open_enum) => vec![(*open_enum, text)],
            Scalar::Words(item) => text.split_whitespace().flat_map(|word| item.enum_texts(word)).collect(),
            _ => Vec::new(),
        }
    }
}

/// The replacement of a legacy field or endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replacement {
    /// No replacement.
    None,
    /// A section.
    Section(SectionRef),
    /// An endpoint: the section, and its index there.
    Endpoint(SectionRef, usize),
}

/// An element of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name on the wire.
    pub name: String,
    /// Its attributes, in writing order.
    pub attributes: Vec<Attribute>,
    /// Its content.
    pub content: Content,
}

/// An attribute of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// Written literally, ignored in reading.
    Literal {
        /// Name on the wire.
        name: String,
        /// Its decoded text.
        value: String,
    },
    /// A placeholder for a value.
    Hole {
        /// Name on the wire.
        name: String,
        /// The placeholder.
        hole: Hole,
    },
}

/// Content of an element in a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// No content.
    Empty,
    /// A value: the text, or for a data type the element's attributes and content.
    Hole(Hole),
    /// Elements.
    Elements(Vec<Element>),
}

/// A placeholder for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// Index into the fields of the type or endpoint. It is 0 in a response, which has only one value.
    pub field: usize,
    /// Rank among the field's positions. On reading, the position with the lowest rank that is not empty takes
    /// precedence. All positions in the shape itself are written; those in [`DataType::also`] are not.
    pub rank: u8,
}
