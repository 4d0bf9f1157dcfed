//! Converts texts from the standard input to HTML, or to Markdown with the argument `markdown`. Texts are separated by
//! lines of `~~~~`.

use std::io::Read;

fn main() -> std::io::Result<()> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    for text in input.split("~~~~\n") {
        let document = backpack_textile::parse(text.trim_end_matches('\n'));
        let to_markdown = std::env::args().nth(1).is_some_and(|format| format == "markdown");
        println!("{}~~~~", if to_markdown { document.to_markdown() } else { document.to_html() });
    }
    Ok(())
}
