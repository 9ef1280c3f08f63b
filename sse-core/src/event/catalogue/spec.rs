//! What is known about one event.

/// What is known about one event before any is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSpec {
    event_type: &'static str,
    variant: &'static str,
    doc: &'static str,
    format: DataFormat,
    ephemeral: bool,
    tombstone: bool,
    terminal: bool,
}

/// How the data of an event is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataFormat {
    /// A JSON text.
    Json,
    /// Text as it is.
    Text,
    /// Always this text.
    Fixed(&'static str),
    /// Bytes, as padded base64.
    Base64,
}

impl EventSpec {
    /// An event of this type, with JSON data and no documentation.
    #[must_use]
    pub const fn new(event_type: &'static str) -> Self {
        Self {
            event_type,
            variant: "",
            doc: "",
            format: DataFormat::Json,
            ephemeral: false,
            tombstone: false,
            terminal: false,
        }
    }

    /// Sets the name of the Rust variant or struct. Default: empty.
    #[must_use]
    pub const fn with_variant(mut self, variant: &'static str) -> Self {
        self.variant = variant;
        self
    }

    /// Sets the documentation. Default: empty.
    #[must_use]
    pub const fn with_doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// Sets how the data is to be read. Default: [`DataFormat::Json`].
    #[must_use]
    pub const fn with_format(mut self, format: DataFormat) -> Self {
        self.format = format;
        self
    }

    /// Marks the event as live only.
    #[must_use]
    pub const fn with_ephemeral(mut self) -> Self {
        self.ephemeral = true;
        self
    }

    /// Marks the event as the last of its key.
    #[must_use]
    pub const fn with_tombstone(mut self) -> Self {
        self.tombstone = true;
        self
    }

    /// Marks the event as the one that ends its stream.
    #[must_use]
    pub const fn with_terminal(mut self) -> Self {
        self.terminal = true;
        self
    }

    /// The event type, as dispatched.
    #[must_use]
    pub const fn event_type(&self) -> &'static str {
        self.event_type
    }

    /// The name of the Rust variant, or of the struct; empty where it was not given.
    #[must_use]
    pub const fn variant(&self) -> &'static str {
        self.variant
    }

    /// The doc comment of the variant or struct, lines joined with LF; empty where there is none.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// How the data is to be read.
    #[must_use]
    pub const fn format(&self) -> DataFormat {
        self.format
    }

    /// Whether the event is live only, unless an envelope gives it an ID.
    #[must_use]
    pub const fn is_ephemeral(&self) -> bool {
        self.ephemeral
    }

    /// Whether the event takes its key out of "latest per key".
    #[must_use]
    pub const fn is_tombstone(&self) -> bool {
        self.tombstone
    }

    /// Whether the event ends its stream: a channel that publishes it is finished, and a client that has it is done.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.terminal
    }
}
