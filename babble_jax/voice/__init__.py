"""Makes sound: sample models under one contract (`contract.SampleModel`), conditioning, samplers, speech."""
