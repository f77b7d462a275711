"""The ear: sound into phones (or letters) with times, by connectionist temporal classification; offline and streaming.

References:
  Hannun et al. 2014, arXiv 1412.5567 (Deep Speech); Graves et al. 2006, "Connectionist temporal classification";
  Amodei et al. 2015, arXiv 1512.02595, section 3.3 (look-ahead convolution).
"""
