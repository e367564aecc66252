"""Distortion of many digits at once: albumentations transforms that work on a canvas of tiles."""
