DELETE FROM sqlite_stat1
WHERE tbl IN ('segmentation_scores', 'segmentation_values', 'value_ranks', 'value_places', 'cluster_members');

ALTER TABLE customers ADD COLUMN value_class TEXT CHECK (value_class IN ('a', 'b', 'c'));
UPDATE customers SET value_class = value_places.class FROM value_places
WHERE value_places.run = (SELECT run FROM value_current) AND value_places.customer_id = customers.id;
CREATE INDEX customers_value_class ON customers (value_class, created_at, id);

DELETE FROM value_ranks WHERE run NOT IN (SELECT number FROM value_runs);
ALTER TABLE value_ranks RENAME TO value_ranks_after;
CREATE TABLE value_ranks (
    run_id TEXT NOT NULL REFERENCES value_runs (id) ON DELETE CASCADE,
    rank BIGINT NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    class TEXT NOT NULL CHECK (class IN ('a', 'b', 'c')),
    level TEXT NOT NULL CHECK (level IN ('top', 'middle', 'base')),
    amount BIGINT NOT NULL,
    cumulative_share DOUBLE PRECISION NOT NULL,
    previous_class TEXT,
    PRIMARY KEY (run_id, rank)
) WITHOUT ROWID;
INSERT INTO value_ranks (run_id, rank, customer_id, class, level, amount, cumulative_share, previous_class)
SELECT value_runs.id, rank, customer_id, class, level, amount, cumulative_share, previous_class
FROM value_ranks_after INNER JOIN value_runs ON value_runs.number = value_ranks_after.run
WHERE customer_id IN (SELECT id FROM customers);
CREATE INDEX value_ranks_customer ON value_ranks (customer_id, run_id);
DROP TABLE value_ranks_after;
DROP TABLE value_places;
DROP TABLE value_leftovers;
DROP TABLE value_current;
DROP INDEX value_runs_number;
ALTER TABLE value_runs DROP COLUMN number;

DROP TABLE segmentation_values;
CREATE INDEX segmentation_scores_value ON segmentation_scores (run, lifetime_value DESC, customer_id DESC);
ALTER TABLE segmentation_scores DROP COLUMN value_if_active;
