//! HTTP/1.1 messages as bytes. Bodies have a `Content-Length`; chunked bodies are not read.

use std::io::{self, Read};

use bytes::Bytes;
use http::Response;

/// Encodes a response after which the server closes the connection.
pub fn encode_response(response: &Response<Bytes>) -> Vec<u8> {
    let status = response.status();
    let mut out = format!("HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason().unwrap_or_default());
    for (name, value) in response.headers() {
        out.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
    }
    out.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", response.body().len()));
    [out.as_bytes(), response.body()].concat()
}

/// Reads one request or response, head and body. Returns `None` if the peer closed the connection before the first
/// byte.
///
/// # Errors
///
/// If the connection fails, or ends inside the message.
pub fn read_message(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte)? {
            0 if message.is_empty() => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => message.push(byte[0]),
        }
    }
    let length = headers(&message, "content-length").first().and_then(|length| length.parse().ok()).unwrap_or(0);
    let head = message.len();
    message.resize(head + length, 0);
    stream.read_exact(&mut message[head..])?;
    Ok(Some(message))
}

/// Splits a message into its head, without the empty line, and its body. A message without an empty line is all head.
pub fn split(message: &[u8]) -> (&[u8], &[u8]) {
    match message.windows(4).position(|window| window == b"\r\n\r\n") {
        Some(end) => (&message[..end], &message[end + 4..]),
        None => (message, &[]),
    }
}

/// Returns the first line of a message. Returns an empty text if the head is not UTF-8.
pub fn start_line(message: &[u8]) -> &str {
    head_lines(message).next().unwrap_or_default()
}

/// Returns the trimmed values of all headers of this name, in order. The case of the name does not matter.
pub fn headers<'m>(message: &'m [u8], name: &str) -> Vec<&'m str> {
    let pairs = head_lines(message).skip(1).filter_map(|line| line.split_once(':'));
    pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
}

/// Returns the lines of the head. If the head is not UTF-8, returns one empty line.
pub(crate) fn head_lines(message: &[u8]) -> impl Iterator<Item = &str> {
    let (head, _) = split(message);
    str::from_utf8(head).unwrap_or_default().split("\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_messages_that_follow_each_other() {
        let mut stream = &b"GET / HTTP/1.1\r\n\r\nPOST /a HTTP/1.1\r\ncontent-LENGTH: 3\r\n\r\nabc"[..];
        assert_eq!(read_message(&mut stream).unwrap().unwrap(), b"GET / HTTP/1.1\r\n\r\n");
        let second = read_message(&mut stream).unwrap().unwrap();
        assert_eq!(start_line(&second), "POST /a HTTP/1.1");
        assert_eq!(headers(&second, "Content-Length"), ["3"]);
        assert_eq!(split(&second).1, b"abc");
        assert_eq!(read_message(&mut stream).unwrap(), None);
    }

    #[test]
    fn fails_when_the_connection_ends_inside_a_message() {
        for message in ["GET / HTTP", "GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"] {
            let error = read_message(&mut message.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
    }
}
