//! A shape as code that reads a request on a server: values are found by name, as an attribute or as an element.

use proc_macro2::TokenStream;
use quote::quote;

use super::emitter::Emitter;
use super::idents::ident;
use crate::model::{Attribute, Content, DataType, Element, Field, Hole, Kind, Presence};

/// A position of a field in a request.
#[derive(Clone)]
struct ParamPosition {
    /// Rank of the position among those of the field: the lowest is tried first.
    rank: u8,
    /// Names from a node to the value.
    path: Vec<String>,
}

impl Emitter<'_> {
    /// ```text
    /// impl tree::ReadTree for NewNote {
    ///     fn read_tree(node: &tree::Node<'_>) -> Result<Self, read::ReadError> {
    ///         Ok(Self { title: node.optional::<scalar::Text>(&[&["title"]])?, … })
    ///     }
    /// }
    /// ```
    pub(super) fn emit_read_params(self, of: &DataType) -> TokenStream {
        let mut positions = vec![Vec::new(); of.fields.len()];
        for shape in [&of.shape].into_iter().chain(&of.also) {
            collect_positions(shape, &[], &mut positions);
        }
        let name = ident(&of.name);
        let inits = of.fields.iter().zip(&positions).map(|(field, positions)| {
            let name = ident(&field.name);
            let value = self.emit_read_param(field, positions, &quote!(node));
            quote!(#name: #value)
        });
        quote! {
            impl tree::ReadTree for #name {
                fn read_tree(node: &tree::Node<'_>) -> Result<Self, read::ReadError> {
                    Ok(Self { #(#inits),* })
                }
            }
        }
    }

    /// Emits an expression for each field in the payload of a request, with the field's index. The variable `payload`
    /// is the node of the payload.
    pub(super) fn emit_read_request_payload(self, fields: &[Field], elements: &[Element]) -> Vec<(usize, TokenStream)> {
        let mut positions = vec![Vec::new(); fields.len()];
        for element in elements {
            collect_positions(element, std::slice::from_ref(&element.name), &mut positions);
        }
        let in_payload = fields.iter().zip(&positions).enumerate().filter(|(_, (_, positions))| !positions.is_empty());
        let values = in_payload
            .map(|(index, (field, positions))| (index, self.emit_read_param(field, positions, &quote!(payload))));
        values.collect()
    }

    /// ```text
    /// payload.required_data::<api::NewNote>(&[&["note"]])?
    /// ```
    fn emit_read_param(self, field: &Field, positions: &[ParamPosition], node: &TokenStream) -> TokenStream {
        let mut positions = positions.to_vec();
        positions.sort_by_key(|position| position.rank);
        let paths = positions.iter().map(|position| {
            let names = position.path.iter().map(|name| normalize_name(name));
            quote!(&[#(#names),*])
        });
        let (method, codec) = match &field.kind {
            Kind::Scalar(scalar) => {
                let method = match field.presence {
                    Presence::Required if field.must_be_there() => quote!(required),
                    Presence::Required | Presence::Optional | Presence::Nil => quote!(optional),
                    Presence::Many | Presence::ManyOrAbsent => quote!(many),
                };
                (method, self.codec(scalar))
            }
            Kind::Data(_) => {
                let method = match field.presence {
                    Presence::Required => quote!(required_data),
                    Presence::Optional | Presence::Nil => quote!(optional_data),
                    Presence::Many | Presence::ManyOrAbsent => quote!(many_data),
                };
                (method, self.value_type(&field.kind))
            }
        };
        let is_empty_if_absent = field.presence == Presence::Required && !field.must_be_there();
        let or_empty = is_empty_if_absent.then(|| quote!(.unwrap_or_default()));
        quote!(#node.#method::<#codec>(&[#(#paths),*])? #or_empty)
    }
}

/// Returns a wire name as a server compares it: `-` is `_`.
pub(super) fn normalize_name(name: &str) -> String {
    name.replace('-', "_")
}

/// Collects the positions of each field in an element with this path.
fn collect_positions(element: &Element, path: &[String], positions: &mut [Vec<ParamPosition>]) {
    let mut insert = |hole: &Hole, path: Vec<String>| {
        positions[hole.field].push(ParamPosition { rank: hole.rank, path });
    };
    for attribute in &element.attributes {
        if let Attribute::Hole { name, hole } = attribute {
            insert(hole, [path, std::slice::from_ref(name)].concat());
        }
    }
    match &element.content {
        Content::Empty => {}
        Content::Hole(hole) => insert(hole, path.to_vec()),
        Content::Elements(elements) => {
            for element in elements {
                collect_positions(element, &[path, std::slice::from_ref(&element.name)].concat(), positions);
            }
        }
    }
}
