"""Phone intake: a caseworker writes down what a caller says. The public form's questions, and the same drafts."""
