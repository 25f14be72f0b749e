"""The console: pages for moderators, agencies and creators, ops and auditors. They hold no rule of their own."""
