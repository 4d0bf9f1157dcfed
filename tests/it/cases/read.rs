//! Cases as they are written: XML to values, and not one word that has no meaning.

use std::collections::BTreeSet;
use std::time::Duration;

use backpack_api::runtime::exchange::Options;
use backpack_api::runtime::http::StatusCode;
use backpack_api::runtime::transport::TransportErrorKind as Kind;
use roxmltree::{Document, Node};

/// What went wrong in reading, and where: `redirects.xml:12:5: …`.
pub type Read<T> = Result<T, String>;

/// A client, and what happens to it.
#[derive(Debug)]
pub struct Case {
    /// `redirects.xml:12: name of the case`, and the operation if the case is one for several.
    pub name: String,
    pub caller: Caller,
    pub with: With,
    pub steps: Vec<Step>,
}

/// Who calls, where it is not the examples' user.
#[derive(Debug, Default, Clone)]
pub struct Caller {
    pub at: Option<String>,
    pub bearer: bool,
    pub plain: Option<bool>,
}

/// Options that differ from the default.
#[derive(Debug, Default, Clone)]
pub struct With {
    attempts: Option<u32>,
    deadline: Option<Duration>,
    backoff: Option<Duration>,
    longest_wait: Option<Duration>,
    pacing: Option<bool>,
    margin: Option<Duration>,
    other_port: Option<u16>,
}

#[derive(Debug)]
pub enum Step {
    /// Nobody calls for a while.
    Idle(Duration),
    Call(Box<Call>),
}

/// A call, from its beginning to its result.
#[derive(Debug, Clone)]
pub struct Call {
    pub operation: String,
    pub times: usize,
    pub by: By,
    pub within: Option<Duration>,
    pub once: bool,
    pub with: With,
    pub lines: Vec<Line>,
    pub result: Expected,
}

/// The client that makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The case's own.
    Client,
    /// A clone of it.
    Clone,
    /// One made anew, for the same account over the same transport.
    Other,
}

/// What happens during a call, in order.
#[derive(Debug, Clone)]
pub enum Line {
    Wait(Wait),
    /// A request is sent, and this comes of it.
    Sent(Sent),
}

#[derive(Debug, Clone, Copy)]
pub enum Wait {
    Exactly(Duration),
    UpTo(Duration),
}

#[derive(Debug, Clone)]
pub struct Sent {
    /// The base address that is asked, if it is not the caller's own.
    pub at: Option<String>,
    pub takes: Duration,
    pub brings: Brings,
}

#[derive(Debug, Clone)]
pub enum Brings {
    /// The answer of the schema's example.
    Success,
    Answer {
        status: StatusCode,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    Fault {
        kind: Kind,
        unsent: bool,
    },
}

/// What comes out of a call.
#[derive(Debug, Clone)]
pub enum Expected {
    Ok,
    Error { is: BTreeSet<String>, retry_after: Option<Duration>, text: String },
}

/// What an error may be, as `<error is="…">` has it.
pub const PREDICATES: [&str; 6] = ["forbidden", "not_found", "outcome_unknown", "rate_limited", "sent", "unauthorized"];

impl With {
    pub fn apply(&self, options: &mut Options) {
        fn set<T: Copy>(option: &mut T, value: Option<T>) {
            *option = value.unwrap_or(*option);
        }
        set(&mut options.attempts, self.attempts);
        set(&mut options.deadline, self.deadline);
        set(&mut options.backoff, self.backoff);
        set(&mut options.longest_wait, self.longest_wait);
        set(&mut options.pacing, self.pacing);
        set(&mut options.margin, self.margin);
        set(&mut options.other_port, self.other_port.map(Some));
    }
}

/// The cases of a file. One that names several operations comes once for each.
pub fn cases(file: &str, text: &str) -> Read<Vec<Case>> {
    let document = Document::parse(text).map_err(|error| format!("{file}: {error}"))?;
    let root = Element { file, node: document.root_element() };
    root.named(&["cases"])?;
    root.only(&[])?;
    let mut names = BTreeSet::new();
    let mut cases = Vec::new();
    for child in root.children()? {
        match child.name() {
            "doc" => child.text_alone().map(drop)?,
            "case" => {
                let name = child.required("name")?;
                if !names.insert(name.to_owned()) {
                    return child.refuse("there is another case of this name");
                }
                child.case(name, &mut cases)?;
            }
            _ => return child.refuse("this has no meaning in <cases>"),
        }
    }
    if cases.is_empty() { root.refuse("there is no case") } else { Ok(cases) }
}

/// An element, which knows where it stands.
#[derive(Clone, Copy)]
struct Element<'a> {
    file: &'a str,
    node: Node<'a, 'a>,
}

impl<'a> Element<'a> {
    fn name(self) -> &'a str {
        self.node.tag_name().name()
    }

    fn refuse<T>(self, problem: &str) -> Read<T> {
        let place = self.node.document().text_pos_at(self.node.range().start);
        Err(format!("{}:{place}: <{}>: {problem}", self.file, self.name()))
    }

    fn named(self, names: &[&str]) -> Read<()> {
        if names.contains(&self.name()) { Ok(()) } else { self.refuse("this has no meaning here") }
    }

    /// Refuses every attribute but these.
    fn only(self, known: &[&str]) -> Read<()> {
        match self.node.attributes().find(|attribute| !known.contains(&attribute.name())) {
            Some(attribute) => self.refuse(&format!("there is no attribute `{}`", attribute.name())),
            None => Ok(()),
        }
    }

    fn required(self, name: &str) -> Read<&'a str> {
        match self.node.attribute(name).map(str::trim) {
            Some(text) if !text.is_empty() => Ok(text),
            _ => self.refuse(&format!("`{name}` is missing")),
        }
    }

    /// An attribute's value, if it is there.
    fn value<T>(self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Read<Option<T>> {
        match self.node.attribute(name).map(read) {
            Some(None) => self.refuse(&format!("`{name}` has no such value")),
            value => Ok(value.flatten()),
        }
    }

    fn flag(self, name: &str, [no, yes]: [&str; 2]) -> Read<Option<bool>> {
        self.value(name, |text| (text == yes || text == no).then_some(text == yes))
    }

    fn time(self, name: &str) -> Read<Option<Duration>> {
        self.value(name, seconds)
    }

    /// The elements in this one, which holds no text beside them.
    fn children(self) -> Read<Vec<Self>> {
        let text = |node: &Node<'_, '_>| node.is_text() && node.text().is_some_and(|text| !text.trim().is_empty());
        if self.node.children().any(|node| text(&node)) {
            return self.refuse("text has no meaning here");
        }
        Ok(self.node.children().filter(Node::is_element).map(|node| Self { node, ..self }).collect())
    }

    fn empty(self) -> Read<()> {
        if self.children()?.is_empty() { Ok(()) } else { self.refuse("this should be empty") }
    }

    fn text_alone(self) -> Read<String> {
        if self.node.children().any(|node| node.is_element()) {
            return self.refuse("this should be text");
        }
        let text: String = self.node.children().filter_map(|node| node.text()).collect();
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The XML in this element as it is written, or its text.
    fn body(self) -> String {
        let source = self.node.document().input_text();
        match (self.node.first_child(), self.node.last_child()) {
            (Some(first), Some(last)) if self.node.children().any(|node| node.is_element()) => {
                source[first.range().start..last.range().end].trim().to_owned()
            }
            _ => self.node.text().unwrap_or_default().to_owned(),
        }
    }

    fn case(self, name: &str, cases: &mut Vec<Case>) -> Read<()> {
        self.only(&["name", "call"])?;
        let line = self.node.document().text_pos_at(self.node.range().start).row;
        let name = format!("{}:{line}: {name}", self.file);
        let mut children = self.children()?;
        let (caller, with) = (take_caller(&mut children)?, take_with(&mut children)?);
        let Some(operations) = self.node.attribute("call") else {
            let steps = children.into_iter().map(Self::step).collect::<Read<Vec<_>>>()?;
            if !steps.iter().any(|step| matches!(step, Step::Call(_))) {
                return self.refuse("nothing is called");
            }
            cases.push(Case { name, caller, with, steps });
            return Ok(());
        };
        let operations: Vec<_> = operations.split_whitespace().collect();
        if operations.is_empty() {
            return self.refuse("`call` names no operation");
        }
        let (lines, result) = self.transcript(&children)?;
        cases.extend(operations.into_iter().map(|operation| Case {
            name: format!("{name} ({operation})"),
            caller: caller.clone(),
            with: with.clone(),
            steps: vec![Step::Call(Box::new(Call {
                operation: operation.to_owned(),
                times: 1,
                by: By::Client,
                within: None,
                once: false,
                with: With::default(),
                lines: lines.clone(),
                result: result.clone(),
            }))],
        }));
        Ok(())
    }

    fn step(self) -> Read<Step> {
        self.named(&["idle", "call"])?;
        if self.name() == "idle" {
            self.only(&["for"])?;
            self.empty()?;
            return self.required("for").and(self.time("for")).map(|time| Step::Idle(time.unwrap_or_default()));
        }
        self.only(&["of", "times", "by", "within", "once"])?;
        let mut children = self.children()?;
        let with = take_with(&mut children)?;
        let (lines, result) = self.transcript(&children)?;
        Ok(Step::Call(Box::new(Call {
            operation: self.required("of")?.to_owned(),
            times: self.times()?,
            by: self.value("by", by)?.unwrap_or(By::Client),
            within: self.time("within")?,
            once: self.flag("once", ["no", "yes"])?.unwrap_or(false),
            with,
            lines,
            result,
        })))
    }

    fn times(self) -> Read<usize> {
        Ok(self.value("times", |text| text.parse().ok().filter(|times| *times > 0))?.unwrap_or(1))
    }

    /// Waits and requests, and at the end the result.
    fn transcript(self, children: &[Self]) -> Read<(Vec<Line>, Expected)> {
        let Some((last, before)) = children.split_last() else { return self.refuse("this has no result") };
        let mut lines = Vec::new();
        for child in before {
            match child.name() {
                "wait" => lines.push(Line::Wait(child.wait()?)),
                _ => lines.extend(std::iter::repeat_n(Line::Sent(child.sent()?), child.times()?)),
            }
        }
        Ok((lines, last.result()?))
    }

    fn wait(self) -> Read<Wait> {
        self.only(&["exactly", "up_to"])?;
        self.empty()?;
        match (self.time("exactly")?, self.time("up_to")?) {
            (Some(time), None) => Ok(Wait::Exactly(time)),
            (None, Some(time)) => Ok(Wait::UpTo(time)),
            _ => self.refuse("either `exactly` or `up_to` says how long"),
        }
    }

    fn sent(self) -> Read<Sent> {
        let brings = if self.name() == "answer" { self.answer()? } else { self.fault()? };
        let at = self.node.attribute("at").map(str::to_owned);
        Ok(Sent { at, takes: self.time("takes")?.unwrap_or_default(), brings })
    }

    fn answer(self) -> Read<Brings> {
        const HEADERS: [&str; 4] = ["date", "location", "retry-after", "status-line"];
        self.only(&["at", "takes", "times", "status", HEADERS[0], HEADERS[1], HEADERS[2], HEADERS[3]])?;
        let header = |name: &'static str| Some((name, self.node.attribute(name)?.to_owned()));
        let headers: Vec<_> = HEADERS.into_iter().filter_map(header).collect();
        let body = self.body();
        match self.value("status", |text| text.parse().ok())? {
            Some(status) => Ok(Brings::Answer { status, headers, body }),
            None if headers.is_empty() && body.is_empty() => Ok(Brings::Success),
            None => self.refuse("an answer of its own has a `status`"),
        }
    }

    fn fault(self) -> Read<Brings> {
        self.only(&["at", "takes", "times", "sent"])?;
        self.empty()?;
        let kind = match self.name() {
            "invalid" => Kind::InvalidRequest,
            "refused" => Kind::Connect,
            "untrusted" => Kind::Tls,
            "timeout" => Kind::Timeout,
            "broken" => Kind::ConnectionLost,
            "not-http" => Kind::Protocol,
            "too-large" => Kind::TooLarge,
            _ => return self.refuse("nothing of this name comes of a request"),
        };
        let unsent = self.value("sent", |text| (text == "no").then_some(true))?.unwrap_or(false);
        Ok(Brings::Fault { kind, unsent })
    }

    fn result(self) -> Read<Expected> {
        self.named(&["ok", "error"])?;
        if self.name() == "ok" {
            self.only(&[])?;
            return self.empty().map(|()| Expected::Ok);
        }
        self.only(&["is", "retry_after"])?;
        let is: BTreeSet<_> =
            self.node.attribute("is").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        if let Some(unknown) = is.iter().find(|word| !PREDICATES.contains(&word.as_str())) {
            return self.refuse(&format!("no error is `{unknown}`"));
        }
        let text = self.text_alone()?;
        if text.is_empty() {
            return self.refuse("what it says is missing");
        }
        Ok(Expected::Error { is, retry_after: self.time("retry_after")?, text })
    }

    fn with(self) -> Read<With> {
        self.only(&["attempts", "deadline", "backoff", "longest_wait", "pacing", "margin", "other_port"])?;
        self.empty()?;
        Ok(With {
            attempts: self.value("attempts", |text| text.parse().ok())?,
            deadline: self.time("deadline")?,
            backoff: self.time("backoff")?,
            longest_wait: self.time("longest_wait")?,
            pacing: self.flag("pacing", ["off", "on"])?,
            margin: self.time("margin")?,
            other_port: self.value("other_port", |text| text.parse().ok())?,
        })
    }
}

/// The first element if it has this name.
fn take<'a>(name: &str, children: &mut Vec<Element<'a>>) -> Option<Element<'a>> {
    (children.first()?.name() == name).then(|| children.remove(0))
}

fn take_with(children: &mut Vec<Element<'_>>) -> Read<With> {
    take("with", children).map_or(Ok(With::default()), Element::with)
}

fn take_caller(children: &mut Vec<Element<'_>>) -> Read<Caller> {
    let Some(caller) = take("caller", children) else { return Ok(Caller::default()) };
    caller.only(&["at", "credentials", "plain"])?;
    caller.empty()?;
    let bearer = caller.flag("credentials", ["token", "bearer"])?.unwrap_or(false);
    Ok(Caller {
        at: caller.node.attribute("at").map(str::to_owned),
        bearer,
        plain: caller.flag("plain", ["no", "yes"])?,
    })
}

fn by(text: &str) -> Option<By> {
    match text {
        "clone" => Some(By::Clone),
        "other" => Some(By::Other),
        _ => None,
    }
}

/// Seconds, whole or with a fraction.
fn seconds(text: &str) -> Option<Duration> {
    match text.parse() {
        Ok(whole) => Some(Duration::from_secs(whole)),
        Err(_) => Duration::try_from_secs_f64(text.parse().ok()?).ok(),
    }
}
