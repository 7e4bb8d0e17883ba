"""The site's own recording of a stream: what its playlists say, which segments show a window, and
what fetches and keeps them."""
