"""The routes of the HTTP API, a module for each subject. Each is declared beside the code that serves it."""
