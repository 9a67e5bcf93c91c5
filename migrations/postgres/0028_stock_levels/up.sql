-- What was on hand of a product, as an ERP or a stocktaking says it.
CREATE TABLE stock_levels (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    day INTEGER NOT NULL,
    -- thousandths of the product's unit
    quantity BIGINT NOT NULL CHECK (quantity >= 0),
    -- ten-thousandths of the currency unit; empty where nobody said and the product had none
    unit_cost BIGINT CHECK (unit_cost >= 0),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (product_id, day)
);
