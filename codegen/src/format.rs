//! Tokens to the text of a file.
//!
//! prettyplease does the work, but sets no blank lines between items. So each item is printed by itself, in the place
//! where it stands: inside its modules and its `impl`, so that indentation and width are right. Then they are joined.
//! Knows Rust and nothing of the schema.

use std::mem;

use proc_macro2::TokenStream;
use syn::parse::Parse;
use syn::{File, ImplItem, Item, ItemMod, TraitItem};

/// The text of a file: the header, a comment line; the inner documentation; the items with blank lines between them.
///
/// Tokens that are no Rust are a mistake in an emitter. Their text is returned as it is, for the compiler to show.
pub(crate) fn file(header: &str, tokens: TokenStream) -> String {
    let Ok(mut file) = syn::parse2::<File>(tokens.clone()) else {
        return format!("{header}\n\n{tokens}\n");
    };
    let (docs, attributes) =
        mem::take(&mut file.attrs).into_iter().partition(|attribute| attribute.path().is_ident("doc"));
    let inner = |attrs| prettyplease::unparse(&File { shebang: None, frontmatter: None, attrs, items: Vec::new() });
    let items = join(&mut file, &|file| Some(&mut file.items));
    let parts = [header.to_owned(), inner(docs), inner(attributes), items];
    let parts = parts.iter().map(|part| part.trim_end()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n") + "\n"
}

/// The text of statements, for an example in documentation.
pub(crate) fn statements(tokens: TokenStream) -> String {
    let Ok(file) = syn::parse2::<File>(quote::quote!(fn example() { #tokens })) else {
        return tokens.to_string();
    };
    let text = prettyplease::unparse(&file);
    let body = text.lines().skip(1).filter(|line| *line != "}");
    body.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Where in a file the members of a block stand.
type Place<'a, M> = &'a dyn for<'f> Fn(&'f mut File) -> Option<&'f mut Vec<M>>;

/// Prints a file, with blank lines between the members in this place. The file is the same afterwards.
fn join<M: Member>(file: &mut File, place: Place<'_, M>) -> String {
    let members = place(file).map(mem::take).unwrap_or_default();
    let frame = frame(file, place).filter(|_| !members.is_empty());
    let mut blocks = Vec::new();
    let mut done: Vec<M> = Vec::new();
    for member in members {
        let together = done.last().is_none_or(|last| last.family().is_some() && last.family() == member.family());
        if let Some(place) = place(file) {
            place.push(member);
        }
        let printed = M::block(file, place).unwrap_or_else(|| prettyplease::unparse(file));
        done.extend(place(file).and_then(Vec::pop));
        blocks.push((together, printed));
    }
    if let Some(place) = place(file) {
        *place = done;
    }
    frame.and_then(|frame| frame.around(&blocks)).unwrap_or_else(|| prettyplease::unparse(file))
}

/// What is printed before and after the members in a place.
struct Frame {
    before: String,
    after: String,
}

/// Finds the frame of a place without members, by printing a mark there.
fn frame<M: Member>(file: &mut File, place: Place<'_, M>) -> Option<Frame> {
    const MARK: &str = "const THE_MEMBERS_STAND_HERE: () = ();";
    place(file)?.push(syn::parse_str(MARK).ok()?);
    let printed = prettyplease::unparse(file);
    place(file)?.pop();
    let (before, after) = printed.split_once(MARK)?;
    Some(Frame { before: before.trim_end_matches(' ').to_owned(), after: after.strip_prefix('\n')?.to_owned() })
}

impl Frame {
    /// Takes the frame away from each member, and puts it around all of them.
    fn around(&self, members: &[(bool, String)]) -> Option<String> {
        let mut text = self.before.clone();
        for (together, printed) in members {
            if !together {
                text.push('\n');
            }
            text.push_str(printed.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?);
        }
        Some(text + &self.after)
    }
}

/// What stands with others in a file or a block.
trait Member: Parse {
    /// The family of short members that stay together, without blank lines.
    fn family(&self) -> Option<Family>;

    /// Prints a file, with blank lines inside the only member in this place. `None`: it has no members.
    fn block(file: &mut File, place: Place<'_, Self>) -> Option<String>;
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Use,
    Mod,
    Type,
    Const,
}

impl Member for Item {
    fn family(&self) -> Option<Family> {
        match self {
            Item::Use(_) => Some(Family::Use),
            Item::Mod(ItemMod { content: None, .. }) => Some(Family::Mod),
            _ => None,
        }
    }

    fn block(file: &mut File, place: Place<'_, Self>) -> Option<String> {
        match place(file)?.last()? {
            Item::Mod(ItemMod { content: Some(_), .. }) => Some(join(file, &|file| match place(file)?.last_mut()? {
                Item::Mod(ItemMod { content: Some((_, items)), .. }) => Some(items),
                _ => None,
            })),
            Item::Impl(_) => Some(join(file, &|file| match place(file)?.last_mut()? {
                Item::Impl(item) => Some(&mut item.items),
                _ => None,
            })),
            Item::Trait(_) => Some(join(file, &|file| match place(file)?.last_mut()? {
                Item::Trait(item) => Some(&mut item.items),
                _ => None,
            })),
            _ => None,
        }
    }
}

impl Member for ImplItem {
    fn family(&self) -> Option<Family> {
        match self {
            ImplItem::Type(_) => Some(Family::Type),
            ImplItem::Const(_) => Some(Family::Const),
            _ => None,
        }
    }

    fn block(_: &mut File, _: Place<'_, Self>) -> Option<String> {
        None
    }
}

impl Member for TraitItem {
    fn family(&self) -> Option<Family> {
        match self {
            TraitItem::Type(_) => Some(Family::Type),
            TraitItem::Const(_) => Some(Family::Const),
            _ => None,
        }
    }

    fn block(_: &mut File, _: Place<'_, Self>) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{file, statements};

    const HEADER: &str = "// @generated by hand. Do not edit.";

    fn format(tokens: proc_macro2::TokenStream) -> String {
        let text = file(HEADER, tokens);
        let again = file(HEADER, text.parse().unwrap());
        assert_eq!(again, text, "a second format changes nothing");
        text
    }

    #[test]
    fn items_have_blank_lines_between_them() {
        let text = format(quote! {
            #![doc = " What this is."]
            #![doc = ""]
            #![doc = " And more."]
            #![deny(missing_docs)]
            use a::b;
            use c::d;
            mod e;
            pub mod f;
            #[doc = " One."]
            #[doc = " Two."]
            pub struct G { h: u8, #[doc = " Three."] i: u8 }
            impl G {
                const J: u8 = 1;
                const K: u8 = 2;
                type L = u8;
                #[doc = " Four."]
                fn m(&self) { let n = 1; n }
                fn o() {}
            }
        });
        let expected = "\
// @generated by hand. Do not edit.

//! What this is.
//!
//! And more.

#![deny(missing_docs)]

use a::b;
use c::d;

mod e;
pub mod f;

/// One.
/// Two.
pub struct G {
    h: u8,
    /// Three.
    i: u8,
}

impl G {
    const J: u8 = 1;
    const K: u8 = 2;

    type L = u8;

    /// Four.
    fn m(&self) {
        let n = 1;
        n
    }

    fn o() {}
}
";
        assert_eq!(text, expected);
    }

    #[test]
    fn blocks_nest() {
        let text = format(quote! {
            #[cfg(test)]
            mod a {
                #![doc = " Inside."]
                use b::c;
                mod d {
                    impl<T> E for F<T> where T: Clone {
                        fn g() {}
                        fn h() {}
                    }
                    trait I { fn j(); fn k() {} }
                }
                mod l {}
            }
        });
        let expected = "\
// @generated by hand. Do not edit.

#[cfg(test)]
mod a {
    //! Inside.
    use b::c;

    mod d {
        impl<T> E for F<T>
        where
            T: Clone,
        {
            fn g() {}

            fn h() {}
        }

        trait I {
            fn j();

            fn k() {}
        }
    }

    mod l {}
}
";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_width_counts_the_indentation() {
        let text = format(quote! {
            impl A {
                fn b() {
                    let value = first_function_of_the_chain(one_argument, another_argument).second_of(it);
                }
                fn c() {}
            }
        });
        assert!(text.lines().all(|line| line.len() <= 90), "{text}");
        assert!(text.contains("    }\n\n    fn c() {}\n"), "{text}");
    }

    #[test]
    fn statements_stand_alone() {
        let text = statements(quote! { let a = b(|c| { d(c); e }); f(a); });
        assert_eq!(text, "let a = b(|c| {\n    d(c);\n    e\n});\nf(a);");
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(format(quote! {}), "// @generated by hand. Do not edit.\n");
    }

    #[test]
    fn what_is_no_rust_is_shown_as_it_is() {
        assert_eq!(file(HEADER, quote! { fn fn }), "// @generated by hand. Do not edit.\n\nfn fn\n");
    }
}
