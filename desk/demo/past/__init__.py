"""The past of a demo: a year of six agencies, played into an empty engine before it opens, up to this very minute."""
