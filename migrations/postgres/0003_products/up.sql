CREATE TABLE products (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    sku TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C",
    category TEXT COLLATE "C",
    unit TEXT COLLATE "C",
    -- ten-thousandths of the currency unit
    list_price BIGINT NOT NULL CHECK (list_price >= 0),
    cost BIGINT CHECK (cost >= 0),
    active BOOLEAN NOT NULL,
    description TEXT COLLATE "C",
    search_text TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX products_name ON products (name, id);
CREATE INDEX products_created ON products (created_at, id);
