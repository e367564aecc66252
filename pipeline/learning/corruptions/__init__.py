"""The corruptions of MNIST-C, made on the fly: each digit's from a key of its own, so that subsets agree."""
