//! `<pages>`: that a page can be asked for by its number, and that what is answered can be told apart.

use super::context::Context;
use super::endpoints::Surroundings;
use super::fields::Fields;
use crate::model::{Hole, Kind, Pages, Presence, Response, Retry, Scalar};
use crate::parse::syntax::{self, Text};

/// The endpoint that has them.
pub(super) struct Listing<'a> {
    pub(super) fields: &'a Fields,
    pub(super) query: &'a [(String, Hole)],
    pub(super) retry: Retry,
    /// What it answers. Nothing if there has been a word about it.
    pub(super) answer: Option<&'a Response>,
}

/// How an answer comes in pages.
pub(super) fn pages(
    cx: &mut Context<'_>,
    around: &Surroundings<'_>,
    listing: &Listing<'_>,
    syntax: &syntax::Pages,
) -> Option<Pages> {
    if listing.retry != Retry::Read {
        cx.error(syntax.tag, "only what changes nothing comes in pages")
            .help("if it changes nothing, write `retry=\"read\"`");
    }
    let number = number(cx, listing, &syntax.number);
    let key = listing.answer.and_then(|answer| key(cx, around, answer, syntax));
    Some(Pages { number: number?, first: syntax.first.unwrap_or_default(), key: key? })
}

/// The field that has the number of the page.
fn number(cx: &mut Context<'_>, listing: &Listing<'_>, name: &Text) -> Option<usize> {
    let fields = listing.fields;
    let known = || listing.query.iter().filter_map(|(_, hole)| Some((hole.field, fields.list.get(hole.field)?)));
    let Some((index, field)) = known().find(|(_, field)| field.name == name.text) else {
        if fields.complete && !name.is_missing() {
            cx.error(name.span, format!("there is no field `{}` in the query", name.text))
                .help(format!("write `<query n=\"{{{}: integer?}}\"/>`", name.text))
                .or_near(&name.text, known().map(|(_, field)| field.name.as_str()));
        }
        return None;
    };
    let fits = field.kind == Kind::Scalar(Scalar::Integer) && field.presence == Presence::Optional;
    if !fits && fields.known.get(index) == Some(&true) {
        cx.error(name.span, format!("`{}` cannot be the number of a page", name.text))
            .help(format!("it is an integer that may be left out: `{{{}: integer?}}`", name.text));
    }
    Some(index)
}

/// The field of what is listed that tells one from another.
fn key(cx: &mut Context<'_>, around: &Surroundings<'_>, answer: &Response, syntax: &syntax::Pages) -> Option<usize> {
    let listed = answer.value.as_ref().filter(|value| value.presence.is_many()).map(|value| &value.kind);
    let Some(Kind::Data(listed)) = listed else {
        cx.error(syntax.tag, "there is no list in the answer that could come in pages")
            .help("its value is a type that repeats: `<boat>{boats: Boat*}</boat>`");
        return None;
    };
    let (name, sound) = (&syntax.key, around.sound.get(listed.0) == Some(&true));
    let listed = around.types.get(listed.0).filter(|_| sound && !name.is_missing())?;
    let Some((index, field)) = listed.fields.iter().enumerate().find(|(_, field)| field.name == name.text) else {
        let known = listed.fields.iter().map(|field| field.name.as_str());
        cx.error(name.span, format!("`{}` has no field `{}`", listed.name, name.text)).suggest(&name.text, known);
        return None;
    };
    if !matches!(field.kind, Kind::Scalar(Scalar::Id(_))) || field.presence != Presence::Required {
        cx.error(name.span, format!("`{}` does not tell one `{}` from all others", name.text, listed.name))
            .help("the key is an id that is always there");
    }
    Some(index)
}
