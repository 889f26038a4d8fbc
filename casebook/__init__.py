"""The casebook: worked cases of the law, and what runs them."""
