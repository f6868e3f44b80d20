"""The exercises, quizzes and predictions of the course: a file for each notebook, data only."""
