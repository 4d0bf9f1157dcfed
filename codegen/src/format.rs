//! Formats tokens as the text of a file. This module is independent of the schema.
//!
//! prettyplease prints Rust, but without blank lines between the items:
//!
//! ```text
//! struct Note;                 struct Note;
//! impl Note {
//!     fn first() {}      →     impl Note {
//!     fn second() {}               fn first() {}
//! }
//!                                  fn second() {}
//!                              }
//! ```
//!
//! prettyplease prints whole files only, and does not tell where an item ends. So this module prints a file several
//! times for each container of items: the file itself, a module, an `impl` or a trait.
//!
//! 1. It prints the file with a marker in place of the items. The marker splits the text into the text before the items
//!    and the text after them.
//! 2. It prints the file with only the first item, then with only the second, and so on. Without the text before and
//!    after, each is the text of one item, with the right indentation and line width.
//! 3. It puts these texts together, with blank lines between them.
//!
//! Last, it joins lines that prettyplease has broken too early: see [`join`].

mod join;

use std::mem;

use proc_macro2::TokenStream;
use syn::parse::Parse;
use syn::{File, ImplItem, Item, ItemMod, TraitItem};

/// Formats a Rust file: the notice as a comment, the inner documentation, the inner attributes and the items. Blank
/// lines separate these parts and the items.
///
/// Tokens that are not Rust are a bug in an emitter. They are printed without formatting, so that the compiler shows
/// the error.
pub(crate) fn format_rust_file(notice: &str, tokens: TokenStream) -> String {
    let header = format!("// {notice}");
    let Ok(mut file) = syn::parse2::<File>(tokens.clone()) else {
        return format!("{header}\n\n{tokens}\n");
    };
    let (docs, attributes) =
        mem::take(&mut file.attrs).into_iter().partition(|attribute| attribute.path().is_ident("doc"));
    let print = |attrs| prettyplease::unparse(&File { shebang: None, frontmatter: None, attrs, items: Vec::new() });
    let items = print_with_blank_lines(&mut file, &|file| Some(&mut file.items));
    let parts = [header, print(docs), print(attributes), join::join_lines(&items)];
    let parts = parts.iter().map(|part| part.trim_end()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n") + "\n"
}

/// Formats a Markdown file: the notice as a comment, and the text.
pub(crate) fn format_markdown_file(notice: &str, text: &str) -> String {
    format!("<!-- {notice} -->\n\n{}\n", text.trim_end())
}

/// Function that returns the members of one container in a file. It finds the container again in each call, because
/// printing needs the whole file in between. Returns `None` if the file has no such container.
type MembersOf<'a, M> = &'a dyn for<'f> Fn(&'f mut File) -> Option<&'f mut Vec<M>>;

/// Prints a file, with blank lines between the members of one container. The file is unchanged afterwards.
fn print_with_blank_lines<M: Member>(file: &mut File, members_of: MembersOf<'_, M>) -> String {
    let members = members_of(file).map(mem::take).unwrap_or_default();
    let text_around = if members.is_empty() { None } else { print_around(file, members_of) };
    let mut printed_members = Vec::new();
    // The members that have been printed, to be put back into the file.
    let mut finished: Vec<M> = Vec::new();
    for member in members {
        let needs_blank_line =
            finished.last().is_some_and(|last| last.group().is_none() || last.group() != member.group());
        // The container has this member only, while the file is printed.
        if let Some(members) = members_of(file) {
            members.push(member);
        }
        let file_text = M::print_inner(file, members_of).unwrap_or_else(|| prettyplease::unparse(file));
        finished.extend(members_of(file).and_then(Vec::pop));
        printed_members.push(PrintedMember { needs_blank_line, file_text });
    }
    if let Some(members) = members_of(file) {
        *members = finished;
    }
    // Without members, or without the text around them, the file is printed as a whole.
    text_around.and_then(|around| around.insert(&printed_members)).unwrap_or_else(|| prettyplease::unparse(file))
}

/// A file that was printed with a single member in its container.
struct PrintedMember {
    /// `true` if a blank line precedes the member. `false` if it is the first member, or in the group of the member
    /// before it.
    needs_blank_line: bool,
    /// The text of the whole file.
    file_text: String,
}

/// The text of a file before and after the members of a container.
struct TextAround {
    before: String,
    after: String,
}

/// Prints a file whose container is empty, and returns the text around the place of its members. Returns `None` if the
/// file has no such container.
fn print_around<M: Member>(file: &mut File, members_of: MembersOf<'_, M>) -> Option<TextAround> {
    /// The only member of the container while the file is printed.
    const MARKER: &str = "const MEMBERS_GO_HERE: () = ();";
    members_of(file)?.push(syn::parse_str(MARKER).ok()?);
    let file_text = prettyplease::unparse(file);
    members_of(file)?.pop();
    let (before, after) = file_text.split_once(MARKER)?;
    // The indentation and the line break of the marker belong to each member.
    Some(TextAround { before: before.trim_end_matches(' ').to_owned(), after: after.strip_prefix('\n')?.to_owned() })
}

impl TextAround {
    /// Returns the text of the file with all members. Returns `None` if the text of a printed file does not begin with
    /// `before` or does not end with `after`.
    fn insert(&self, members: &[PrintedMember]) -> Option<String> {
        let mut text = self.before.clone();
        for member in members {
            if member.needs_blank_line {
                text.push('\n');
            }
            text.push_str(member.file_text.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?);
        }
        Some(text + &self.after)
    }
}

/// A member of a container: an item of a file or module, of an `impl`, or of a trait.
trait Member: Parse {
    /// Returns the group of the member. Members of one group are printed without blank lines between them. `None` if
    /// the member always has blank lines around it.
    fn group(&self) -> Option<Group>;

    /// Prints a file whose container has exactly one member, which is a container itself: a module with a body, an
    /// `impl` or a trait. Blank lines separate the members of the inner container. Returns `None` for other members.
    fn print_inner(file: &mut File, members_of: MembersOf<'_, Self>) -> Option<String>;
}

/// A group of members that are printed without blank lines between them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    /// Imports.
    Use,
    /// Modules in files of their own.
    Mod,
    /// Types and constants of an `impl` or a trait.
    Associated,
}

impl Member for Item {
    fn group(&self) -> Option<Group> {
        match self {
            Item::Use(_) => Some(Group::Use),
            Item::Mod(ItemMod { content: None, .. }) => Some(Group::Mod),
            _ => None,
        }
    }

    fn print_inner(file: &mut File, members_of: MembersOf<'_, Self>) -> Option<String> {
        match members_of(file)?.last()? {
            Item::Mod(ItemMod { content: Some(_), .. }) => {
                Some(print_with_blank_lines(file, &|file| match members_of(file)?.last_mut()? {
                    Item::Mod(ItemMod { content: Some((_, items)), .. }) => Some(items),
                    _ => None,
                }))
            }
            Item::Impl(_) => Some(print_with_blank_lines(file, &|file| match members_of(file)?.last_mut()? {
                Item::Impl(item) => Some(&mut item.items),
                _ => None,
            })),
            Item::Trait(_) => Some(print_with_blank_lines(file, &|file| match members_of(file)?.last_mut()? {
                Item::Trait(item) => Some(&mut item.items),
                _ => None,
            })),
            _ => None,
        }
    }
}

impl Member for ImplItem {
    fn group(&self) -> Option<Group> {
        match self {
            ImplItem::Type(_) | ImplItem::Const(_) => Some(Group::Associated),
            _ => None,
        }
    }

    fn print_inner(_: &mut File, _: MembersOf<'_, Self>) -> Option<String> {
        None
    }
}

impl Member for TraitItem {
    fn group(&self) -> Option<Group> {
        match self {
            TraitItem::Type(_) | TraitItem::Const(_) => Some(Group::Associated),
            _ => None,
        }
    }

    fn print_inner(_: &mut File, _: MembersOf<'_, Self>) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{format_markdown_file, format_rust_file};

    const NOTICE: &str = "@generated by hand. Do not edit.";

    /// Formats tokens, and checks that the result does not change when it is formatted again.
    fn format(tokens: proc_macro2::TokenStream) -> String {
        let text = format_rust_file(NOTICE, tokens);
        let reformatted = format_rust_file(NOTICE, text.parse().unwrap());
        assert_eq!(reformatted, text, "formatting is idempotent");
        text
    }

    #[test]
    fn puts_blank_lines_between_items() {
        let text = format(quote! {
            #![doc = " The first line."]
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

//! The first line.
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
    fn puts_blank_lines_into_nested_blocks() {
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
    fn counts_the_indentation_as_width() {
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
    fn markdown_starts_with_the_notice() {
        let text = format_markdown_file(
            NOTICE, "# Errors

None.

",
        );
        assert_eq!(
            text,
            "<!-- @generated by hand. Do not edit. -->

# Errors

None.
"
        );
    }

    #[test]
    fn formats_an_empty_file() {
        assert_eq!(format(quote! {}), "// @generated by hand. Do not edit.\n");
    }

    #[test]
    fn prints_tokens_that_are_not_rust_without_formatting() {
        assert_eq!(format_rust_file(NOTICE, quote! { fn fn }), "// @generated by hand. Do not edit.\n\nfn fn\n");
    }
}
