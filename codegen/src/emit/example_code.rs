//! Converts an example of the schema to Rust code.

use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::data::{clear_method_ident, sole_required_field};
use super::emitter::Emitter;
use super::endpoint::is_argument;
use super::handle::{ClientKind, MethodVariant, is_in_handle, method_ident};
use super::idents::ident;
use super::rust_types::takes_into;
use crate::model::{DataType, Endpoint, Example, ExampleValue, Field, Presence, Scalar, Section, ValueKind};
use crate::notation::insert_separators;

impl Emitter<'_> {
    /// Writes a call that compiles, as a fenced code block. rustdoc hides lines that start with `# `.
    ///
    /// ```text
    /// # use library::*; async fn example(library: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let books = library.books(BranchId(3)).list().await?;
    /// # Ok(()) }
    /// ```
    pub(super) fn write_example_code(
        self,
        section: &Section,
        endpoint: &Endpoint,
        example: &Example,
        client_kind: ClientKind,
        variant: MethodVariant,
    ) -> Vec<String> {
        let (bindings, call) = self.emit_example_call(section, endpoint, example, variant);
        let variable = endpoint.response.value.as_ref().map(|value| ident(&value.name));
        let binding = variable.as_ref().map(|name| quote!(let #name =));
        let statements = match (variant.lists_all_pages, client_kind) {
            (false, ClientKind::Async) => quote!(#binding #call.await?;),
            (false, ClientKind::Blocking) => quote!(#binding #call?;),
            (true, ClientKind::Async) => quote! {
                let mut #variable = #call;
                while let Some(item) = #variable.next().await {
                    let item = item?;
                    println!("{item:?}");
                }
            },
            (true, ClientKind::Blocking) => quote! {
                for item in #call {
                    let item = item?;
                    println!("{item:?}");
                }
            },
        };
        let statements = print_statements(quote!(#bindings #statements));
        let (function, client) = match client_kind {
            ClientKind::Async => ("async fn", "Client"),
            ClientKind::Blocking => ("fn", "blocking::Client"),
        };
        let allow = if endpoint.legacy.is_some() { "#[allow(deprecated)] " } else { "" };
        let signature =
            format!("{function} example({}: {client}) -> Result<(), Box<dyn std::error::Error>>", self.api.name);
        let mut lines = vec!["```no_run".to_owned(), format!("# use {}::*; {allow}{signature} {{", self.crate_name)];
        lines.extend(statements.lines().map(str::to_owned));
        lines.extend(["# Ok(()) }".to_owned(), "```".to_owned()]);
        lines
    }

    /// Emits the call of a method: `library.books(BranchId(3)).list_with(|list| list.count(20))`. Also returns the
    /// statements before it, which bind the values that cannot be computed in the closure:
    /// `let since = "2009-04-01T18:00:00Z".parse()?;`.
    fn emit_example_call(
        self,
        section: &Section,
        endpoint: &Endpoint,
        example: &Example,
        variant: MethodVariant,
    ) -> (TokenStream, TokenStream) {
        let mut bindings = TokenStream::new();
        let client = ident(&self.api.name);
        let accessor = ident(&section.name);
        let method = method_ident(endpoint, variant);
        let emit_argument = |index: usize| self.emit_argument_value(&endpoint.fields[index], &example.values[index]);
        let handle_arguments = endpoint.handle_fields.iter().map(|(_, index)| emit_argument(*index));
        let is_method_argument =
            |index: &usize| is_argument(&endpoint.fields[*index]) && !is_in_handle(endpoint, *index);
        let mut arguments: Vec<_> = (0..endpoint.fields.len()).filter(is_method_argument).map(emit_argument).collect();
        if variant.takes_options {
            // A method for all pages sets the page number itself.
            let page_number = match endpoint.pagination {
                Some(pages) if variant.lists_all_pages => Some(pages.page_number),
                _ => None,
            };
            let pairs = endpoint.fields.iter().zip(&example.values).enumerate();
            let options = pairs.filter(|(index, (field, value))| {
                Some(*index) != page_number && !is_argument(field) && is_present(value)
            });
            let name = ident(&endpoint.name);
            let setters: TokenStream = options
                .map(|(_, (field, value))| {
                    let setter = self.emit_setter_call(field, value);
                    if !contains_question_mark(setter.clone()) {
                        return setter;
                    }
                    // In the closure that sets options, `?` would return from the closure.
                    let method = ident(&field.name);
                    let variable = format_ident!("{}_value", field.name);
                    let value = self.emit_argument_value(field, value);
                    bindings.extend(quote!(let #variable = #value;));
                    quote!(.#method(#variable))
                })
                .collect();
            arguments.push(quote!(|#name| #name #setters));
        }
        (bindings, quote!(#client.#accessor(#(#handle_arguments),*).#method(#(#arguments),*)))
    }

    /// Emits the call of a setter: `.title("Ferry")`, or `.clear_title()` if the example clears the value.
    fn emit_setter_call(self, field: &Field, value: &ExampleValue) -> TokenStream {
        if *value == ExampleValue::Cleared {
            let clear = clear_method_ident(field);
            return quote!(.#clear());
        }
        let name = ident(&field.name);
        let value = self.emit_argument_value(field, value);
        quote!(.#name(#value))
    }

    /// Emits an expression for the argument of a field: a value, or the list of values if the field repeats.
    fn emit_argument_value(self, field: &Field, value: &ExampleValue) -> TokenStream {
        match value {
            ExampleValue::Many(values) => {
                let values: Vec<_> = values.iter().map(|value| self.emit_value(&field.kind, value)).collect();
                // The compiler cannot infer the item type of an empty array if the argument converts its items.
                if values.is_empty() && takes_into(&field.kind) {
                    let item_type = self.example_type(&field.kind);
                    return quote!(Vec::<#item_type>::new());
                }
                quote!([#(#values),*])
            }
            value => self.emit_value(&field.kind, value),
        }
    }

    /// Emits an expression for one value.
    fn emit_value(self, kind: &ValueKind, value: &ExampleValue) -> TokenStream {
        match (kind, value) {
            (ValueKind::Data(data_type), ExampleValue::Data(_, values)) => {
                self.emit_data_value(&self.api.types[data_type.0], values)
            }
            (ValueKind::Scalar(scalar), ExampleValue::Text(text)) => self.emit_scalar_value(scalar, text),
            // An absent value, or a value that does not fit the kind, which a checked schema does not have.
            _ => quote!(Default::default()),
        }
    }

    /// Emits a value of a data type: `NewNote::new().title("Ferry")`. If `From` converts the only required field and no
    /// other field is set, emits the value of that field.
    fn emit_data_value(self, data_type: &DataType, values: &[ExampleValue]) -> TokenStream {
        let name = ident(&data_type.name);
        let pairs = || data_type.fields.iter().zip(values);
        let required = pairs().filter(|(field, _)| field.presence == Presence::Required);
        let required: Vec<_> = required.map(|(field, value)| self.emit_argument_value(field, value)).collect();
        let options = pairs().filter(|(field, value)| field.presence != Presence::Required && is_present(value));
        let setters: Vec<_> = options.map(|(field, value)| self.emit_setter_call(field, value)).collect();
        match (sole_required_field(data_type), setters.is_empty()) {
            (Some(_), true) => quote!(#(#required)*),
            _ => quote!(#name::new(#(#required),*) #(#setters)*),
        }
    }

    /// Emits an expression for a scalar, from its text in the example.
    fn emit_scalar_value(self, scalar: &Scalar, text: &str) -> TokenStream {
        let text = if matches!(scalar, Scalar::String | Scalar::Text) { text } else { text.trim() };
        match scalar {
            Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret => quote!(#text),
            Scalar::Compact(time) => self.emit_scalar_value(time, &insert_separators(text)),
            Scalar::Date | Scalar::Decimal => quote!(#text.parse()?),
            Scalar::Utc | Scalar::Timestamp => {
                let time = text.trim_end_matches('Z').replace(' ', "T") + "Z";
                quote!(#time.parse()?)
            }
            Scalar::Local => {
                let time = text.replace(' ', "T");
                quote!(#time.parse()?)
            }
            Scalar::Integer => text.parse().unwrap_or_default(),
            Scalar::Bool | Scalar::Bit | Scalar::Flag => {
                let value = matches!(text, "true" | "1");
                quote!(#value)
            }
            Scalar::Words(item) => {
                let words = text.split_whitespace().map(|word| self.emit_scalar_value(item, word));
                quote!([#(#words),*])
            }
            Scalar::Phrases => {
                let phrases = split_phrases(text);
                quote!([#(#phrases),*])
            }
            Scalar::Id(id) => {
                let name = ident(&self.api.ids[id.0].name);
                let number: TokenStream = text.parse().unwrap_or_default();
                quote!(#name(#number))
            }
            Scalar::Enum(open_enum) => {
                let open_enum = &self.api.enums[open_enum.0];
                let name = ident(&open_enum.name);
                match open_enum.values.iter().find(|value| value.text == text) {
                    Some(value) => {
                        let value = ident(&value.name);
                        quote!(#name::#value)
                    }
                    None => quote!(#name::from(#text)),
                }
            }
        }
    }

    /// Returns the item type for an empty list, as users of the crate name it. The items of the argument are
    /// `impl Into<…>`: data types, enums, text and secrets. Text and secrets are converted from `String`.
    fn example_type(self, kind: &ValueKind) -> TokenStream {
        match kind {
            ValueKind::Data(data_type) => {
                let name = ident(&self.api.types[data_type.0].name);
                quote!(#name)
            }
            ValueKind::Scalar(Scalar::Enum(open_enum)) => {
                let name = ident(&self.api.enums[open_enum.0].name);
                quote!(#name)
            }
            ValueKind::Scalar(_) => quote!(String),
        }
    }
}

/// `true` if an example sets at least one optional value of an endpoint.
pub(super) fn sets_options(endpoint: &Endpoint, example: &Example) -> bool {
    let mut pairs = endpoint.fields.iter().zip(&example.values);
    pairs.any(|(field, value)| !is_argument(field) && is_present(value))
}

/// `true` if a setter is needed for the value. Optional lists are empty by default.
fn is_present(value: &ExampleValue) -> bool {
    !matches!(value, ExampleValue::Absent) && *value != ExampleValue::Many(Vec::new())
}

/// `true` if the tokens contain the operator `?`.
fn contains_question_mark(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Group(group) => contains_question_mark(group.stream()),
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}

/// Splits `a "b c" d` into its phrases.
fn split_phrases(text: &str) -> Vec<String> {
    let mut phrases = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            phrases.push(part.to_owned());
        } else {
            phrases.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    phrases
}

/// Formats the statements of an example. Tokens that are not valid Rust are returned without formatting.
fn print_statements(tokens: TokenStream) -> String {
    let Ok(file) = syn::parse2::<syn::File>(quote!(fn example() { #tokens })) else {
        return tokens.to_string();
    };
    let text = prettyplease::unparse(&file);
    // The first line is `fn example() {`, and the last one is `}`.
    let body = text.lines().skip(1).filter(|line| *line != "}");
    body.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::print_statements;

    #[test]
    fn formats_statements_without_a_function_around_them() {
        let text = print_statements(quote! { let a = b(|c| { d(c); e }); f(a); });
        assert_eq!(text, "let a = b(|c| {\n    d(c);\n    e\n});\nf(a);");
    }
}
