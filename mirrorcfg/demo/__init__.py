"""The whole story on loopback: two mirrors and a registry of this process's own, and a throwaway home."""
