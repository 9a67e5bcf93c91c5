-- The former texts, as far as SQL can tell them; a telephone number keeps what separates its parts.
ALTER TABLE customers ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
UPDATE customers SET search_text = lower(name || char(10) || COALESCE(short_name, '') || char(10) || code || char(10) || COALESCE(email, '') || char(10) || COALESCE(phone, ''));
UPDATE contacts SET search_text = lower(name || char(10) || COALESCE(title, '') || char(10) || COALESCE(email, '') || char(10) || COALESCE(wechat, '') || char(10) || COALESCE(mobile, '') || char(10) || COALESCE(phone, ''));
UPDATE products SET search_text = lower(sku || char(10) || name || char(10) || COALESCE(name_en, ''));
UPDATE tickets SET search_text = lower(number || char(10) || subject);
DROP TABLE search_index;
DROP TABLE search_entries;
DROP TABLE search_state;
