//! An example of the schema, as Rust and as it is on the wire.

use proc_macro2::TokenStream;
use quote::quote;

use super::data::only_required;
use super::endpoint::is_argument;
use super::handle::{Form, Side, method_name};
use super::rust::converts;
use super::{Emit, ident};
use crate::model::{
    DataType, Endpoint, EnvelopePart, Example, ExampleResponse, ExampleValue, Field, Presence, Scalar, Section,
    TokenSegment, ValueKind, Xml,
};

impl Emit<'_> {
    /// The first example that fits a method: one with options for a method that takes them, else one without.
    pub(super) fn example_for(self, endpoint: &Endpoint, with: bool) -> Option<&Example> {
        let has_options = |example: &&Example| {
            let mut pairs = endpoint.fields.iter().zip(&example.values);
            pairs.any(|(field, value)| !is_argument(field) && is_there(value))
        };
        let written = || endpoint.examples.iter().filter(|example| example.written);
        let fitting = written().find(|example| has_options(example) == with);
        fitting.or_else(|| written().find(has_options).filter(|_| with)).or_else(|| written().next())
    }

    /// A call that compiles, in a fence.
    pub(super) fn example_code(
        self,
        section: &Section,
        endpoint: &Endpoint,
        example: &Example,
        side: Side,
        form: Form,
    ) -> Vec<String> {
        let call = self.example_call(section, endpoint, example, form);
        let variable = endpoint.response.value.as_ref().map(|value| ident(&value.name));
        let (asynchronous, client_type) = match side {
            Side::Async => ("async ", "Client"),
            Side::Blocking => ("", "blocking::Client"),
        };
        let binding = variable.as_ref().map(|name| quote!(let #name =));
        let body = crate::format::statements(match (form.all, side) {
            (false, Side::Async) => quote!(#binding #call.await?;),
            (false, Side::Blocking) => quote!(#binding #call?;),
            (true, Side::Async) => quote! {
                let mut #variable = #call;
                while let Some(entry) = #variable.next().await {
                    let entry = entry?;
                    println!("{entry:?}");
                }
            },
            (true, Side::Blocking) => quote! {
                for entry in #call {
                    let entry = entry?;
                    println!("{entry:?}");
                }
            },
        });
        let hidden = format!("# use {}::*;", self.crate_name);
        let result = "Result<(), Box<dyn std::error::Error>>";
        let open = format!("# {asynchronous}fn example({}: {client_type}) -> {result} {{", self.api.name);
        let allow = endpoint.legacy.is_some().then(|| "# #[allow(deprecated)]".to_owned());
        let head = ["```no_run".to_owned(), hidden].into_iter().chain(allow).chain([open]);
        head.chain(body.lines().map(str::to_owned)).chain(["# Ok(())".into(), "# }".into(), "```".into()]).collect()
    }

    fn example_call(self, section: &Section, endpoint: &Endpoint, example: &Example, form: Form) -> TokenStream {
        let (client, accessor, method) = (ident(&self.api.name), ident(&section.name), method_name(endpoint, form));
        let pairs: Vec<(&Field, &ExampleValue)> = endpoint.fields.iter().zip(&example.values).collect();
        let held = |index: usize| endpoint.handle_fields.iter().any(|(_, field)| *field == index);
        let handle =
            endpoint.handle_fields.iter().map(|(_, field)| self.argument_value(pairs[*field].0, pairs[*field].1));
        let handle: Vec<_> = handle.collect();
        let given = pairs.iter().enumerate().filter(|(index, (field, _))| is_argument(field) && !held(*index));
        let mut arguments: Vec<_> = given.map(|(_, (field, value))| self.argument_value(field, value)).collect();
        if form.with {
            let number = endpoint.pagination.filter(|_| form.all).map(|pages| pages.number);
            let options = pairs.iter().enumerate().filter(|(index, _)| Some(*index) != number).map(|(_, pair)| pair);
            let options = options.filter(|(field, value)| !is_argument(field) && is_there(value));
            let setters: TokenStream = options.map(|(field, value)| self.setter_call(field, value)).collect();
            let name = ident(&endpoint.name);
            arguments.push(quote!(|#name| #name #setters));
        }
        quote!(#client.#accessor(#(#handle),*).#method(#(#arguments),*))
    }

    fn setter_call(self, field: &Field, value: &ExampleValue) -> TokenStream {
        let name = ident(&field.name);
        let value = self.argument_value(field, value);
        quote!(.#name(#value))
    }

    /// An expression that the argument for a field takes.
    fn argument_value(self, field: &Field, value: &ExampleValue) -> TokenStream {
        match value {
            ExampleValue::Many(values) => {
                let values: Vec<_> = values.iter().map(|value| self.kind_value(&field.kind, value)).collect();
                if values.is_empty() && converts(&field.kind) {
                    let kind = self.example_type(&field.kind);
                    return quote!(Vec::<#kind>::new());
                }
                quote!([#(#values),*])
            }
            value => self.kind_value(&field.kind, value),
        }
    }

    fn kind_value(self, kind: &ValueKind, value: &ExampleValue) -> TokenStream {
        match (kind, value) {
            (ValueKind::Data(of), ExampleValue::Data(_, values)) => self.data_value(&self.api.types[of.0], values),
            (ValueKind::Scalar(scalar), ExampleValue::Text(text)) => self.scalar_value(scalar, text),
            _ => quote!(Default::default()),
        }
    }

    /// `NewNote::new().title("Ferry")`, or only the value where the type is made from one.
    fn data_value(self, of: &DataType, values: &[ExampleValue]) -> TokenStream {
        let name = ident(&of.name);
        let pairs = || of.fields.iter().zip(values);
        let required = pairs().filter(|(field, _)| field.presence == Presence::Required);
        let required: Vec<_> = required.map(|(field, value)| self.argument_value(field, value)).collect();
        let options = pairs().filter(|(field, value)| field.presence != Presence::Required && is_there(value));
        let setters: Vec<_> = options.map(|(field, value)| self.setter_call(field, value)).collect();
        match (only_required(of), setters.is_empty()) {
            (Some(_), true) => quote!(#(#required)*),
            _ => quote!(#name::new(#(#required),*) #(#setters)*),
        }
    }

    fn scalar_value(self, scalar: &Scalar, text: &str) -> TokenStream {
        let text = if matches!(scalar, Scalar::String | Scalar::Text) { text } else { text.trim() };
        match scalar {
            Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret => quote!(#text),
            Scalar::Utc | Scalar::Timestamp => {
                let time = text.trim_end_matches('Z').replace(' ', "T") + "Z";
                quote!(#time.parse()?)
            }
            Scalar::Local => {
                let time = text.replace(' ', "T");
                quote!(#time.parse()?)
            }
            Scalar::Integer => text.parse().unwrap_or_default(),
            Scalar::Bool | Scalar::Flag => {
                let value = matches!(text, "true" | "1");
                quote!(#value)
            }
            Scalar::Words(of) => {
                let words = text.split_whitespace().map(|word| self.scalar_value(of, word));
                quote!([#(#words),*])
            }
            Scalar::Phrases => {
                let phrases = phrases(text);
                quote!([#(#phrases),*])
            }
            Scalar::Id(of) => {
                let name = ident(&self.api.ids[of.0].name);
                let number: TokenStream = text.parse().unwrap_or_default();
                quote!(#name(#number))
            }
            Scalar::Enum(of) => {
                let of = &self.api.enums[of.0];
                let name = ident(&of.name);
                match of.values.iter().find(|value| value.text == text) {
                    Some(value) => {
                        let value = ident(&value.name);
                        quote!(#name::#value)
                    }
                    None => quote!(#name::from(#text)),
                }
            }
        }
    }

    /// The type of a value, as a user of the crate names it.
    fn example_type(self, kind: &ValueKind) -> TokenStream {
        match kind {
            ValueKind::Data(of) => {
                let name = ident(&self.api.types[of.0].name);
                quote!(#name)
            }
            ValueKind::Scalar(Scalar::Enum(of)) => {
                let name = ident(&self.api.enums[of.0].name);
                quote!(#name)
            }
            ValueKind::Scalar(_) => quote!(String),
        }
    }

    /// Request and answer as text: indented for the eye, with `TOKEN` where the token goes.
    pub(super) fn example_wire(self, endpoint: &Endpoint, example: &Example) -> String {
        let style = &self.api.styles[endpoint.style.0];
        let mut text = format!("{} {}{}", endpoint.method.as_str(), self.prefix_text(endpoint), example.path);
        if let Some(name) = &style.query {
            text.push(if example.path.contains('?') { '&' } else { '?' });
            text.push_str(&format!("{name}=TOKEN"));
        }
        text.push('\n');
        if let Some(header) = &style.header {
            text.push_str(&format!("{}: {}TOKEN{}\n", header.name, header.before, header.after));
        }
        let token_in_body =
            style.request.as_ref().is_some_and(|parts| parts.iter().any(|part| matches!(part, EnvelopePart::Token(_))));
        if endpoint.request.is_some() || token_in_body {
            text.push('\n');
            let payload = example.request.as_deref().unwrap_or_default();
            enveloped(style.request.as_deref(), payload, &mut text);
        }
        if let Some(response) = &example.response {
            self.response_wire(endpoint, response, &mut text);
        }
        text.trim_end().to_owned()
    }

    fn response_wire(self, endpoint: &Endpoint, response: &ExampleResponse, text: &mut String) {
        text.push_str(&format!("\nHTTP/1.1 {}\n", response.status));
        if let Some(location) = &response.location {
            text.push_str(&format!("Location: {location}\n"));
        }
        let style = &self.api.styles[endpoint.style.0];
        let envelope = style.response.as_deref().filter(|_| endpoint.response.has_envelope && response.status != 204);
        if envelope.is_some() || !response.payload.is_empty() {
            text.push('\n');
            enveloped(envelope, &response.payload, text);
        }
    }

    /// What the style puts before a path: `/{token}`, in text `/TOKEN` for docs.
    pub(super) fn prefix_text(self, endpoint: &Endpoint) -> String {
        let prefix = self.api.styles[endpoint.style.0].prefix.iter();
        let segments = prefix.map(|segment| match segment {
            TokenSegment::Literal(text) => format!("/{text}"),
            TokenSegment::Token => "/TOKEN".to_owned(),
        });
        segments.collect()
    }
}

/// Whether a value has to be said: an empty list is what there is without a word.
fn is_there(value: &ExampleValue) -> bool {
    !matches!(value, ExampleValue::Absent) && *value != ExampleValue::Many(Vec::new())
}

/// The phrases of `a "b c" d`.
fn phrases(text: &str) -> Vec<String> {
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

/// A payload within its envelope, indented.
fn enveloped(envelope: Option<&[EnvelopePart]>, payload: &[Xml], out: &mut String) {
    let mut depth = 0;
    for part in envelope.unwrap_or(&[EnvelopePart::Payload]) {
        let start = |name: &str, attributes: &[(String, String)]| {
            let attributes: String =
                attributes.iter().map(|(name, value)| super::write::literal(name, value)).collect();
            format!("<{name}{attributes}")
        };
        match part {
            EnvelopePart::Open(name, attributes) => {
                line(depth, &format!("{}>", start(name, attributes)), out);
                depth += 1;
            }
            EnvelopePart::Close(name) => {
                depth -= 1;
                line(depth, &format!("</{name}>"), out);
            }
            EnvelopePart::Empty(name, attributes) => line(depth, &format!("{}/>", start(name, attributes)), out),
            EnvelopePart::Token(name) => line(depth, &format!("<{name}>TOKEN</{name}>"), out),
            EnvelopePart::Payload => payload.iter().for_each(|xml| indented(xml, depth, out)),
        }
    }
}

fn line(depth: usize, text: &str, out: &mut String) {
    out.push_str(&"  ".repeat(depth));
    out.push_str(text);
    out.push('\n');
}

fn indented(xml: &Xml, depth: usize, out: &mut String) {
    let attributes: String = xml.attributes.iter().map(|(name, value)| super::write::literal(name, value)).collect();
    let start = format!("<{}{attributes}", xml.name);
    if xml.children.is_empty() && xml.text.is_empty() {
        return line(depth, &format!("{start}/>"), out);
    }
    if xml.children.is_empty() {
        let text = xml.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        return line(depth, &format!("{start}>{text}</{}>", xml.name), out);
    }
    line(depth, &format!("{start}>"), out);
    xml.children.iter().for_each(|child| indented(child, depth + 1, out));
    line(depth, &format!("</{}>", xml.name), out);
}
