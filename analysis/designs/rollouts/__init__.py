"""Sites that start at different times: imputation, group-time effects, permuted start dates."""
