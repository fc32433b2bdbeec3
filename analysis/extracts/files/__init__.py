"""Files of an extract as text: cells, numbers, dates, headings and the supplier's own words."""
