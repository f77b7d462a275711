"""What the pages call families, models, events and covariates that have other names in the JSON files."""

FAMILIES = {
    "johnson_su_mixture": "mixture of two Johnson-SU",
    "shared_mixture": "mixture of shared normal components",
    "kde": "kernel density estimate (KDE)",
    "gaussian_mixture": "Gaussian mixture",
    "johnson_su": "Johnson-SU",
    "student_t": "Student-t",
    "two_sided_gamma": "two-sided gamma",
    "two_sided_log_normal": "two-sided log-normal",
    "asymmetric_laplace": "asymmetric Laplace",
    "logistic": "logistic",
    "ex_gaussian": "ex-Gaussian",
    "skew_normal": "skew-normal",
    "normal": "normal",
}

EVENTS = {
    "ipu": "IPUs",
    "pause": "pauses",
    "gap": "gaps",
    "overlap_between": "overlaps between",
    "overlap_within": "overlaps within",
    "backchannel": "backchannels",
}

MODELS = {
    "hazards": "simulator",
    "hazards_without_effects": "simulator without effects",
    "independent": "independent",
    "shuffle": "shuffle",
    "kde": "KDE",
    "semi_markov": "semi-Markov",
    "chain": "chain",
}

CORPORA = {
    "switchboard-ms98": "Switchboard",
    "switchboard": "Switchboard",
    "maptask": "Map Task",
    "ami": "AMI",
    "callhome": "CALLHOME",
}


def shown(names: dict[str, str], key: str) -> str:
    """The name of a key; of one that has none, the key itself with spaces."""
    return names.get(key, key.replace("_", " "))
