"""Made-up cases of an ombudsman, coded and put to a panel."""
