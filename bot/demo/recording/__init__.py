"""The look-alike's HLS: what a broadcaster shows, as the site's own recording serves it."""
