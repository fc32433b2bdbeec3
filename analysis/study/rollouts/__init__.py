"""What every roll-out over units shares in one place: panels, effects, checks, second opinions."""
