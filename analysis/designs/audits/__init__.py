"""Cases that auditors rate: ordinal models, and auditors who differ."""
