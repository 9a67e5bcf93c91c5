-- Rows whose record was there already, among those imported.
ALTER TABLE imports ADD COLUMN updated BIGINT NOT NULL DEFAULT 0;

-- JSON: everything that is wrong with the row, in both languages; without it the reason says it all.
ALTER TABLE import_rejects ADD COLUMN problems TEXT;
-- It refers to a row that may come later: tried again at the end of the file.
ALTER TABLE import_rejects ADD COLUMN waits BOOLEAN NOT NULL DEFAULT FALSE;
-- A corrected file has brought it in.
ALTER TABLE import_rejects ADD COLUMN resolved BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE import_rejects SET resolved = TRUE WHERE EXISTS (
    SELECT 1 FROM order_lines
    WHERE order_lines.import_id = import_rejects.origin_import_id AND order_lines.import_row = import_rejects.origin_row
);
CREATE INDEX import_rejects_origin ON import_rejects (origin_import_id, origin_row);
CREATE INDEX import_rejects_waiting ON import_rejects (import_id, row_number) WHERE waits;

-- What contacts are matched by.
CREATE INDEX contacts_email ON contacts (email) WHERE email IS NOT NULL;
CREATE INDEX contacts_mobile ON contacts (mobile) WHERE mobile IS NOT NULL;
