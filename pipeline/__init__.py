"""mnist-cn: photographed sheets of handwritten digits in, a curated dataset and a better digit recogniser out."""
