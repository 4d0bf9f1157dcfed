//! A shape as code that reads an answer: one pass, what is known by name is taken, the rest is skipped
//! and counted.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::{Emit, ident};
use crate::model::{Attribute, Content, DataType, Element, Field, Hole, Presence, ValueKind};

/// An element as reading sees it: shapes that are read side by side, laid over each other.
#[derive(Default)]
struct Place {
    name: String,
    attributes: Vec<(String, Hole)>,
    /// Attributes that nobody reads.
    literals: Vec<String>,
    content: Option<Hole>,
    children: Vec<Place>,
}

impl Place {
    fn add(&mut self, element: &Element) {
        for attribute in &element.attributes {
            match attribute {
                Attribute::Hole { name, hole } => self.attributes.push((name.clone(), *hole)),
                Attribute::Literal { name, .. } => self.literals.push(name.clone()),
            }
        }
        match &element.content {
            Content::Empty => {}
            Content::Hole(hole) => self.content = Some(*hole),
            Content::Elements(elements) => self.add_children(elements),
        }
    }

    fn add_children(&mut self, elements: &[Element]) {
        for element in elements {
            let index = self.children.iter().position(|child| child.name == element.name).unwrap_or_else(|| {
                self.children.push(Place { name: element.name.clone(), ..Place::default() });
                self.children.len() - 1
            });
            self.children[index].add(element);
        }
    }

    /// Where each field stands first, as a path below this element: `@id`, `creator`, `widget/@type`.
    fn paths(&self, prefix: &str, paths: &mut [Option<String>]) {
        let below = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        let mut put = |hole: &Hole, path: String| {
            if hole.rank == 0 {
                paths[hole.field].get_or_insert(path);
            }
        };
        for (name, hole) in &self.attributes {
            put(hole, below(&format!("@{name}")));
        }
        if let Some(hole) = &self.content {
            put(hole, prefix.to_owned());
        }
        for child in &self.children {
            child.paths(&below(&child.name), paths);
        }
    }
}

/// Reading code on its way.
struct Reading<'a> {
    emit: Emit<'a>,
    fields: &'a [Field],
    /// How many elements have been given a bit in `seen`.
    seen: u32,
    /// Fields that are bound where they are read, since that is the one place and always passed.
    bound: Vec<usize>,
}

impl Emit<'_> {
    /// ```text
    /// impl read::ReadXml for Note {
    ///     fn read(xml: &mut xml::Reader<'_>) -> Result<Self, read::ReadError> { … }
    /// }
    /// ```
    pub(super) fn read_xml(self, of: &DataType) -> TokenStream {
        let mut root = Place::default();
        root.add(&of.shape);
        of.also.iter().for_each(|shape| root.add(shape));
        let type_name = ident(&of.name);
        let (steps, values) = Reading::new(self, &of.fields).element_with_values(&root);
        let names = of.fields.iter().map(|field| ident(&field.name));
        let required = of.fields.iter().map(|field| field.must_be_present().then(|| quote!(?)));
        let values = names
            .zip(values)
            .zip(required)
            .map(|((name, value), mark)| super::field_value(&name, &quote!(#value #mark)));
        quote! {
            impl read::ReadXml for #type_name {
                fn read(xml: &mut xml::Reader<'_>) -> Result<Self, read::ReadError> {
                    #steps
                    Ok(Self { #(#values),* })
                }
            }
        }
    }

    /// Reads the elements of a payload and yields its one value. Without an envelope, the root must be the one due.
    pub(super) fn read_payload(self, value: &Field, elements: &[Element], envelope: bool) -> TokenStream {
        let fields = std::slice::from_ref(value);
        let mut root = Place::default();
        root.add_children(elements);
        let mut reading = Reading::new(self, fields);
        let steps = if envelope { reading.children(&root, None) } else { reading.document(&root) };
        let (before, mut values) = reading.around(&root);
        let result = match values.pop() {
            Some(required) if value.must_be_present() => required,
            value => quote!(Ok(#value)),
        };
        quote! {
            #before
            #steps
            #result
        }
    }

    /// Reads a document that means failure into the runtime's `Failure`.
    pub(super) fn read_failure(self, fields: &[Field], shape: &Element) -> TokenStream {
        let mut root = Place::default();
        root.add_children(std::slice::from_ref(shape));
        let mut reading = Reading::new(self, fields);
        let steps = reading.document(&root);
        let (before, values) = reading.around(&root);
        let names = fields.iter().map(|field| ident(&field.name));
        quote! {
            #before
            #steps
            Ok(service::Failure { #(#names: #values?),* })
        }
    }
}

impl<'a> Reading<'a> {
    fn new(emit: Emit<'a>, fields: &'a [Field]) -> Self {
        Self { emit, fields, seen: 0, bound: Vec::new() }
    }

    /// Everything for a type's root: what comes before, the steps, and an expression for each field.
    fn element_with_values(mut self, root: &Place) -> (TokenStream, Vec<TokenStream>) {
        let root_content =
            root.content.filter(|hole| root.children.is_empty() && self.fields[hole.field].positions == 1);
        self.bound.extend(root_content.map(|hole| hole.field));
        let steps = self.element(root);
        let (before, values) = self.around(root);
        (quote!(#before #steps), values)
    }

    /// The bindings before the steps, and after them an expression for each field.
    fn around(&self, root: &Place) -> (TokenStream, Vec<TokenStream>) {
        let mut paths = vec![None; self.fields.len()];
        root.paths("", &mut paths);
        let bindings =
            self.fields.iter().enumerate().filter(|(index, _)| !self.bound.contains(index)).map(|(_, field)| {
                let name = local(field);
                match field.presence {
                    Presence::Many | Presence::ManyOrAbsent => quote!(let mut #name = Vec::new();),
                    _ if field.positions > 1 => quote!(let mut #name = read::Ranked::default();),
                    _ => quote!(let mut #name = None;),
                }
            });
        let seen = (self.seen > 0).then(|| quote!(let mut seen = read::Seen::default();));
        let required = self.fields.iter().any(Field::must_be_present);
        let at = required.then(|| quote!(let at = xml.start();));
        let values = self.fields.iter().zip(paths).map(|(field, path)| self.value(field, &path.unwrap_or_default()));
        (quote!(#at #seen #(#bindings)*), values.collect())
    }

    /// `read::required(id, at, "@id")`: a `Result` if the field must be there.
    fn value(&self, field: &Field, path: &str) -> TokenStream {
        let name = local(field);
        let found = match &field.kind {
            ValueKind::Scalar(scalar) if field.positions > 1 => {
                let codec = self.emit.codec(scalar);
                quote!(#name.read::<#codec>()?)
            }
            _ => quote!(#name),
        };
        match field.presence {
            Presence::Required if !field.must_be_present() => quote!(#found.unwrap_or_default()),
            Presence::Required => quote!(read::required(#found, at, #path)),
            Presence::Many | Presence::ManyOrAbsent => quote!(read::fitted(#found)),
            Presence::Optional | Presence::Nil => found,
        }
    }

    /// Reads the element just entered, and leaves it.
    fn element(&mut self, place: &Place) -> TokenStream {
        let attributes =
            if place.attributes.is_empty() { self.other_attributes(place) } else { self.attributes(place) };
        let content = match place.content {
            None if place.children.is_empty() => quote!(xml.leave()?;),
            None => self.children(place, None),
            Some(hole) if place.children.is_empty() => self.content(hole),
            Some(hole) => self.children(place, Some(hole)),
        };
        quote!(#attributes #content)
    }

    /// Of an element without attributes to read: `xml.literals(&["kind"]); xml.other_attributes();`. What reads a value
    /// that is the whole content looks at them itself.
    fn other_attributes(&self, place: &Place) -> TokenStream {
        let mut names: Vec<_> = place.literals.iter().filter(|name| !matches!(name.as_str(), "type" | "nil")).collect();
        names.sort_unstable();
        names.dedup();
        let literals = (!names.is_empty()).then(|| quote!(xml.literals(&[#(#names),*]);));
        let is_value = place.content.is_some() && place.children.is_empty();
        let others = (!is_value).then(|| quote!(xml.other_attributes();));
        quote!(#literals #others)
    }

    /// ```text
    /// while let Some(attribute) = xml.attribute() {
    ///     match attribute.name {
    ///         "id" => id = attribute.scalar::<api::NoteId>()?,
    ///         _ => xml.unknown_attribute(attribute.name),
    ///     }
    /// }
    /// ```
    fn attributes(&self, place: &Place) -> TokenStream {
        let arms = place.attributes.iter().map(|(name, hole)| {
            let field = &self.fields[hole.field];
            let local = local(field);
            let rank = Literal::u8_unsuffixed(hole.rank);
            let take = match &field.kind {
                _ if field.positions > 1 => quote!(#local.put(#rank, attribute.offset(), Some(attribute.value()))),
                ValueKind::Scalar(scalar) => {
                    let codec = self.emit.codec(scalar);
                    quote!(#local = attribute.scalar::<#codec>()?)
                }
                ValueKind::Data(_) => TokenStream::new(),
            };
            (name, take)
        });
        let (names, takes): (Vec<_>, Vec<_>) = arms.unzip();
        let mut literals: Vec<_> = place.literals.iter().filter(|literal| !names.contains(literal)).collect();
        literals.sort_unstable();
        literals.dedup();
        let literals = (!literals.is_empty()).then(|| quote!(#(#literals)|* => {}));
        quote! {
            while let Some(attribute) = xml.attribute() {
                match attribute.name {
                    #(#names => #takes,)*
                    #literals
                    _ => xml.unknown_attribute(attribute.name),
                }
            }
        }
    }

    /// The whole content of the element just entered: `body = xml.scalar::<scalar::Text>()?;`
    fn content(&self, hole: Hole) -> TokenStream {
        let field = &self.fields[hole.field];
        let local = local(field);
        let rank = Literal::u8_unsuffixed(hole.rank);
        let value = match &field.kind {
            _ if field.positions > 1 => return quote!(#local.put(#rank, xml.start(), xml.nillable_text()?);),
            ValueKind::Scalar(scalar) => {
                let codec = self.emit.codec(scalar);
                quote!(xml.scalar::<#codec>()?)
            }
            ValueKind::Data(_) => {
                let data = self.emit.value_type(&field.kind);
                if field.presence.is_optional() {
                    quote!(xml.optional_data::<#data>()?)
                } else {
                    quote!(xml.data::<#data>()?)
                }
            }
        };
        match field.presence {
            Presence::Many | Presence::ManyOrAbsent => quote!(#local.extend(#value);),
            _ if self.bound.contains(&hole.field) => quote!(let #local = #value;),
            _ => quote!(#local = #value;),
        }
    }

    /// ```text
    /// while let Some(child) = xml.child()? {
    ///     match child {
    ///         "position" if seen.first(0) => …,
    ///         _ => xml.skip_unknown()?,
    ///     }
    /// }
    /// ```
    /// With `beside`, the element's own text is a value too.
    fn children(&mut self, place: &Place, beside: Option<Hole>) -> TokenStream {
        let arms: Vec<_> = place.children.iter().map(|child| self.arm(child)).collect();
        let Some(hole) = beside else {
            return quote! {
                while let Some(child) = xml.child()? {
                    match child {
                        #(#arms)*
                        _ => xml.skip_unknown()?,
                    }
                }
            };
        };
        let local = local(&self.fields[hole.field]);
        let rank = Literal::u8_unsuffixed(hole.rank);
        quote! {
            let start = xml.start();
            let mut text = std::borrow::Cow::default();
            let mut elements = false;
            while let Some(child) = xml.child_and_text(&mut text)? {
                elements = true;
                match child {
                    #(#arms)*
                    _ => xml.skip_unknown()?,
                }
            }
            #local.put_beside(#rank, start, text, elements);
        }
    }

    /// As [`Reading::children`], for a document: its root must be the one due.
    fn document(&mut self, root: &Place) -> TokenStream {
        let expected = root.children.first().map_or("", |child| child.name.as_str());
        let arms: Vec<_> = root.children.iter().map(|child| self.arm(child)).collect();
        quote! {
            while let Some(child) = xml.child()? {
                match child {
                    #(#arms)*
                    _ => return Err(read::unexpected_root(xml, #expected)),
                }
            }
        }
    }

    fn arm(&mut self, child: &Place) -> TokenStream {
        let name = &child.name;
        let repeats = child.content.is_some_and(|hole| self.fields[hole.field].presence.is_many());
        let guard = (!repeats).then(|| {
            let bit = Literal::u32_unsuffixed(self.seen);
            self.seen += 1;
            quote!(if seen.first(#bit))
        });
        let body = self.element(child);
        quote!(#name #guard => { #body })
    }
}

/// What generated readers call their own things.
const TAKEN: &[&str] = &["answer", "at", "attribute", "child", "elements", "seen", "start", "text", "xml"];

/// The variable that holds a field's value while it is read.
fn local(field: &Field) -> Ident {
    if TAKEN.contains(&field.name.as_str()) { format_ident!("{}_", field.name) } else { ident(&field.name) }
}
