DROP TABLE segmentation_scores;
DROP TABLE segmentation_settings;
DROP TABLE segmentation_current;
DROP TABLE segmentation_runs;
