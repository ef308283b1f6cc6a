"""What belongs to the coachee. No other room can see in."""
