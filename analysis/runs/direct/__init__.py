"""The direct way of a batch: the cells of a notebook run in a fork of the warm server, without ZMQ
and a Jupyter client; decision 91."""
