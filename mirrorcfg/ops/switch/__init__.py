"""Files switched as one: the plan, `use`, and the ways back."""
