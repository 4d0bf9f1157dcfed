//! Formats tokens as the text of a file.
//!
//! prettyplease prints Rust, but puts no blank lines between items. Therefore each item is printed by itself, at its
//! position in the file (within its modules and its `impl`), which gives it the right indentation and width. The
//! printed items are then put together with blank lines. Last, lines that were broken too early are joined: see
//! [`join`].
//!
//! This module is independent of the schema.

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
    let items = print_members(&mut file, &|file| Some(&mut file.items));
    let parts = [header, print(docs), print(attributes), join::join_lines(&items)];
    let parts = parts.iter().map(|part| part.trim_end()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n") + "\n"
}

/// Formats a Markdown file: the notice as a comment, and the text.
pub(crate) fn format_markdown_file(notice: &str, text: &str) -> String {
    format!("<!-- {notice} -->\n\n{}\n", text.trim_end())
}

/// Function that finds the members of one block (a file, a module, an `impl`, a trait) in a file. Returns `None` if the
/// file has no such block.
type Block<'a, M> = &'a dyn for<'f> Fn(&'f mut File) -> Option<&'f mut Vec<M>>;

/// Prints a file, with blank lines between the members of a block. The file is unchanged afterwards.
fn print_members<M: Member>(file: &mut File, block: Block<'_, M>) -> String {
    let members = block(file).map(mem::take).unwrap_or_default();
    // The frame is the text of the file around the block. Without members or a frame, the file is printed as a whole.
    let frame = find_frame(file, block).filter(|_| !members.is_empty());
    let mut printed_members = Vec::new();
    let mut printed: Vec<M> = Vec::new();
    for member in members {
        let is_grouped = printed.last().is_none_or(|last| last.group().is_some() && last.group() == member.group());
        if let Some(members) = block(file) {
            members.push(member);
        }
        let text = M::print_inner(file, block).unwrap_or_else(|| prettyplease::unparse(file));
        printed.extend(block(file).and_then(Vec::pop));
        printed_members.push(PrintedMember { is_grouped, text });
    }
    if let Some(members) = block(file) {
        *members = printed;
    }
    frame.and_then(|frame| frame.assemble(&printed_members)).unwrap_or_else(|| prettyplease::unparse(file))
}

/// One member of a block, printed together with the rest of the file.
struct PrintedMember {
    /// `true` if no blank line precedes the member: it is the first in its block, or in the group of the one
    /// before it.
    is_grouped: bool,
    /// The text of the whole file.
    text: String,
}

/// Text of a file that is printed before and after the members of a block.
struct Frame {
    before: String,
    after: String,
}

/// Finds the frame of an empty block by printing a marker in it. Returns `None` if the file has no such block.
fn find_frame<M: Member>(file: &mut File, block: Block<'_, M>) -> Option<Frame> {
    const MARKER: &str = "const MEMBERS_GO_HERE: () = ();";
    block(file)?.push(syn::parse_str(MARKER).ok()?);
    let printed = prettyplease::unparse(file);
    block(file)?.pop();
    let (before, after) = printed.split_once(MARKER)?;
    Some(Frame { before: before.trim_end_matches(' ').to_owned(), after: after.strip_prefix('\n')?.to_owned() })
}

impl Frame {
    /// Removes the frame from each member, and puts it around all of them. Returns `None` if a member was printed
    /// without the frame.
    fn assemble(&self, members: &[PrintedMember]) -> Option<String> {
        let mut text = self.before.clone();
        for member in members {
            if !member.is_grouped {
                text.push('\n');
            }
            text.push_str(member.text.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?);
        }
        Some(text + &self.after)
    }
}

/// An item of a file, a module, an `impl` or a trait.
trait Member: Parse {
    /// Returns the group of the member. Members of one group are printed without blank lines between them. `None` if
    /// the member always has blank lines around it.
    fn group(&self) -> Option<Group>;

    /// Prints a file whose block has exactly one member. If that member has a block of its own (a module with a body,
    /// an `impl`, a trait), blank lines separate the members of the inner block. Returns `None` for any other member.
    fn print_inner(file: &mut File, block: Block<'_, Self>) -> Option<String>;
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

    fn print_inner(file: &mut File, block: Block<'_, Self>) -> Option<String> {
        match block(file)?.last()? {
            Item::Mod(ItemMod { content: Some(_), .. }) => {
                Some(print_members(file, &|file| match block(file)?.last_mut()? {
                    Item::Mod(ItemMod { content: Some((_, items)), .. }) => Some(items),
                    _ => None,
                }))
            }
            Item::Impl(_) => Some(print_members(file, &|file| match block(file)?.last_mut()? {
                Item::Impl(item) => Some(&mut item.items),
                _ => None,
            })),
            Item::Trait(_) => Some(print_members(file, &|file| match block(file)?.last_mut()? {
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

    fn print_inner(_: &mut File, _: Block<'_, Self>) -> Option<String> {
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

    fn print_inner(_: &mut File, _: Block<'_, Self>) -> Option<String> {
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
