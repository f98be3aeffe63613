"""A brute-force reading of what an answer means, written apart from the product, to check the product by."""
