"""Runs on the Hugging Face hub: what is pushed, and how a run there is read. Only safetensors and JSON are read."""
