DROP TRIGGER audit_entries_kept;
DROP TRIGGER audit_entries_unchanged;
DROP TABLE audit_lanes;
DROP INDEX audit_entries_chain;
ALTER TABLE audit_entries DROP COLUMN hash;
ALTER TABLE audit_entries DROP COLUMN number;
ALTER TABLE audit_entries DROP COLUMN lane;
ALTER TABLE audit_entries DROP COLUMN key_name;
ALTER TABLE audit_entries DROP COLUMN key_id;
