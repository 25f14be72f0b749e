"""Whatever runs it: settings, the embedded servers, the worker and its sweep."""
