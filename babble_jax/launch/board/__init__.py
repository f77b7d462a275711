"""Shows runs as one page: curves with seeds as bands, sounds, spectrograms, tables, differences of values."""
