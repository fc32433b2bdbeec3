"""The front page: three doors, what is worse, and the index that its search narrows."""
