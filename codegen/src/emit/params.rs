//! Emits code with which a server reads a shape in a request.
//!
//! The runtime converts a request body into a tree of nodes, in which attributes and elements are both nodes. A value
//! is found by the names on the path to it. In `<note title="…"/>` and in `<note><title>…</title></note>`, the title is
//! at `["note", "title"]`.

use proc_macro2::TokenStream;
use quote::quote;

use super::emitter::Emitter;
use super::idents::ident;
use crate::model::{Attribute, Content, DataType, Element, Field, Hole, Presence, ValueKind};
use crate::names::normalize_name;

/// A position of a field in a request.
#[derive(Clone)]
struct ParamPosition {
    /// Rank among the positions of the field. The lowest rank is tried first.
    rank: u8,
    /// Names on the path from the node that is read to the value. The last name may be that of an attribute.
    path: Vec<String>,
}

impl Emitter<'_> {
    /// Emits the implementation that reads a data type from a request:
    ///
    /// ```text
    /// impl params::ReadParams for NewNote {
    ///     fn read_params(node: params::ParamReader<'_>) -> Result<Self, read::DecodeError> {
    ///         Ok(Self { title: node.read_optional::<scalar::Text>(&[&["title"]])?, … })
    ///     }
    /// }
    /// ```
    pub(super) fn emit_read_params(self, data_type: &DataType) -> TokenStream {
        let mut positions = vec![Vec::new(); data_type.fields.len()];
        for shape in [&data_type.shape].into_iter().chain(&data_type.also) {
            collect_positions(shape, &[], &mut positions);
        }
        let type_name = ident(&data_type.name);
        let inits = data_type.fields.iter().zip(&positions).map(|(field, positions)| {
            let name = ident(&field.name);
            let value = self.emit_read_param(field, positions, &quote!(node));
            quote!(#name: #value)
        });
        quote! {
            impl params::ReadParams for #type_name {
                fn read_params(node: params::ParamReader<'_>) -> Result<Self, read::DecodeError> {
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
        add_misplaced_positions(elements, &mut positions);
        let in_payload = fields.iter().zip(&positions).enumerate().filter(|(_, (_, positions))| !positions.is_empty());
        let values = in_payload
            .map(|(index, (field, positions))| (index, self.emit_read_param(field, positions, &quote!(payload))));
        values.collect()
    }

    /// Emits the expression that reads a field from `node`, an expression for a node. The paths are in order of rank:
    ///
    /// ```text
    /// payload.read_required_data::<api::NewNote>(&[&["note"]])?
    /// ```
    fn emit_read_param(self, field: &Field, positions: &[ParamPosition], node: &TokenStream) -> TokenStream {
        let mut positions = positions.to_vec();
        positions.sort_by_key(|position| position.rank);
        let paths = positions.iter().map(|position| {
            let names = position.path.iter().map(|name| normalize_name(name));
            quote!(&[#(#names),*])
        });
        let (method, codec) = match &field.kind {
            ValueKind::Scalar(scalar) => {
                let method = match field.presence {
                    Presence::Required if field.is_required_in_document() => quote!(read_required),
                    Presence::Required | Presence::Optional | Presence::Nil => quote!(read_optional),
                    Presence::Change => quote!(read_change),
                    Presence::Many | Presence::ManyOrAbsent => quote!(read_many),
                };
                (method, self.codec(scalar))
            }
            ValueKind::Data(_) => {
                let method = match field.presence {
                    Presence::Required => quote!(read_required_data),
                    Presence::Optional | Presence::Nil => quote!(read_optional_data),
                    Presence::Change => quote!(read_data_change),
                    Presence::Many | Presence::ManyOrAbsent => quote!(read_many_data),
                };
                (method, self.value_type(&field.kind))
            }
        };
        // A missing `text` is read as an empty one.
        let is_empty_if_absent = field.presence == Presence::Required && !field.is_required_in_document();
        let or_empty = is_empty_if_absent.then(|| quote!(.unwrap_or_default()));
        quote!(#node.#method::<#codec>(&[#(#paths),*])? #or_empty)
    }
}

/// Finds the path of each field's position of the lowest rank, with underscores for dashes: `None` for a field that is
/// not in the elements. The paths begin with the names of the elements if `with_roots` is `true`.
pub(super) fn find_best_paths(elements: &[Element], with_roots: bool, field_count: usize) -> Vec<Option<Vec<String>>> {
    let mut positions = vec![Vec::new(); field_count];
    for element in elements {
        let root = if with_roots { std::slice::from_ref(&element.name) } else { &[] };
        collect_positions(element, root, &mut positions);
    }
    let find_best = |positions: Vec<ParamPosition>| positions.into_iter().min_by_key(|position| position.rank);
    let normalize = |position: ParamPosition| position.path.iter().map(|name| normalize_name(name)).collect();
    positions.into_iter().map(|positions| find_best(positions).map(normalize)).collect()
}

/// Adds the positions at which clients misplace values, if the payload has several elements. These positions are tried
/// last. For the payload `<item><content>{content: string}</content></item><list-id>{list_id: ListId}</list-id>`:
///
/// - `content` may be beside `<item>` instead of inside: `["content"]`.
/// - `list_id` may be inside `<item>` instead of beside: `["item", "list_id"]`.
fn add_misplaced_positions(elements: &[Element], positions: &mut [Vec<ParamPosition>]) {
    let contains = |elements: &[Element], name: &str| {
        elements.iter().any(|element| normalize_name(&element.name) == normalize_name(name))
    };
    for (index, element) in elements.iter().enumerate() {
        let Content::Elements(children) = &element.content else { continue };
        let others = elements.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other);
        let inside = others.clone().filter(|other| !contains(children, &other.name));
        let inside = inside.map(|other| (other, vec![element.name.clone(), other.name.clone()]));
        let beside =
            children.iter().filter(|child| others.clone().next().is_some() && !contains(elements, &child.name));
        let beside = beside.map(|child| (child, vec![child.name.clone()]));
        for (value, path) in inside.chain(beside) {
            if let Content::Hole(hole) = &value.content {
                positions[hole.field].push(ParamPosition { rank: u8::MAX, path });
            }
        }
    }
}

/// Collects the positions of each field in an element. `path` is the path of the element, and `positions` has an entry
/// for each field.
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
