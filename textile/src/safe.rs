//! Names and values that are safe in HTML. Their constructors are the only way to obtain them, so a tree cannot contain
//! anything else.

/// URL schemes that links and images may have.
pub const URL_SCHEMES: &[&str] = &[
    "callto", "feed", "ftp", "geo", "http", "https", "irc", "ircs", "mailto", "news", "sftp", "sip", "sms", "tel",
    "webcal", "xmpp",
];

/// Elements that raw HTML may use, within a paragraph.
const PHRASE_ELEMENTS: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdo", "big", "br", "cite", "code", "del", "dfn", "em", "font", "i", "img", "ins",
    "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
    "wbr",
];

/// Elements that raw HTML may use, outside of paragraphs.
const BLOCK_ELEMENTS: &[&str] = &[
    "address", "article", "aside", "blockquote", "caption", "center", "col", "colgroup", "dd", "details", "div", "dl",
    "dt", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
];

/// Elements without content.
const VOID_ELEMENTS: &[&str] = &["br", "col", "hr", "img", "wbr"];

/// Elements that contain phrases, but no blocks.
const PHRASES_ONLY: &[&str] = &["dt", "h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "summary"];

/// Attributes with a value of any text.
const TEXT_ATTRIBUTES: &[&str] = &["abbr", "alt", "datetime", "title"];

/// Attributes with a number or a percentage.
const NUMBER_ATTRIBUTES: &[&str] =
    &["border", "cellpadding", "cellspacing", "colspan", "height", "rowspan", "size", "span", "start", "width"];

/// Attributes with a word from a short list, or a color. All of them are harmless, so that only the characters are
/// checked.
const WORD_ATTRIBUTES: &[&str] = &["align", "bgcolor", "color", "dir", "lang", "scope", "valign"];

/// Attributes with names that the author chose.
const NAME_ATTRIBUTES: &[&str] = &["class", "id"];

/// Attributes with a URL.
const URL_ATTRIBUTES: &[&str] = &["cite", "href", "src"];

/// Properties of styles. They change how the element looks, but cannot move it over other parts of the page.
const STYLE_PROPERTIES: &[&str] = &[
    "background", "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left",
    "border-right", "border-spacing", "border-style", "border-top", "border-width", "clear", "color", "direction",
    "display", "float", "font", "font-family", "font-size", "font-style", "font-variant", "font-weight", "height",
    "letter-spacing", "line-height", "list-style", "list-style-type", "margin", "margin-bottom", "margin-left",
    "margin-right", "margin-top", "max-width", "min-width", "padding", "padding-bottom", "padding-left",
    "padding-right", "padding-top", "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align",
    "white-space", "width", "word-spacing",
];

/// Maximum length in bytes of an attribute's value.
const MAX_VALUE: usize = 2_000;

/// Name of an HTML element that can neither run nor load anything other than an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag(&'static str);

impl Tag {
    /// `<div>`.
    pub(crate) const DIV: Self = Self("div");
    /// `<pre>`.
    pub(crate) const PRE: Self = Self("pre");

    /// Returns the element with this name, in any case. Returns `None` if it is not allowed.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let mut elements = PHRASE_ELEMENTS.iter().chain(BLOCK_ELEMENTS);
        elements.find(|element| element.eq_ignore_ascii_case(name)).map(|element| Self(element))
    }

    /// Name of the element, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }

    /// `true` if the element cannot be within a paragraph.
    #[must_use]
    pub fn is_block(self) -> bool {
        BLOCK_ELEMENTS.contains(&self.0)
    }

    /// `true` if the element has neither content nor an end tag.
    #[must_use]
    pub fn is_void(self) -> bool {
        VOID_ELEMENTS.contains(&self.0)
    }

    /// `true` if the element cannot contain blocks, although it is one.
    pub(crate) fn has_phrases_only(self) -> bool {
        PHRASES_ONLY.contains(&self.0)
    }
}

/// URL without a scheme, or with one from [`URL_SCHEMES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    /// Checks a URL. Returns `None` if it has another scheme, contains white space or control characters, or is empty.
    #[must_use]
    pub fn new(url: &str) -> Option<Self> {
        let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"' | '\\');
        if url.is_empty() || !url.chars().all(is_plain) {
            return None;
        }
        let scheme = url.find([':', '/', '?', '#']).filter(|at| url.as_bytes().get(*at) == Some(&b':'));
        let scheme = scheme.and_then(|at| url.get(..at));
        let is_allowed = |scheme: &str| URL_SCHEMES.iter().any(|allowed| allowed.eq_ignore_ascii_case(scheme));
        scheme.is_none_or(is_allowed).then(|| Self(url.to_owned()))
    }

    /// The URL as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Attributes of an element. Names and values are on the allow-list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(&'static str, String)>);

impl Attributes {
    /// Sets an attribute. Returns `false` and changes nothing if the name or the value is not allowed. Of a style, the
    /// allowed properties are kept.
    pub fn insert(&mut self, name: &str, value: &str) -> bool {
        let find = |names: &[&'static str]| names.iter().copied().find(|known| known.eq_ignore_ascii_case(name));
        let has = |is_valid: fn(char) -> bool| !value.is_empty() && value.chars().all(is_valid);
        if value.len() > MAX_VALUE {
            return false;
        }
        if let Some(name) = find(TEXT_ATTRIBUTES) {
            self.set(name, value.to_owned());
        } else if let Some(name) = find(NUMBER_ATTRIBUTES)
            && value.len() <= 9
            && has(|c| c.is_ascii_digit() || "%px".contains(c))
        {
            self.set(name, value.to_owned());
        } else if let Some(name) = find(WORD_ATTRIBUTES)
            && has(|c| c.is_ascii_alphanumeric() || "#-_".contains(c))
        {
            self.set(name, value.to_owned());
        } else if let Some(name) = find(NAME_ATTRIBUTES)
            && has(|c| c.is_alphanumeric() || " -_:.".contains(c))
        {
            self.set(name, value.to_owned());
        } else if let Some(name) = find(URL_ATTRIBUTES)
            && let Some(Url(url)) = Url::new(value)
        {
            self.set(name, url);
        } else if name.eq_ignore_ascii_case("style")
            && let Some(style) = filter_style(value)
        {
            self.set("style", style);
        } else {
            return false;
        }
        true
    }

    /// Value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Names and values, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// `true` if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds all attributes of `other`.
    pub(crate) fn extend(&mut self, other: Self) {
        for (name, value) in other.0 {
            self.set(name, value);
        }
    }

    /// Sets an attribute that has been checked. Styles are combined.
    fn set(&mut self, name: &'static str, value: String) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) if name == "style" => old.push_str(&value),
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }
}

/// Keeps the properties of a style that are on the allow-list, each with a semicolon. Returns `None` if there are none.
fn filter_style(style: &str) -> Option<String> {
    let mut kept = String::new();
    for (property, value) in style.split(';').filter_map(|part| part.split_once(':')) {
        let (property, value) = (property.trim().to_ascii_lowercase(), value.trim());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || " #%.,-'!".contains(c);
        if STYLE_PROPERTIES.contains(&property.as_str()) && !value.is_empty() && value.chars().all(is_plain) {
            kept.push_str(&property);
            kept.push(':');
            kept.push_str(value);
            kept.push(';');
        }
    }
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_a_harmless_scheme_or_none() {
        for url in ["http://example.com/a?b=c:d", "/pages/3", "pier.html", "#hours", "MAILTO:jo@example.com", "a/b:c"] {
            assert!(Url::new(url).is_some(), "{url}");
        }
        for url in
            ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "vbscript:x", "", "java\nscript:x", "a b"]
        {
            assert!(Url::new(url).is_none(), "{url}");
        }
    }

    #[test]
    fn styles_keep_only_harmless_properties() {
        let style = "color:red; position:fixed; background:url(//example.com); width:expression(x);margin: 1em";
        assert_eq!(filter_style(style).unwrap(), "color:red;margin:1em;");
        assert_eq!(filter_style("behavior:url(x)"), None);
    }

    #[test]
    fn attributes_that_run_or_load_are_refused() {
        let mut attributes = Attributes::default();
        for (name, value) in [("onclick", "x"), ("srcset", "a"), ("href", "javascript:x"), ("style", "position:fixed")]
        {
            assert!(!attributes.insert(name, value), "{name}");
        }
        assert!(attributes.is_empty());
        assert!(attributes.insert("CLASS", "hours") && attributes.get("class") == Some("hours"));
    }
}
