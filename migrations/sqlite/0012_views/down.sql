DROP TABLE view_marks;
DROP TABLE saved_views;
