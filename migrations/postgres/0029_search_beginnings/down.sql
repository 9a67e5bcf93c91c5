-- The former program makes its tokens when it starts.
DELETE FROM search_state;
