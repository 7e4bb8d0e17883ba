"""By how many seconds two recordings of the same stream are apart, by what is seen and heard."""
