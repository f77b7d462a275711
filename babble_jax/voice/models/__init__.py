"""Sample models: SampleRNN, WaveNet and a plain RNN, under the contract of `voice.contract`."""
