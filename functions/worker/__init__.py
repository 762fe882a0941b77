"""Makes answers: takes generations from the queue, streams the model's text to every socket of the user."""
