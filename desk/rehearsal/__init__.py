"""The desk that rehearsals are played at: the door itself, or the API over HTTP."""
