"""The law as pages: what documents are made of, apart from how they are laid out."""
