//! Literal XML.

/// Appends ` name="value"`. Escapes the value, which is plain text.
pub(crate) fn write_attribute(name: &str, value: &str, out: &mut String) {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    out.push_str(&format!(" {name}=\"{value}\""));
}

/// Returns `<name attribute="value"`, without the bracket that ends it.
pub(crate) fn start_tag(name: &str, attributes: &[(String, String)]) -> String {
    let mut tag = format!("<{name}");
    attributes.iter().for_each(|(name, value)| write_attribute(name, value, &mut tag));
    tag
}
