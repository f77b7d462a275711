"""What annotation means: which tiers, columns and files are whose speech, and which labels are none."""
