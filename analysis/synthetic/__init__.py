"""The made-up nation, with effects planted in params/synthetic.yml; real people are nowhere in it."""
