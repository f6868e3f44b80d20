"""The course: what the notebooks use to teach."""
