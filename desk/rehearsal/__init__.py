"""The two ways by which a rehearsal reaches the engine: the door itself, or the API over HTTP."""
