-- What begins with one or two letters has tokens of its own now; the program makes all anew when it starts.
DELETE FROM search_state;
