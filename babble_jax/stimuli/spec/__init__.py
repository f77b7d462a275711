"""The specification of a set of stimuli in parts: keys, levels, designs, output, question, rules and mistakes."""
