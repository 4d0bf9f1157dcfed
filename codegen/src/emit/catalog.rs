//! Emits the catalog: all operations and their parameters as data.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::emitter::Emitter;
use super::endpoint::is_argument;
use super::idents::{camel_ident, constant_ident, ident};
use super::imports::emit_imports;
use super::params::find_best_paths;
use crate::model::{DataType, Endpoint, EnumValue, Field, Presence, Replacement, Scalar, Section, ValueKind};
use crate::names;

impl Emitter<'_> {
    /// Emits the module of the catalog:
    ///
    /// ```text
    /// pub static CATALOG: &[catalog::Section] = &[catalog::Section { name: "notes", operations: &[…], … }, …];
    /// static DATA_NEW_NOTE: catalog::Data = catalog::Data { name: "NewNote", fields: &[…] };
    /// ```
    pub(super) fn emit_catalog(self) -> TokenStream {
        let sections = self.api.sections.iter().map(|section| self.emit_catalog_section(section));
        let catalog = quote! {
            /// All operations, by section, with their parameters.
            pub static CATALOG: &[catalog::Section] = &[#(#sections),*];
        };
        let types = self.api.types.iter().filter(|data_type| data_type.in_requests);
        let types = types.map(|data_type| self.emit_catalog_data(data_type));
        let items = quote!(#catalog #(#types)*);
        let imports = emit_imports(&items);
        quote! {
            //! All operations and their parameters as data.
            #imports
            #items
        }
    }

    /// Emits a section with its operations.
    fn emit_catalog_section(self, section: &Section) -> TokenStream {
        let (name, doc) = (&section.name, &section.doc);
        let entries = section.endpoints.iter().map(|endpoint| self.emit_catalog_entry(section, endpoint));
        quote!(catalog::Section { name: #name, doc: #doc, operations: &[#(#entries),*] })
    }

    /// Emits an operation:
    ///
    /// ```text
    /// catalog::Entry::new(
    ///     <api::notes::List as support::Endpoint>::OPERATION,
    ///     "Lists the notes of a page, oldest first.",
    ///     &[catalog::Parameter::path("page_id", "Number of a page.", catalog::Kind::Id)],
    /// ).list()
    /// ```
    fn emit_catalog_entry(self, section: &Section, endpoint: &Endpoint) -> TokenStream {
        let (module, operation) = (ident(&section.name), camel_ident(&endpoint.name));
        let doc = &endpoint.doc;
        let replacement = endpoint.legacy.as_ref().and_then(|legacy| self.replacement_path(legacy));
        let replacement = replacement.map(|name| quote!(.replaced_by(#name)));
        let paths = find_best_paths(endpoint.request.as_deref().unwrap_or_default(), true, endpoint.fields.len());
        let parameters = endpoint.fields.iter().zip(paths).enumerate().map(|(index, (field, path))| {
            let query = endpoint.query.iter().find(|(_, hole)| hole.field == index).map(|(name, _)| name);
            let position = match (query, path) {
                (Some(name), _) => CatalogPosition::Query(name),
                (None, Some(path)) => CatalogPosition::Payload(path),
                (None, None) => CatalogPosition::Path,
            };
            self.emit_parameter(field, &position, is_argument(field))
        });
        let is_list = endpoint.response.value.as_ref().is_some_and(|value| value.presence.is_many());
        let list = match endpoint.pagination {
            Some(_) => quote!(.paginated()),
            None if is_list => quote!(.list()),
            None => TokenStream::new(),
        };
        quote! {
            catalog::Entry::new(
                <api::#module::#operation as support::Endpoint>::OPERATION,
                #doc,
                &[#(#parameters),*],
            ) #list #replacement
        }
    }

    /// Emits the static of a data type.
    fn emit_catalog_data(self, data_type: &DataType) -> TokenStream {
        let (name, constant) = (&data_type.name, data_constant(data_type));
        let shape = std::slice::from_ref(&data_type.shape);
        let paths = find_best_paths(shape, false, data_type.fields.len());
        let fields = data_type.fields.iter().zip(paths).map(|(field, path)| {
            let position = CatalogPosition::Payload(path.unwrap_or_default());
            self.emit_parameter(field, &position, field.presence == Presence::Required)
        });
        quote! {
            static #constant: catalog::Data = catalog::Data { name: #name, fields: &[#(#fields),*] };
        }
    }

    /// Emits a parameter:
    ///
    /// ```text
    /// catalog::Parameter::payload("title", "Heading.", catalog::Kind::Text, &["title"]).optional()
    /// ```
    fn emit_parameter(self, field: &Field, position: &CatalogPosition<'_>, is_required: bool) -> TokenStream {
        let (name, doc, kind) = (&field.name, &field.doc, self.emit_kind(&field.kind));
        let parameter = match position {
            CatalogPosition::Path => quote!(path(#name, #doc, #kind)),
            CatalogPosition::Query(wire) => quote!(query(#name, #doc, #kind, #wire)),
            CatalogPosition::Payload(path) => quote!(payload(#name, #doc, #kind, &[#(#path),*])),
        };
        let optional = (!is_required).then(|| quote!(.optional()));
        let repeated = field.presence.is_many().then(|| quote!(.repeated()));
        let clearable = (field.presence == Presence::Change).then(|| quote!(.clearable()));
        quote!(catalog::Parameter::#parameter #optional #repeated #clearable)
    }

    /// Emits the kind of a value.
    fn emit_kind(self, kind: &ValueKind) -> TokenStream {
        let scalar = match kind {
            ValueKind::Data(data_type) => {
                let constant = data_constant(&self.api.types[data_type.0]);
                return quote!(catalog::Kind::Data(&#constant));
            }
            ValueKind::Scalar(scalar) => scalar,
        };
        let variant = match scalar {
            Scalar::String | Scalar::Text => quote!(Text),
            Scalar::Word => quote!(Word),
            Scalar::Secret => quote!(Secret),
            Scalar::Integer => quote!(Integer),
            Scalar::Bool | Scalar::Bit | Scalar::Flag => quote!(Bool),
            Scalar::Decimal => quote!(Decimal),
            Scalar::Utc => quote!(Utc),
            Scalar::Local => quote!(Local),
            Scalar::Timestamp => quote!(Timestamp),
            Scalar::Date => quote!(Date),
            Scalar::Compact(_) => quote!(Compact),
            Scalar::Words(_) => quote!(Words),
            Scalar::Phrases => quote!(Phrases),
            Scalar::Id(_) => quote!(Id),
            Scalar::Enum(open_enum) => {
                let values = self.api.enums[open_enum.0].values.iter();
                let values =
                    values.map(|EnumValue { text, doc, .. }| quote!(catalog::EnumValue { text: #text, doc: #doc }));
                quote!(Enum(&[#(#values),*]))
            }
        };
        quote!(catalog::Kind::#variant)
    }

    /// Returns the replacement of a legacy endpoint as a section or an operation: `items` or `items.list`.
    fn replacement_path(self, legacy: &Replacement) -> Option<String> {
        match legacy {
            Replacement::None => None,
            Replacement::Section(section) => Some(self.api.sections[section.0].name.clone()),
            Replacement::Endpoint(section, endpoint) => {
                let section = &self.api.sections[section.0];
                Some(format!("{}.{}", section.name, section.endpoints[*endpoint].name))
            }
        }
    }
}

/// Position of a parameter in a request.
enum CatalogPosition<'a> {
    Path,
    /// Name in the query.
    Query(&'a str),
    /// Names on the path to the value.
    Payload(Vec<String>),
}

/// Returns the identifier of a data type's static: `DATA_NEW_NOTE`.
fn data_constant(data_type: &DataType) -> Ident {
    constant_ident(&format!("data_{}", names::to_snake(&data_type.name)))
}
