"""What trainings on folders of labelled recordings share."""
