"""The story that the sample data tells, as code: who, what, when, and what truly happened."""
