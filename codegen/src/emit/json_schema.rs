//! Types and bodies as JSON Schema, with the XML objects of OpenAPI.

use serde_json::{Map, Value, json};

use super::emitter::Emitter;
use crate::model::{Attribute, Content, Element, EnvelopePart, Field, Presence, Scalar, ValueKind};

/// Properties of an object: the children of an element.
#[derive(Default)]
struct Properties {
    schemas: Map<String, Value>,
    required: Vec<Value>,
}

impl Properties {
    /// Adds a property. If there is one with this name, as of an attribute and an element, its name gets a suffix.
    fn add(&mut self, name: &str, is_required: bool, schema: Value) {
        let mut key = name.to_owned();
        let mut schema = schema;
        while self.schemas.contains_key(&key) {
            key.push('_');
            set_xml(&mut schema, "name", name.into());
        }
        if is_required {
            self.required.push(key.clone().into());
        }
        self.schemas.insert(key, schema);
    }

    /// Adds a literal attribute.
    fn add_literal(&mut self, name: &str, value: &str) {
        self.add(name, false, json!({ "const": value, "xml": { "attribute": true } }));
    }

    /// Returns the object with these properties.
    fn into_schema(self) -> Value {
        let mut schema = json!({ "type": "object", "properties": self.schemas });
        if !self.required.is_empty() {
            schema["required"] = self.required.into();
        }
        schema
    }
}

impl Emitter<'_> {
    /// Returns the schemas of all types, enums and ids, by name.
    pub(super) fn component_schemas(self) -> Map<String, Value> {
        let ids = self.api.ids.iter().map(|id| {
            (id.name.clone(), json!({ "type": "integer", "format": "int64", "minimum": 0, "description": id.doc }))
        });
        let enums = self.api.enums.iter().map(|open_enum| {
            let known = open_enum.values.iter().map(|value| json!({ "const": value.text, "description": value.doc }));
            // The service may send other values.
            let values: Vec<Value> = known.chain([json!({ "type": "string" })]).collect();
            (open_enum.name.clone(), json!({ "description": open_enum.doc, "anyOf": values }))
        });
        let types = self.api.types.iter().map(|data_type| {
            let mut schema = self.element_schema(&data_type.shape, &data_type.fields);
            schema["description"] = data_type.doc.clone().into();
            (data_type.name.clone(), schema)
        });
        ids.chain(enums).chain(types).collect()
    }

    /// Returns the schema of a body: a payload in its envelope. `None` if there is neither.
    pub(super) fn body_schema(
        self,
        envelope: Option<&[EnvelopePart]>,
        payload: &[Element],
        fields: &[Field],
    ) -> Option<Value> {
        let mut open = vec![(String::new(), Properties::default())];
        for part in envelope.unwrap_or(&[EnvelopePart::Payload]) {
            match part {
                EnvelopePart::Open(name, attributes) => {
                    open.push((name.clone(), Properties::default()));
                    self.add_literals(&mut open, attributes);
                }
                EnvelopePart::Close(_) => self.close_element(&mut open),
                EnvelopePart::Empty(name, attributes) => {
                    open.push((name.clone(), Properties::default()));
                    self.add_literals(&mut open, attributes);
                    self.close_element(&mut open);
                }
                EnvelopePart::Token(name) => {
                    if let Some((_, properties)) = open.last_mut() {
                        properties.add(name, false, token_schema());
                    }
                }
                EnvelopePart::Payload => {
                    for element in payload {
                        if let Some((_, properties)) = open.last_mut() {
                            self.add_child(properties, element, fields);
                        }
                    }
                }
            }
        }
        // The outermost object has one property, which is the root.
        let (_, document) = open.pop()?;
        let (name, mut root) = document.schemas.into_iter().next()?;
        set_xml(&mut root, "name", name.into());
        Some(root)
    }

    /// Adds literal attributes to the innermost open element.
    fn add_literals(self, open: &mut [(String, Properties)], attributes: &[(String, String)]) {
        if let Some((_, properties)) = open.last_mut() {
            for (name, value) in attributes {
                properties.add_literal(name, value);
            }
        }
    }

    /// Closes the innermost open element.
    fn close_element(self, open: &mut Vec<(String, Properties)>) {
        if let Some((name, properties)) = open.pop()
            && let Some((_, parent)) = open.last_mut()
        {
            parent.add(&name, true, properties.into_schema());
        }
    }

    /// Returns the schema of an element: of its attributes and its content.
    fn element_schema(self, element: &Element, fields: &[Field]) -> Value {
        if let Content::Hole(hole) = &element.content
            && (element.attributes.is_empty() || matches!(fields[hole.field].kind, ValueKind::Data(_)))
        {
            return self.field_value(&fields[hole.field]);
        }
        let mut properties = Properties::default();
        for attribute in &element.attributes {
            match attribute {
                Attribute::Literal { name, value } => properties.add_literal(name, value),
                Attribute::Hole { name, hole } => {
                    let field = &fields[hole.field];
                    let mut schema = self.field_value(field);
                    set_xml(&mut schema, "attribute", true.into());
                    properties.add(name, field.is_required_in_document() && hole.rank == 0, schema);
                }
            }
        }
        match &element.content {
            Content::Empty => {}
            Content::Hole(hole) => {
                let field = &fields[hole.field];
                let mut schema = self.field_value(field);
                set_xml(&mut schema, "x-xml-text", true.into());
                properties.add(&field.name, false, schema);
            }
            Content::Elements(elements) => {
                elements.iter().for_each(|child| self.add_child(&mut properties, child, fields));
            }
        }
        properties.into_schema()
    }

    /// Adds the property of a child element.
    fn add_child(self, properties: &mut Properties, child: &Element, fields: &[Field]) {
        let schema = self.element_schema(child, fields);
        let Content::Hole(hole) = &child.content else {
            return properties.add(&child.name, false, schema);
        };
        let field = &fields[hole.field];
        let is_required = field.is_required_in_document() && hole.rank == 0;
        let schema = if field.presence.is_many() { json!({ "type": "array", "items": schema }) } else { schema };
        properties.add(&child.name, is_required, schema);
    }

    /// Returns the schema of a single value of a field, with its documentation.
    pub(super) fn field_value(self, field: &Field) -> Value {
        let mut schema = match &field.kind {
            ValueKind::Scalar(scalar) => self.scalar_schema(scalar),
            ValueKind::Data(data_type) => make_reference(&self.api.types[data_type.0].name),
        };
        if matches!(field.presence, Presence::Nil | Presence::Change) {
            schema = json!({ "anyOf": [schema, { "type": "null" }] });
        }
        schema["description"] = field.doc.clone().into();
        if field.legacy.is_some() {
            schema["deprecated"] = true.into();
        }
        schema
    }

    /// Returns the schema of a scalar.
    fn scalar_schema(self, scalar: &Scalar) -> Value {
        match scalar {
            Scalar::String | Scalar::Text => json!({ "type": "string" }),
            Scalar::Word => json!({ "type": "string", "pattern": "^\\S+$" }),
            Scalar::Secret => json!({ "type": "string", "pattern": "^\\S+$", "format": "password" }),
            Scalar::Integer => json!({ "type": "integer", "format": "int64" }),
            Scalar::Bool => json!({ "type": "boolean" }),
            Scalar::Bit | Scalar::Flag => json!({ "type": "integer", "enum": [0, 1] }),
            Scalar::Utc | Scalar::Local => {
                json!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$" })
            }
            Scalar::Timestamp => json!({ "type": "string", "format": "date-time" }),
            Scalar::Date => json!({ "type": "string", "format": "date" }),
            Scalar::Compact(_) => json!({ "type": "string", "pattern": "^[0-9]+$" }),
            Scalar::Decimal => json!({ "type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$" }),
            Scalar::Words(_) | Scalar::Phrases => json!({ "type": "string" }),
            Scalar::Id(id) => make_reference(&self.api.ids[id.0].name),
            Scalar::Enum(open_enum) => make_reference(&self.api.enums[open_enum.0].name),
        }
    }
}

/// Returns the schema of a token.
pub(super) fn token_schema() -> Value {
    json!({ "type": "string", "format": "password", "description": "The token." })
}

/// Returns a reference to the schema with this name.
pub(super) fn make_reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Sets a member of the XML object of a schema.
fn set_xml(schema: &mut Value, member: &str, value: Value) {
    schema["xml"][member] = value;
}
