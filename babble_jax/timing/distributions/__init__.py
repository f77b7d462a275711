"""Laws of floor-transfer offsets: families of distributions, their fits, scores and pictures."""
