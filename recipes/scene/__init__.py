"""One page of pictures, sounds and sentences for the same emotion and intensity, from several runs."""
