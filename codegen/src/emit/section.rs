//! Emits the module of a section.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::emitter::Emitter;
use super::imports::emit_imports;
use crate::model::Section;

impl Emitter<'_> {
    /// Emits the module of a section: its handles, its data and its operations.
    ///
    /// The data is in a separate module, because an operation and a type may have the same name.
    pub(super) fn emit_section(self, section: &Section) -> TokenStream {
        let docs = docs::emit_inner_doc(&section.doc);
        let endpoints: TokenStream =
            section.endpoints.iter().map(|endpoint| self.emit_endpoint(section, endpoint)).collect();
        let has_handle = !section.endpoints.is_empty();
        let async_handle = has_handle.then(|| self.emit_async_handle(section));
        let blocking_handle = has_handle.then(|| self.emit_blocking_module(section));
        let data = self.emit_data_module(section);
        let imports = emit_imports(&quote!(#endpoints #async_handle));
        quote! {
            #docs
            #imports
            #async_handle
            #blocking_handle
            #data
            #endpoints
        }
    }

    /// Emits the module of a section's data. Returns `None` if the section declares no ids, enums or data types.
    fn emit_data_module(self, section: &Section) -> Option<TokenStream> {
        let ids = section.ids.iter().map(|id| self.emit_id(&self.api.ids[id.0]));
        let enums = section.enums.iter().map(|open_enum| self.emit_enum(&self.api.enums[open_enum.0]));
        let types = section.types.iter().map(|data_type| self.emit_data_type(&self.api.types[data_type.0]));
        let targets = section.types.iter().map(|data_type| self.emit_target(&self.api.types[data_type.0]));
        let items: TokenStream = ids.chain(enums).chain(types).chain(targets).collect();
        let imports = emit_imports(&items);
        (!items.is_empty()).then(|| {
            quote! {
                pub(super) mod data {
                    #imports
                    #items
                }
            }
        })
    }
}
