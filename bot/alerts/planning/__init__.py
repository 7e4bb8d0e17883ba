"""What a target is shown, and when: decided from rows. Changes nothing."""
