-- The former texts, as far as SQL can tell them; a telephone number keeps what separates its parts.
ALTER TABLE customers ADD COLUMN search_text TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN search_text TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN search_text TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN search_text TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE customers SET search_text = lower(name || chr(10) || COALESCE(short_name, '') || chr(10) || code || chr(10) || COALESCE(email, '') || chr(10) || COALESCE(phone, ''));
UPDATE contacts SET search_text = lower(name || chr(10) || COALESCE(title, '') || chr(10) || COALESCE(email, '') || chr(10) || COALESCE(wechat, '') || chr(10) || COALESCE(mobile, '') || chr(10) || COALESCE(phone, ''));
UPDATE products SET search_text = lower(sku || chr(10) || name || chr(10) || COALESCE(name_en, ''));
UPDATE tickets SET search_text = lower(number || chr(10) || subject);
DROP TABLE search_entries;
DROP TABLE search_state;
