"""Do generated samples help where real ones are few? A classifier on few real samples, with and without them."""
