"""People who started a programme, beside people like them who did not."""
