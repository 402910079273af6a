"""An image's name, and the image, as a profile's sources serve it."""
