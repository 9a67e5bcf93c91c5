CREATE TABLE products (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    sku TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_en TEXT,
    category TEXT,
    unit TEXT,
    -- ten-thousandths of the currency unit
    list_price BIGINT NOT NULL CHECK (list_price >= 0),
    cost BIGINT CHECK (cost >= 0),
    active BOOLEAN NOT NULL,
    description TEXT,
    search_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX products_name ON products (name, id);
CREATE INDEX products_created ON products (created_at, id);
