-- Runs write a million rows. In the order of a key that takes seconds; an index in another order makes each batch touch
-- nearly every page of it. So there is a narrow table for each order that is asked for, written in that order.

ALTER TABLE segmentation_scores ADD COLUMN value_if_active BIGINT;
UPDATE segmentation_scores
SET value_if_active = CASE
    -- Without a model the value itself.
    WHEN probability_active IS NULL THEN lifetime_value
    ELSE CAST(round(lifetime_value * 10000.0 / greatest(probability_active, 100)) AS BIGINT)
END
WHERE run = (SELECT run FROM segmentation_current) AND lifetime_value IS NOT NULL;
DROP INDEX segmentation_scores_value;

-- The customers of a run by their lifetime value.
CREATE TABLE segmentation_values (
    run BIGINT NOT NULL,
    -- least of all where there is none
    value BIGINT NOT NULL,
    customer_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (run, value, customer_id)
);
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
ALTER INDEX value_ranks_pkey RENAME TO value_ranks_before_pkey;
CREATE TABLE value_ranks (
    run BIGINT NOT NULL,
    rank BIGINT NOT NULL,
    customer_id TEXT COLLATE "C" NOT NULL,
    class TEXT COLLATE "C" NOT NULL,
    level TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    cumulative_share DOUBLE PRECISION NOT NULL,
    previous_class TEXT COLLATE "C",
    PRIMARY KEY (run, rank)
);
INSERT INTO value_ranks (run, rank, customer_id, class, level, amount, cumulative_share, previous_class)
SELECT value_runs.number, rank, customer_id, class, level, amount, cumulative_share, previous_class
FROM value_ranks_before INNER JOIN value_runs ON value_runs.id = value_ranks_before.run_id ORDER BY 1, 2;
DROP TABLE value_ranks_before;

-- The same by customer.
CREATE TABLE value_places (
    run BIGINT NOT NULL,
    customer_id TEXT COLLATE "C" NOT NULL,
    rank BIGINT NOT NULL,
    class TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (run, customer_id)
);
INSERT INTO value_places (run, customer_id, rank, class) SELECT run, customer_id, rank, class FROM value_ranks ORDER BY 1, 2;

DROP INDEX customers_value_class;
ALTER TABLE customers DROP COLUMN value_class;
