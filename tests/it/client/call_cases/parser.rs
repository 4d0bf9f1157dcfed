//! Reads cases from XML. Rejects everything unknown, since a misspelled expectation would check nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use backpack_api::runtime::transport::TransportErrorKind;
use roxmltree::{Document, Node};

use super::model::{
    Case, CaseStep, ClientChoice, ClientSetup, ExpectedResult, OptionChanges, PREDICATES, Request, ScriptedCall,
    ScriptedReply, TranscriptEvent, Wait,
};

/// A parsed value, or an error message with its position: `redirects.xml:12:5: …`.
pub type ParseResult<T> = Result<T, String>;

/// Reads the cases of a file. A case that names several operations becomes one case for each.
pub fn parse_cases(file: &str, text: &str) -> ParseResult<Vec<Case>> {
    let document = Document::parse(text).map_err(|error| format!("{file}: {error}"))?;
    let root = Element { file, node: document.root_element() };
    root.expect_name(&["cases"])?;
    root.allow_attributes(&[])?;
    let mut names = BTreeSet::new();
    let mut cases = Vec::new();
    for child in root.child_elements()? {
        match child.name() {
            "doc" => child.read_text().map(drop)?,
            "case" => {
                let name = child.read_required("name")?;
                if !names.insert(name.to_owned()) {
                    return child.reject("duplicate name");
                }
                child.read_case(name, &mut cases)?;
            }
            _ => return child.reject("unknown element in <cases>"),
        }
    }
    if cases.is_empty() { root.reject("there is no case") } else { Ok(cases) }
}

/// An element and its file, for messages with a position.
#[derive(Clone, Copy)]
struct Element<'a> {
    file: &'a str,
    node: Node<'a, 'a>,
}

impl<'a> Element<'a> {
    /// Returns the name of the element.
    fn name(self) -> &'a str {
        self.node.tag_name().name()
    }

    /// Returns an error about this element, with its position.
    fn reject<T>(self, problem: &str) -> ParseResult<T> {
        let position = self.node.document().text_pos_at(self.node.range().start);
        Err(format!("{}:{position}: <{}>: {problem}", self.file, self.name()))
    }

    /// Rejects an element with any other name.
    fn expect_name(self, names: &[&str]) -> ParseResult<()> {
        if names.contains(&self.name()) { Ok(()) } else { self.reject("unknown element") }
    }

    /// Rejects attributes with any other name.
    fn allow_attributes(self, known: &[&str]) -> ParseResult<()> {
        match self.node.attributes().find(|attribute| !known.contains(&attribute.name())) {
            Some(attribute) => self.reject(&format!("unknown attribute `{}`", attribute.name())),
            None => Ok(()),
        }
    }

    /// Reads an attribute that has to be present and not empty.
    fn read_required(self, name: &str) -> ParseResult<&'a str> {
        match self.node.attribute(name).map(str::trim) {
            Some(text) if !text.is_empty() => Ok(text),
            _ => self.reject(&format!("`{name}` is missing")),
        }
    }

    /// Reads an attribute. `None` if it is missing. Rejects it if `read` returns `None`.
    fn read_attribute<T>(self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> ParseResult<Option<T>> {
        match self.node.attribute(name).map(read) {
            Some(None) => self.reject(&format!("invalid value of `{name}`")),
            value => Ok(value.flatten()),
        }
    }

    /// Reads an attribute whose only values are `no` and `yes`, which mean `false` and `true`. `None` if it is missing.
    fn read_flag(self, name: &str, [no, yes]: [&str; 2]) -> ParseResult<Option<bool>> {
        self.read_attribute(name, |text| (text == yes || text == no).then_some(text == yes))
    }

    /// Reads an attribute with a time in seconds. `None` if it is missing.
    fn read_seconds(self, name: &str) -> ParseResult<Option<Duration>> {
        self.read_attribute(name, parse_seconds)
    }

    /// Returns the child elements. Rejects text beside them.
    fn child_elements(self) -> ParseResult<Vec<Self>> {
        let is_text = |node: &Node<'_, '_>| node.is_text() && node.text().is_some_and(|text| !text.trim().is_empty());
        if self.node.children().any(|node| is_text(&node)) {
            return self.reject("unexpected text");
        }
        Ok(self.node.children().filter(Node::is_element).map(|node| Self { node, ..self }).collect())
    }

    /// Rejects an element with content.
    fn expect_empty(self) -> ParseResult<()> {
        if self.child_elements()?.is_empty() { Ok(()) } else { self.reject("should be empty") }
    }

    /// Reads the text, with white space collapsed. Rejects child elements.
    fn read_text(self) -> ParseResult<String> {
        if self.node.children().any(|node| node.is_element()) {
            return self.reject("should be text");
        }
        let text: String = self.node.children().filter_map(|node| node.text()).collect();
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Returns the content: the original XML if it has elements, otherwise its text.
    fn read_body(self) -> String {
        let source = self.node.document().input_text();
        match (self.node.first_child(), self.node.last_child()) {
            (Some(first), Some(last)) if self.node.children().any(|node| node.is_element()) => {
                source[first.range().start..last.range().end].trim().to_owned()
            }
            _ => self.node.text().unwrap_or_default().to_owned(),
        }
    }

    /// Reads a case and appends it to `cases`, once for each operation that it names.
    fn read_case(self, name: &str, cases: &mut Vec<Case>) -> ParseResult<()> {
        self.allow_attributes(&["name", "operations"])?;
        let line = self.node.document().text_pos_at(self.node.range().start).row;
        let name = format!("{}:{line}: {name}", self.file);
        let mut children = self.child_elements()?;
        let (client, options) = (take_client(&mut children)?, take_options(&mut children)?);
        let Some(operations) = self.node.attribute("operations") else {
            let steps = children.into_iter().map(Self::read_step).collect::<ParseResult<Vec<_>>>()?;
            if !steps.iter().any(|step| matches!(step, CaseStep::Call(_))) {
                return self.reject("there is no call");
            }
            cases.push(Case { name, client, options, steps });
            return Ok(());
        };
        let operations: Vec<_> = operations.split_whitespace().collect();
        if operations.is_empty() {
            return self.reject("`operations` is empty");
        }
        let (transcript, result) = self.read_transcript(&children)?;
        cases.extend(operations.into_iter().map(|operation| Case {
            name: format!("{name} ({operation})"),
            client: client.clone(),
            options: options.clone(),
            steps: vec![CaseStep::Call(Box::new(ScriptedCall {
                operation: operation.to_owned(),
                times: 1,
                client: ClientChoice::Own,
                deadline: None,
                without_retries: false,
                options: OptionChanges::default(),
                transcript: transcript.clone(),
                result: result.clone(),
            }))],
        }));
        Ok(())
    }

    /// Reads a call, or a time without one.
    fn read_step(self) -> ParseResult<CaseStep> {
        self.expect_name(&["idle", "call"])?;
        if self.name() == "idle" {
            self.allow_attributes(&["for"])?;
            self.expect_empty()?;
            return self
                .read_required("for")
                .and(self.read_seconds("for"))
                .map(|time| CaseStep::Idle(time.unwrap_or_default()));
        }
        self.allow_attributes(&["operation", "times", "client", "deadline", "without_retries"])?;
        let mut children = self.child_elements()?;
        let options = take_options(&mut children)?;
        let (transcript, result) = self.read_transcript(&children)?;
        Ok(CaseStep::Call(Box::new(ScriptedCall {
            operation: self.read_required("operation")?.to_owned(),
            times: self.read_times()?,
            client: self.read_attribute("client", parse_client_choice)?.unwrap_or(ClientChoice::Own),
            deadline: self.read_seconds("deadline")?,
            without_retries: self.read_flag("without_retries", ["no", "yes"])?.unwrap_or(false),
            options,
            transcript,
            result,
        })))
    }

    /// Reads the number of repetitions, which is 1 if the attribute is missing. Rejects 0.
    fn read_times(self) -> ParseResult<usize> {
        Ok(self.read_attribute("times", |text| text.parse().ok().filter(|times| *times > 0))?.unwrap_or(1))
    }

    /// Reads waits and requests in order, and the result, which is the last element.
    fn read_transcript(self, children: &[Self]) -> ParseResult<(Vec<TranscriptEvent>, ExpectedResult)> {
        let Some((last, before)) = children.split_last() else { return self.reject("there is no result") };
        let mut transcript = Vec::new();
        for child in before {
            match child.name() {
                "wait" => transcript.push(TranscriptEvent::Wait(child.read_wait()?)),
                _ => transcript
                    .extend(std::iter::repeat_n(TranscriptEvent::Request(child.read_request()?), child.read_times()?)),
            }
        }
        Ok((transcript, last.read_result()?))
    }

    /// Reads a wait, which has either an exact or a greatest duration.
    fn read_wait(self) -> ParseResult<Wait> {
        self.allow_attributes(&["exactly", "up_to"])?;
        self.expect_empty()?;
        match (self.read_seconds("exactly")?, self.read_seconds("up_to")?) {
            (Some(time), None) => Ok(Wait::Exactly(time)),
            (None, Some(time)) => Ok(Wait::UpTo(time)),
            _ => self.reject("needs either `exactly` or `up_to`"),
        }
    }

    /// Reads a request of the client with the reply to it, which is a response or a transport error.
    fn read_request(self) -> ParseResult<Request> {
        let reply = if self.name() == "response" { self.read_response()? } else { self.read_transport_error()? };
        let base_url = self.node.attribute("base_url").map(str::to_owned);
        Ok(Request { base_url, takes: self.read_seconds("takes")?.unwrap_or_default(), reply })
    }

    /// Reads a response. Without a status, it is that of the schema's example.
    fn read_response(self) -> ParseResult<ScriptedReply> {
        const HEADERS: [&str; 4] = ["date", "location", "retry-after", "status-header"];
        self.allow_attributes(&[
            "base_url", "takes", "times", "status", HEADERS[0], HEADERS[1], HEADERS[2], HEADERS[3],
        ])?;
        let header = |name: &'static str| Some((name, self.node.attribute(name)?.to_owned()));
        let headers: Vec<_> = HEADERS.into_iter().filter_map(header).collect();
        let body = self.read_body();
        match self.read_attribute("status", |text| text.parse().ok())? {
            Some(status) => Ok(ScriptedReply::Response { status, headers, body }),
            None if headers.is_empty() && body.is_empty() => Ok(ScriptedReply::ExampleResponse),
            None => self.reject("a response with headers or a body needs a `status`"),
        }
    }

    /// Reads an error of the transport. Its kind is the name of the element.
    fn read_transport_error(self) -> ParseResult<ScriptedReply> {
        self.allow_attributes(&["base_url", "takes", "times", "sent"])?;
        self.expect_empty()?;
        let kind = match self.name() {
            "invalid-request" => TransportErrorKind::InvalidRequest,
            "connect-error" => TransportErrorKind::Connect,
            "tls-error" => TransportErrorKind::Tls,
            "timeout" => TransportErrorKind::Timeout,
            "connection-lost" => TransportErrorKind::ConnectionLost,
            "protocol-error" => TransportErrorKind::Protocol,
            "too-large" => TransportErrorKind::TooLarge,
            _ => return self.reject("unknown reply"),
        };
        let is_unsent = self.read_attribute("sent", |text| (text == "no").then_some(true))?.unwrap_or(false);
        Ok(ScriptedReply::TransportError { kind, is_unsent })
    }

    /// Reads the expected result of a call.
    fn read_result(self) -> ParseResult<ExpectedResult> {
        self.expect_name(&["ok", "error"])?;
        if self.name() == "ok" {
            self.allow_attributes(&[])?;
            return self.expect_empty().map(|()| ExpectedResult::Ok);
        }
        self.allow_attributes(&["is", "retry_after"])?;
        let predicates: BTreeSet<_> =
            self.node.attribute("is").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        if let Some(unknown) = predicates.iter().find(|word| !PREDICATES.contains(&word.as_str())) {
            return self.reject(&format!("unknown predicate `{unknown}`"));
        }
        let text = self.read_text()?;
        if text.is_empty() {
            return self.reject("the error text is missing");
        }
        Ok(ExpectedResult::Error { predicates, retry_after: self.read_seconds("retry_after")?, text })
    }

    /// Reads changes of options.
    fn read_options(self) -> ParseResult<OptionChanges> {
        self.allow_attributes(&[
            "max_attempts", "deadline", "initial_backoff", "max_wait", "rate_limit", "rate_limit_margin",
            "redirect_port",
        ])?;
        self.expect_empty()?;
        Ok(OptionChanges {
            max_attempts: self.read_attribute("max_attempts", |text| text.parse().ok())?,
            deadline: self.read_seconds("deadline")?,
            initial_backoff: self.read_seconds("initial_backoff")?,
            max_wait: self.read_seconds("max_wait")?,
            rate_limit: self.read_flag("rate_limit", ["off", "on"])?,
            rate_limit_margin: self.read_seconds("rate_limit_margin")?,
            redirect_port: self.read_attribute("redirect_port", |text| text.parse().ok())?,
        })
    }
}

/// Removes and returns the first element if it has this name. `None` if it has another, or if there is none.
fn take_first<'a>(name: &str, children: &mut Vec<Element<'a>>) -> Option<Element<'a>> {
    (children.first()?.name() == name).then(|| children.remove(0))
}

/// Removes `<options>` from the start and reads it. Returns no changes if it is missing.
fn take_options(children: &mut Vec<Element<'_>>) -> ParseResult<OptionChanges> {
    take_first("options", children).map_or(Ok(OptionChanges::default()), Element::read_options)
}

/// Removes `<client>` from the start and reads it. Returns the default if it is missing.
fn take_client(children: &mut Vec<Element<'_>>) -> ParseResult<ClientSetup> {
    let Some(client) = take_first("client", children) else { return Ok(ClientSetup::default()) };
    client.allow_attributes(&["base_url", "credentials", "allow_http"])?;
    client.expect_empty()?;
    Ok(ClientSetup {
        base_url: client.node.attribute("base_url").map(str::to_owned),
        uses_bearer: client.read_flag("credentials", ["token", "bearer"])?.unwrap_or(false),
        allow_http: client.read_flag("allow_http", ["no", "yes"])?,
    })
}

/// Parses the choice of a client. `None` if the text is no choice.
fn parse_client_choice(text: &str) -> Option<ClientChoice> {
    match text {
        "clone" => Some(ClientChoice::Clone),
        "other" => Some(ClientChoice::Other),
        _ => None,
    }
}

/// Parses seconds, whole or with a fraction. `None` if the text is not a valid duration.
fn parse_seconds(text: &str) -> Option<Duration> {
    match text.parse() {
        Ok(whole) => Some(Duration::from_secs(whole)),
        Err(_) => Duration::try_from_secs_f64(text.parse().ok()?).ok(),
    }
}
