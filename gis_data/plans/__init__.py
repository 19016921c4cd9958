"""Maps to scale as documents: a frame on the ground, drawings clipped to it, texts that do not collide."""
