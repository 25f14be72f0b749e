"""By which names do activities, workflows and the desk call each other? A test holds them equal to the definitions."""

COMMIT = "commit"
CASE = "Case"
COMMAND = "command"
LOOK = "look"
