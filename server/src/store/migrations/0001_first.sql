-- Times are seconds since 1970, in UTC. Ids are unique in the whole file, across accounts.

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    ssl INTEGER NOT NULL DEFAULT 0,
    page_limit INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name TEXT NOT NULL,
    email_address TEXT NOT NULL,
    admin INTEGER NOT NULL DEFAULT 0,
    time_zone TEXT NOT NULL DEFAULT 'UTC',
    use_24h_clock INTEGER NOT NULL DEFAULT 1,
    remind_via_email INTEGER NOT NULL DEFAULT 1,
    remind_via_mobile INTEGER NOT NULL DEFAULT 0,
    mobile_phone_host TEXT,
    mobile_phone_number TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_account ON users (account_id);

-- Only the hash of a token is stored.
CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE pages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    title TEXT NOT NULL,
    description TEXT,
    public INTEGER NOT NULL DEFAULT 0,
    -- Part before the @ of the page's mail address.
    mailbox TEXT NOT NULL UNIQUE COLLATE NOCASE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pages_by_account ON pages (account_id);

-- Users of other accounts with whom a page is shared.
CREATE TABLE friends (
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (page_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX friends_by_user ON friends (user_id);

CREATE TABLE links (
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    linked_page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    PRIMARY KEY (page_id, linked_page_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_target ON links (linked_page_id);

-- Positions of the widgets on a page.
CREATE TABLE belongings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    widget_id INTEGER NOT NULL,
    UNIQUE (kind, widget_id)
) STRICT;
CREATE INDEX belongings_by_page ON belongings (page_id, position);

CREATE TABLE lists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    name TEXT NOT NULL
) STRICT;
CREATE INDEX lists_by_page ON lists (page_id);

CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    list_id INTEGER NOT NULL REFERENCES lists ON DELETE CASCADE,
    content TEXT NOT NULL,
    completed INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX items_by_list ON items (list_id, completed, position);

CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    show_created_at INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_by_page ON notes (page_id);

CREATE TABLE separators (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    name TEXT NOT NULL
) STRICT;
CREATE INDEX separators_by_page ON separators (page_id);

CREATE TABLE emails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- Identifies a mail that is delivered again.
    message_id TEXT,
    UNIQUE (page_id, message_id)
) STRICT;
CREATE INDEX emails_by_page ON emails (page_id, created_at);

CREATE TABLE galleries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    name TEXT NOT NULL
) STRICT;
CREATE INDEX galleries_by_page ON galleries (page_id);

CREATE TABLE images (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    gallery_id INTEGER NOT NULL REFERENCES galleries ON DELETE CASCADE,
    file_name TEXT NOT NULL,
    description TEXT
) STRICT;
CREATE INDEX images_by_gallery ON images (gallery_id);

CREATE TABLE attachments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    file_name TEXT NOT NULL
) STRICT;
CREATE INDEX attachments_by_page ON attachments (page_id);

CREATE TABLE tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE,
    UNIQUE (account_id, name)
) STRICT;

CREATE TABLE page_tags (
    page_id INTEGER NOT NULL REFERENCES pages ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (page_id, position),
    UNIQUE (tag_id, page_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE reminders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    creator_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    content TEXT NOT NULL,
    remind_at INTEGER NOT NULL,
    sent_at INTEGER
) STRICT;
CREATE INDEX reminders_by_creator ON reminders (creator_id);
CREATE INDEX reminders_due ON reminders (remind_at) WHERE sent_at IS NULL;

CREATE TABLE remindees (
    reminder_id INTEGER NOT NULL REFERENCES reminders ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (reminder_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX remindees_by_user ON remindees (user_id);

CREATE TABLE statuses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,
    message TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE journal_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX journal_entries_by_user ON journal_entries (user_id);

CREATE TABLE bookmarks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    kind TEXT NOT NULL,
    target_id INTEGER NOT NULL,
    position INTEGER NOT NULL
) STRICT;
CREATE INDEX bookmarks_by_user ON bookmarks (user_id, position);

CREATE TABLE calendars (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    owner_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    -- If shared, all users of the account see it.
    shared INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL,
    color TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX calendars_by_account ON calendars (account_id);

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    calendar_id INTEGER NOT NULL REFERENCES calendars ON DELETE CASCADE,
    -- User who is reminded.
    creator_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    title TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    occurs_at INTEGER,
    occurs_until INTEGER,
    all_day INTEGER NOT NULL DEFAULT 0,
    remind INTEGER NOT NULL DEFAULT 0,
    reminded_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX events_by_calendar ON events (calendar_id, occurs_at);
CREATE INDEX events_due ON events (occurs_at) WHERE remind AND reminded_at IS NULL;

-- Outgoing mail. Each message is written in the same transaction as the change that causes it.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_time ON outbox (next_attempt_at);
