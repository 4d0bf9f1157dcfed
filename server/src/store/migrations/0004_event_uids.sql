-- Identifies an event in the calendar programs that subscribe to its feed. It never changes; otherwise, these programs
-- would show the event as a new one. Older versions built it from the account's name, which can change.
ALTER TABLE events ADD COLUMN uid TEXT NOT NULL DEFAULT '';
UPDATE events SET uid = 'event-' || events.id || '-' || events.created_at || '@' || lower(accounts.name) || '.backpack'
    FROM calendars JOIN accounts ON accounts.id = account_id WHERE calendars.id = calendar_id;
