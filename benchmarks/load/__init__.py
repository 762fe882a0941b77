"""Users at once against the local deployment and against the classic stack, side by side."""
