"""A funnel of selection: from application to appointment, stage by stage."""
