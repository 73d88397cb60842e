"""Sounds: data, embedded sounds, WaveGAN and spectral architectures, and what is written."""
