"""The comparisons of Mehri et al. 2017 at small scale."""
