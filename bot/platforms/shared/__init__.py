"""What all platforms do alike. It knows no vendor and none of them."""
