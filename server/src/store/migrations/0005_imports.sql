-- Rows that an import wrote, by their numbers in the archive. A later import of the same account does not write them
-- again, even if they were changed or deleted since.
CREATE TABLE imports (
    account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    -- Kind of the row: in most cases the name of its table.
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    row_id INTEGER NOT NULL,
    -- Start of the hash of the values in the archive, by which a later import sees that they have changed there.
    fingerprint INTEGER NOT NULL,
    PRIMARY KEY (account_id, kind, number)
) STRICT, WITHOUT ROWID;

-- Name of the account in the archive that was imported into this account; empty if the archive has no name.
ALTER TABLE accounts ADD COLUMN imported_from TEXT;

-- Values of the API that only an import can set.
ALTER TABLE users ADD COLUMN identity_url TEXT;
ALTER TABLE users ADD COLUMN start_page_id INTEGER REFERENCES pages ON DELETE SET NULL;
CREATE INDEX users_by_start_page ON users (start_page_id);
ALTER TABLE calendars ADD COLUMN ical_subscription_url TEXT;
