DROP TABLE value_ranks;
DROP TABLE value_runs;
