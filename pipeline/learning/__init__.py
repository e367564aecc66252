"""Networks, how they are trained, and how their training digits are distorted."""
