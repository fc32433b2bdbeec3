"""A monitor of staff: representation by grade, declaration, recruitment and progression."""
