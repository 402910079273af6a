"""Looking at the sources in use again and again: `failover`, `watch`, and what the machine runs by itself."""
