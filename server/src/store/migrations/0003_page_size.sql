-- Size of a page: the bytes of its texts, and 200 for the markup of each element. Triggers keep it up to date, so that
-- a change does not have to read the whole page. Mail does not count: it arrives without a user who could make room.
ALTER TABLE pages ADD COLUMN size INTEGER NOT NULL DEFAULT 0;

UPDATE pages SET size = octet_length(title) + coalesce(octet_length(description), 0) + 200
    + (SELECT coalesce(sum(octet_length(title) + octet_length(body) + 200), 0) FROM notes WHERE page_id = pages.id)
    + (SELECT coalesce(sum(octet_length(name) + 200), 0) FROM lists WHERE page_id = pages.id)
    + (SELECT coalesce(sum(octet_length(name) + 200), 0) FROM separators WHERE page_id = pages.id)
    + (SELECT coalesce(sum(octet_length(name) + 200), 0) FROM galleries WHERE page_id = pages.id)
    + (SELECT coalesce(sum(octet_length(file_name) + 200), 0) FROM attachments WHERE page_id = pages.id)
    + (SELECT coalesce(sum(octet_length(items.content) + 200), 0)
        FROM lists JOIN items ON list_id = lists.id WHERE page_id = pages.id)
    + (SELECT coalesce(sum(octet_length(images.file_name) + coalesce(octet_length(images.description), 0) + 200), 0)
        FROM galleries JOIN images ON gallery_id = galleries.id WHERE page_id = pages.id);

CREATE TRIGGER pages_size_insert AFTER INSERT ON pages BEGIN
    UPDATE pages SET size = octet_length(new.title) + coalesce(octet_length(new.description), 0) + 200
        WHERE id = new.id;
END;
CREATE TRIGGER pages_size_update AFTER UPDATE OF title, description ON pages BEGIN
    UPDATE pages SET size = size + octet_length(new.title) + coalesce(octet_length(new.description), 0)
        - (octet_length(old.title) + coalesce(octet_length(old.description), 0)) WHERE id = new.id;
END;

CREATE TRIGGER notes_size_insert AFTER INSERT ON notes BEGIN
    UPDATE pages SET size = size + octet_length(new.title) + octet_length(new.body) + 200 WHERE id = new.page_id;
END;
CREATE TRIGGER notes_size_update AFTER UPDATE OF title, body ON notes BEGIN
    UPDATE pages SET size = size + octet_length(new.title) + octet_length(new.body)
        - (octet_length(old.title) + octet_length(old.body)) WHERE id = new.page_id;
END;
CREATE TRIGGER notes_size_delete AFTER DELETE ON notes BEGIN
    UPDATE pages SET size = size - (octet_length(old.title) + octet_length(old.body) + 200) WHERE id = old.page_id;
END;

CREATE TRIGGER lists_size_insert AFTER INSERT ON lists BEGIN
    UPDATE pages SET size = size + octet_length(new.name) + 200 WHERE id = new.page_id;
END;
CREATE TRIGGER lists_size_update AFTER UPDATE OF name ON lists BEGIN
    UPDATE pages SET size = size + octet_length(new.name) - (octet_length(old.name)) WHERE id = new.page_id;
END;
-- Before the items are deleted, which then no longer belong to a page.
CREATE TRIGGER lists_size_delete BEFORE DELETE ON lists BEGIN
    UPDATE pages SET size = size - (octet_length(old.name) + 200)
        - (SELECT coalesce(sum(octet_length(content) + 200), 0) FROM items WHERE list_id = old.id)
        WHERE id = old.page_id;
END;

CREATE TRIGGER separators_size_insert AFTER INSERT ON separators BEGIN
    UPDATE pages SET size = size + octet_length(new.name) + 200 WHERE id = new.page_id;
END;
CREATE TRIGGER separators_size_update AFTER UPDATE OF name ON separators BEGIN
    UPDATE pages SET size = size + octet_length(new.name) - (octet_length(old.name)) WHERE id = new.page_id;
END;
CREATE TRIGGER separators_size_delete AFTER DELETE ON separators BEGIN
    UPDATE pages SET size = size - (octet_length(old.name) + 200) WHERE id = old.page_id;
END;

CREATE TRIGGER galleries_size_insert AFTER INSERT ON galleries BEGIN
    UPDATE pages SET size = size + octet_length(new.name) + 200 WHERE id = new.page_id;
END;
CREATE TRIGGER galleries_size_update AFTER UPDATE OF name ON galleries BEGIN
    UPDATE pages SET size = size + octet_length(new.name) - (octet_length(old.name)) WHERE id = new.page_id;
END;
-- Before the images are deleted, which then no longer belong to a page.
CREATE TRIGGER galleries_size_delete BEFORE DELETE ON galleries BEGIN
    UPDATE pages SET size = size - (octet_length(old.name) + 200)
       
        - (SELECT coalesce(sum(octet_length(file_name) + coalesce(octet_length(description), 0) + 200), 0)
            FROM images WHERE gallery_id = old.id) WHERE id = old.page_id;
END;

CREATE TRIGGER attachments_size_insert AFTER INSERT ON attachments BEGIN
    UPDATE pages SET size = size + octet_length(new.file_name) + 200 WHERE id = new.page_id;
END;
CREATE TRIGGER attachments_size_update AFTER UPDATE OF file_name ON attachments BEGIN
    UPDATE pages SET size = size + octet_length(new.file_name) - (octet_length(old.file_name)) WHERE id = new.page_id;
END;
CREATE TRIGGER attachments_size_delete AFTER DELETE ON attachments BEGIN
    UPDATE pages SET size = size - (octet_length(old.file_name) + 200) WHERE id = old.page_id;
END;

CREATE TRIGGER items_size_insert AFTER INSERT ON items BEGIN
    UPDATE pages SET size = size + octet_length(new.content) + 200 WHERE id = (SELECT page_id FROM lists
        WHERE id = new.list_id);
END;
CREATE TRIGGER items_size_update AFTER UPDATE OF content ON items BEGIN
    UPDATE pages SET size = size + octet_length(new.content)
        - (octet_length(old.content)) WHERE id = (SELECT page_id FROM lists WHERE id = new.list_id);
END;
CREATE TRIGGER items_size_delete AFTER DELETE ON items BEGIN
    UPDATE pages SET size = size - (octet_length(old.content) + 200) WHERE id = (SELECT page_id FROM lists
        WHERE id = old.list_id);
END;

CREATE TRIGGER images_size_insert AFTER INSERT ON images BEGIN
    UPDATE pages SET size = size + octet_length(new.file_name) + coalesce(octet_length(new.description), 0) + 200
        WHERE id = (SELECT page_id FROM galleries WHERE id = new.gallery_id);
END;
CREATE TRIGGER images_size_update AFTER UPDATE OF file_name, description ON images BEGIN
    UPDATE pages SET size = size + octet_length(new.file_name) + coalesce(octet_length(new.description), 0)
        - (octet_length(old.file_name) + coalesce(octet_length(old.description), 0))
        WHERE id = (SELECT page_id FROM galleries WHERE id = new.gallery_id);
END;
CREATE TRIGGER images_size_delete AFTER DELETE ON images BEGIN
    UPDATE pages SET size = size
        - (octet_length(old.file_name) + coalesce(octet_length(old.description), 0) + 200)
        WHERE id = (SELECT page_id FROM galleries WHERE id = old.gallery_id);
END;
