"""The bugs of notebook 15, "Why is it slower than one core?": programs that go wrong, their causes and their cures."""
