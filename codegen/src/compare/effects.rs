//! Effects of a difference on each side of an API, and the change of the version number that they require.

/// Effect of a difference on one side of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// No effect.
    None,
    /// An effect that both versions can handle.
    Compatible,
    /// An effect that one of the versions cannot handle.
    Breaking,
}

/// Effects of a difference on each side of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effects {
    /// Code that uses the generated bindings: does it compile with the new version, and mean the same?
    pub rust_api: Effect,
    /// Requests of new clients, read by servers of the old version.
    pub clients_send: Effect,
    /// Responses of servers of the old version, read by new clients.
    pub clients_accept: Effect,
    /// Responses of new servers, read by clients of the old version.
    pub servers_send: Effect,
    /// Requests of clients of the old version, read by new servers.
    pub servers_accept: Effect,
}

/// The change of the version number that a set of differences requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VersionBump {
    /// There is no difference.
    Unchanged,
    /// Only documentation and examples differ.
    Patch,
    /// All differences are compatible.
    Minor,
    /// A difference is breaking.
    Major,
}

/// Documents that contain a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    pub(super) in_requests: bool,
    pub(super) in_responses: bool,
}

impl Usage {
    pub(super) const REQUEST: Self = Self { in_requests: true, in_responses: false };
    pub(super) const RESPONSE: Self = Self { in_requests: false, in_responses: true };
}

/// Ability of each version to read what the other one writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Readable {
    /// The old version reads what the new one writes.
    pub(super) by_old: bool,
    /// The new version reads what the old one writes.
    pub(super) by_new: bool,
}

impl Readable {
    /// Each version reads what the other one writes.
    pub(super) const BY_BOTH: Self = Self { by_old: true, by_new: true };
    /// Neither version reads what the other one writes.
    pub(super) const BY_NEITHER: Self = Self { by_old: false, by_new: false };

    /// Returns the effects on the wire.
    pub(super) fn effects(self, usage: Usage) -> Effects {
        let effect = |is_used: bool, is_readable: bool| match (is_used, is_readable) {
            (false, _) => Effect::None,
            (true, true) => Effect::Compatible,
            (true, false) => Effect::Breaking,
        };
        Effects {
            rust_api: Effect::None,
            clients_send: effect(usage.in_requests, self.by_old),
            clients_accept: effect(usage.in_responses, self.by_new),
            servers_send: effect(usage.in_responses, self.by_old),
            servers_accept: effect(usage.in_requests, self.by_new),
        }
    }
}

impl Effects {
    /// No effect on any side.
    pub(super) const NONE: Self = Self {
        rust_api: Effect::None,
        clients_send: Effect::None,
        clients_accept: Effect::None,
        servers_send: Effect::None,
        servers_accept: Effect::None,
    };

    /// An effect on the Rust API only.
    pub(super) fn on_rust_api(effect: Effect) -> Self {
        Self { rust_api: effect, ..Self::NONE }
    }

    /// The same effects with this one on the Rust API.
    pub(super) fn with_rust_api(self, effect: Effect) -> Self {
        Self { rust_api: effect, ..self }
    }

    /// Returns the effects of two changes together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            rust_api: self.rust_api.max(other.rust_api),
            clients_send: self.clients_send.max(other.clients_send),
            clients_accept: self.clients_accept.max(other.clients_accept),
            servers_send: self.servers_send.max(other.servers_send),
            servers_accept: self.servers_accept.max(other.servers_accept),
        }
    }

    /// The sides with their names, in the order of the fields.
    pub fn sides(self) -> [(&'static str, Effect); 5] {
        [
            ("Rust API", self.rust_api),
            ("clients send", self.clients_send),
            ("clients accept", self.clients_accept),
            ("servers send", self.servers_send),
            ("servers accept", self.servers_accept),
        ]
    }

    /// The worst effect on any side.
    pub fn worst(self) -> Effect {
        self.sides().into_iter().map(|(_, effect)| effect).max().unwrap_or(Effect::None)
    }
}

impl Effect {
    /// Its name: `breaking`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        }
    }
}

impl VersionBump {
    /// Its name: `major`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

impl From<Effect> for VersionBump {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::None => Self::Patch,
            Effect::Compatible => Self::Minor,
            Effect::Breaking => Self::Major,
        }
    }
}
