"""How it is shown: tables, prose and charts, and the gate that lets nothing else through."""
