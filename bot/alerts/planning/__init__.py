"""What a target is shown, and when: decided from rows. Nothing here sends or writes."""
