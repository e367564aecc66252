"""Layout `grid`: tables, ruled or printed."""
