ALTER TABLE dictionary_entries DROP COLUMN version;
ALTER TABLE tickets DROP COLUMN custom;
ALTER TABLE orders DROP COLUMN custom;
ALTER TABLE contacts DROP COLUMN custom;
ALTER TABLE customers DROP COLUMN custom;
DROP TABLE custom_fields;
