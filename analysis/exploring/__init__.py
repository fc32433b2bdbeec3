"""Any table and chart of the contract's columns that an evaluator asks for, cleared."""
