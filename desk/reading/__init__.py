"""What somebody may read of cases, agencies and creators."""
