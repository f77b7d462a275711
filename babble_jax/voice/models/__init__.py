"""Sample models: SampleRNN, WaveNet and a plain RNN, all under the contract of `voice.contract`."""
