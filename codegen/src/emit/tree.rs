//! A shape as code that reads a request: values by their names, wherever they stand.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Emit, ident};
use crate::model::{Attribute, Content, DataType, Element, Field, Hole, Presence, ValueKind};

/// A path of names below a node.
type Path = Vec<String>;

impl Emit<'_> {
    /// ```text
    /// impl tree::ReadTree for NewNote {
    ///     fn read_tree(node: &tree::Node<'_>) -> Result<Self, read::ReadError> {
    ///         Ok(Self { title: node.optional::<scalar::Text>(&[&["title"]])?, … })
    ///     }
    /// }
    /// ```
    pub(super) fn read_tree(self, of: &DataType) -> TokenStream {
        let mut places = vec![Vec::new(); of.fields.len()];
        for shape in [&of.shape].into_iter().chain(&of.also) {
            collect(shape, &[], &mut places);
        }
        let name = ident(&of.name);
        let values = of.fields.iter().zip(&places).map(|(field, places)| {
            let name = ident(&field.name);
            let value = self.read_place(field, places, &quote!(node));
            quote!(#name: #value)
        });
        quote! {
            impl tree::ReadTree for #name {
                fn read_tree(node: &tree::Node<'_>) -> Result<Self, read::ReadError> {
                    Ok(Self { #(#values),* })
                }
            }
        }
    }

    /// The values of a request's payload, one expression for each field that stands in it; `payload` is the node.
    pub(super) fn read_request_payload(self, fields: &[Field], elements: &[Element]) -> Vec<(usize, TokenStream)> {
        let mut places = vec![Vec::new(); fields.len()];
        for element in elements {
            collect(element, std::slice::from_ref(&element.name), &mut places);
        }
        let found = fields.iter().zip(&places).enumerate().filter(|(_, (_, places))| !places.is_empty());
        found.map(|(index, (field, places))| (index, self.read_place(field, places, &quote!(payload)))).collect()
    }

    fn read_place(self, field: &Field, places: &[(u8, Path)], node: &TokenStream) -> TokenStream {
        let mut places = places.to_vec();
        places.sort_by_key(|(rank, _)| *rank);
        let places = places.iter().map(|(_, path)| {
            let names = path.iter().map(|name| name.replace('-', "_"));
            quote!(&[#(#names),*])
        });
        let (method, codec) = match &field.kind {
            ValueKind::Scalar(scalar) => {
                let method = match field.presence {
                    Presence::Required if field.must_be_present() => quote!(required),
                    Presence::Required | Presence::Optional | Presence::Nil => quote!(optional),
                    Presence::Many | Presence::ManyOrAbsent => quote!(many),
                };
                (method, self.codec(scalar))
            }
            ValueKind::Data(_) => {
                let method = match field.presence {
                    Presence::Required => quote!(required_data),
                    Presence::Optional | Presence::Nil => quote!(optional_data),
                    Presence::Many | Presence::ManyOrAbsent => quote!(many_data),
                };
                (method, self.value_type(&field.kind))
            }
        };
        let or_empty =
            (field.presence == Presence::Required && !field.must_be_present()).then(|| quote!(.unwrap_or_default()));
        quote!(#node.#method::<#codec>(&[#(#places),*])? #or_empty)
    }
}

/// Notes for each field where it stands, given the path of an element.
fn collect(element: &Element, path: &[String], places: &mut [Vec<(u8, Path)>]) {
    let mut put = |hole: &Hole, path: Path| places[hole.field].push((hole.rank, path));
    for attribute in &element.attributes {
        if let Attribute::Hole { name, hole } = attribute {
            put(hole, [path, std::slice::from_ref(name)].concat());
        }
    }
    match &element.content {
        Content::Empty => {}
        Content::Hole(hole) => put(hole, path.to_vec()),
        Content::Elements(elements) => {
            for element in elements {
                collect(element, &[path, std::slice::from_ref(&element.name)].concat(), places);
            }
        }
    }
}
