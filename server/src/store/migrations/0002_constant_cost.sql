-- The cost of a statement depends on the rows that it returns or changes, and not on the other rows of the file.

-- Each column that refers to another table has an index: when a row is deleted, SQLite searches the rows that refer to
-- it.
CREATE INDEX bookmarks_by_target ON bookmarks (target_id, kind);
CREATE INDEX calendars_by_owner ON calendars (owner_id);
CREATE INDEX events_by_creator ON events (creator_id);
CREATE INDEX outbox_by_account ON outbox (account_id);

CREATE INDEX users_by_address ON users (email_address COLLATE NOCASE, account_id);
CREATE INDEX administrators ON users (account_id) WHERE admin;
CREATE INDEX shared_calendars ON calendars (account_id) WHERE shared;

-- Due mail: messages that were never tried first; events apart from all-day events, whose beginning depends on a time
-- zone.
DROP INDEX outbox_by_time;
CREATE INDEX outbox_by_time ON outbox (attempts > 0, next_attempt_at);
DROP INDEX events_due;
CREATE INDEX events_due ON events (all_day, occurs_at) WHERE remind AND reminded_at IS NULL;

-- Copies of a value that an index needs in the table itself. Triggers keep them, so that they are right whoever writes,
-- also an older version of this program that uses the file at the same time.

-- Statuses and journal entries in the order of an account. Users never move to another account.
ALTER TABLE statuses ADD COLUMN account_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX statuses_by_account ON statuses (account_id);
CREATE TRIGGER account_of_status AFTER INSERT ON statuses BEGIN
    UPDATE statuses SET account_id = (SELECT account_id FROM users WHERE users.id = user_id) WHERE id = new.id;
END;
UPDATE statuses SET account_id = (SELECT account_id FROM users WHERE users.id = user_id);
ALTER TABLE journal_entries ADD COLUMN account_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX journal_entries_by_account ON journal_entries (account_id);
CREATE TRIGGER account_of_journal_entry AFTER INSERT ON journal_entries BEGIN
    UPDATE journal_entries SET account_id = (SELECT account_id FROM users WHERE users.id = user_id) WHERE id = new.id;
END;
UPDATE journal_entries SET account_id = (SELECT account_id FROM users WHERE users.id = user_id);

-- Reminders of a user from a time on.
DROP INDEX reminders_by_creator;
CREATE INDEX reminders_by_creator ON reminders (creator_id, remind_at);
ALTER TABLE remindees ADD COLUMN remind_at INTEGER NOT NULL DEFAULT 0;
DROP INDEX remindees_by_user;
CREATE INDEX remindees_by_user ON remindees (user_id, remind_at);
CREATE TRIGGER time_of_remindee AFTER INSERT ON remindees BEGIN
    UPDATE remindees SET remind_at = (SELECT remind_at FROM reminders WHERE id = reminder_id)
    WHERE reminder_id = new.reminder_id AND user_id = new.user_id;
END;
CREATE TRIGGER time_of_remindees AFTER UPDATE OF remind_at ON reminders BEGIN
    UPDATE remindees SET remind_at = new.remind_at WHERE reminder_id = new.id;
END;
UPDATE remindees SET remind_at = (SELECT remind_at FROM reminders WHERE id = reminder_id);

-- Tags by their case-folded names. SQLite itself folds only ASCII letters.
ALTER TABLE tags ADD COLUMN folded_name TEXT NOT NULL DEFAULT '';
CREATE INDEX tags_by_folded_name ON tags (account_id, folded_name);
CREATE TRIGGER folded_name_of_tag AFTER INSERT ON tags BEGIN
    UPDATE tags SET folded_name = folded(name) WHERE id = new.id;
END;
UPDATE tags SET folded_name = folded(name);

-- No two items of a list have the same position, so that two items can be swapped.
UPDATE items SET position = new_position FROM (
    SELECT id AS item_id, row_number() OVER (PARTITION BY list_id ORDER BY completed, position, id) AS new_position
    FROM items
) WHERE id = item_id;
CREATE INDEX items_by_position ON items (list_id, position);
