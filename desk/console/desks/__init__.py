"""What pages are made of: one file a topic. A handler reads and shows, or reads a form and sends it to the door."""
