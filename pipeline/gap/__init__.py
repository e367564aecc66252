"""How a collection's digits differ from MNIST's: what is measured, how well it tells them apart, and in words."""
