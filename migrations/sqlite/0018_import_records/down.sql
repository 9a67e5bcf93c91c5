DROP INDEX contacts_mobile;
DROP INDEX contacts_email;
DROP INDEX import_rejects_waiting;
DROP INDEX import_rejects_origin;
ALTER TABLE import_rejects DROP COLUMN resolved;
ALTER TABLE import_rejects DROP COLUMN waits;
ALTER TABLE import_rejects DROP COLUMN problems;
ALTER TABLE imports DROP COLUMN updated;
