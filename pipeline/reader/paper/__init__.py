"""The sheet of paper on the photo: found, made straight, turned upright."""
