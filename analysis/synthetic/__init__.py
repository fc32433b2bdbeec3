"""The made-up nation, with effects planted in params/synthetic.yml: nobody in it is real."""
