-- Runs write a million rows. In the order of a key that takes seconds; an index in another order makes each batch touch
-- nearly every page of it. So there is a narrow table for each order that is asked for, written in that order.

ALTER TABLE segmentation_scores ADD COLUMN value_if_active BIGINT;
UPDATE segmentation_scores
SET value_if_active = CASE
    -- Without a model the value itself.
    WHEN probability_active IS NULL THEN lifetime_value
    ELSE CAST(round(lifetime_value * 10000.0 / max(probability_active, 100)) AS BIGINT)
END
WHERE run = (SELECT run FROM segmentation_current) AND lifetime_value IS NOT NULL;
DROP INDEX segmentation_scores_value;

-- The customers of a run by their lifetime value.
CREATE TABLE segmentation_values (
    run BIGINT NOT NULL,
    -- least of all where there is none
    value BIGINT NOT NULL,
    customer_id TEXT NOT NULL,
    PRIMARY KEY (run, value, customer_id)
) WITHOUT ROWID;
INSERT INTO segmentation_values (run, value, customer_id)
SELECT run, coalesce(lifetime_value, -9223372036854775807), customer_id FROM segmentation_scores ORDER BY 1, 2, 3;

-- Names the run in its places: a short key in millions of rows.
ALTER TABLE value_runs ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
UPDATE value_runs SET number = counted.number
FROM (SELECT id, row_number() OVER (ORDER BY created_at, id) AS number FROM value_runs) AS counted
WHERE counted.id = value_runs.id;
CREATE UNIQUE INDEX value_runs_number ON value_runs (number);

-- The run whose classes customers have: what publishes a run is one small write here.
CREATE TABLE value_current (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    run BIGINT NOT NULL REFERENCES value_runs (number)
);
INSERT INTO value_current (id, run) SELECT 1, max(number) FROM value_runs HAVING max(number) IS NOT NULL;

-- Numbers of runs that are being written, and of those whose places are to be swept away.
CREATE TABLE value_leftovers (
    run BIGINT PRIMARY KEY,
    -- the last sign of life of whoever writes it; 0: nobody does
    beat_at BIGINT NOT NULL
);

-- Without references that each row would have to look up: who deletes a customer or a run deletes here, too.
ALTER TABLE value_ranks RENAME TO value_ranks_before;
CREATE TABLE value_ranks (
    run BIGINT NOT NULL,
    rank BIGINT NOT NULL,
    customer_id TEXT NOT NULL,
    class TEXT NOT NULL,
    level TEXT NOT NULL,
    amount BIGINT NOT NULL,
    cumulative_share DOUBLE PRECISION NOT NULL,
    previous_class TEXT,
    PRIMARY KEY (run, rank)
) WITHOUT ROWID;
INSERT INTO value_ranks (run, rank, customer_id, class, level, amount, cumulative_share, previous_class)
SELECT value_runs.number, rank, customer_id, class, level, amount, cumulative_share, previous_class
FROM value_ranks_before INNER JOIN value_runs ON value_runs.id = value_ranks_before.run_id ORDER BY 1, 2;
DROP TABLE value_ranks_before;

-- The same by customer.
CREATE TABLE value_places (
    run BIGINT NOT NULL,
    customer_id TEXT NOT NULL,
    rank BIGINT NOT NULL,
    class TEXT NOT NULL,
    PRIMARY KEY (run, customer_id)
) WITHOUT ROWID;
INSERT INTO value_places (run, customer_id, rank, class) SELECT run, customer_id, rank, class FROM value_ranks ORDER BY 1, 2;

DROP INDEX customers_value_class;
ALTER TABLE customers DROP COLUMN value_class;

-- SQLite knows nothing of how rows are spread and takes ten for a run; a million it would rather not begin with, where a list of
-- customers in another order is asked for and ends after a page. These are rows in all, of a run, of what follows.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('segmentation_scores', 'segmentation_scores', '12000000 1000000 1'),
    ('segmentation_values', 'segmentation_values', '12000000 1000000 2 1'),
    ('value_ranks', 'value_ranks', '12000000 1000000 1'),
    ('value_places', 'value_places', '12000000 1000000 1'),
    ('cluster_members', 'cluster_members', '12000000 1000000 1'),
    ('cluster_members', 'cluster_members_cluster', '12000000 1000000 150000 1');
