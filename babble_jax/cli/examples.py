"""Examples of each verb, which its help shows at the end: command lines that run as they stand."""

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "demo": (
        ("A minute of dialogue in the folder babble-demo:", "babble demo"),
        ("As one page for the browser, with a player:", "babble demo --browse"),
        ("Half a minute of another one:", "babble demo --seconds 30 --seed 7 --out other-demo"),
    ),
    "speak": (
        ("Five seconds of a woman, by the voice babblers:", "babble speak --speaker woman --seconds 5"),
        ("Four files, calmer than by default:", "babble speak --streams 4 --temperature 0.8 --out calm.wav"),
        ("A voice of your own, from its training run:", "babble speak --voice RUN --out mine.wav"),
        ("Heard while it is made:", "babble speak --seconds 60 --raw | aplay -f S16_LE -r 16000"),
    ),
    "voices": (
        ("Every voice that ships, and how to let it speak:", "babble voices"),
        ("A voice of your own beside them:", "babble voices RUN my-voice"),
        ("The same for programs:", "babble voices --json"),
    ),
    "inspect": (
        ("What is whose speech in a folder of annotation:", "babble inspect CORPUS"),
        ("A picture of the first five minutes:", "babble inspect talk.TextGrid --plot talk.png --minutes 5"),
        (
            "Only the tiers of words, and 'xxx' is no speech:",
            "babble inspect CORPUS --tiers '.*words' --noise xxx",
        ),
        (
            "A table with columns of other names:",
            "babble inspect turns.csv --columns start=tmin end=tmax speaker=who",
        ),
        (
            "Speech detected in a stereo call, to be corrected in Praat:",
            "babble inspect call.wav --annotation call.TextGrid",
        ),
    ),
    "events": (
        ("Events per minute, and the offsets:", "babble events CORPUS"),
        ("Every event as a row, for R or pandas:", "babble events CORPUS --out tables"),
        (
            "The offsets beside those of Switchboard:",
            "babble events CORPUS --plot ftos.png --against switchboard",
        ),
        (
            "Between turns, with another merge:",
            "babble events CORPUS --fto-level turn --definitions.merge 0.18",
        ),
    ),
    "fit": (
        ("Rank two families in seconds:", "babble fit CORPUS --families logistic johnson_su"),
        ("All families, and a picture:", "babble fit CORPUS --plot fit.png"),
        ("A timing preset of your corpus:", "babble fit CORPUS --out mine.json"),
        ("The same of a few conversations:", "babble fit CORPUS --prior switchboard --out mine.json"),
    ),
    "compare": (
        ("Two presets:", "babble compare switchboard callhome-german"),
        ("Your corpus and the dialogue that was made for it:", "babble compare CORPUS DIALOGUE"),
        (
            "How human is a voice agent, on channel B of its calls:",
            "babble compare calls --against switchboard --speaker B --plot agent.png",
        ),
    ),
    "timings": (
        ("A row for each preset:", "babble timings"),
        ("The same for programs:", "babble timings --json"),
    ),
    "hear": (
        ("The phones of a recording, a line each:", "babble hear talk.wav"),
        ("For Praat, and as a table for R or pandas:", "babble hear a.wav b.wav --out phones"),
        ("The second channel of a call, for programs:", "babble hear call.wav --ear EAR --channel 2 --json"),
    ),
    "align": (
        ("A word of known phones:", "babble align word.wav 'pau p rr i vv ee t pau'"),
        ("A folder of recordings and its labels:", "babble align RECORDINGS --ear EAR --out aligned"),
        ("A recording and the phones in a file:", "babble align talk.wav talk.lab --ear EAR"),
    ),
    "converse": (
        (
            "A woman and a man, with the timing of German telephone calls:",
            "babble converse --timing callhome-german --speakers woman man --out dialogue",
        ),
        ("The timing of a recorded conversation:", "babble converse --replay talk.TextGrid --out replay"),
        ("Every gap 300 ms longer:", "babble converse --shift-gaps 0.3 --out slow"),
    ),
    "stimuli": (
        ("A specification to begin with:", "babble stimuli --example gap-detection > gaps.toml"),
        ("Its sounds and lists of trials:", "babble stimuli gaps.toml --out stimuli"),
        (
            "With a page that runs the experiment in a browser:",
            "babble stimuli gaps.toml --out stimuli --page --overwrite",
        ),
    ),
    "simulate": (
        ("Ten hours as RTTM, a file for each dialogue:", "babble simulate --hours 10 --out hours"),
        (
            "A meeting of four, as TextGrids:",
            "babble simulate --hours 1 --timing ami --format textgrid --out meetings",
        ),
    ),
    "dataset": (
        ("Minutes of read speech that ship:", "babble dataset excerpt --out data"),
        ("Your own recordings, with silence to learn:", "babble dataset RECORDINGS --pad 1 --out data"),
        ("At a lower rate, which trains faster:", "babble dataset RECORDINGS --sample-rate 8000 --out data"),
    ),
    "launch": (
        ("What an experiment's file lets you change:", "babble launch mine.py --help"),
        (
            "Two values and three seeds, two runs at once:",
            "babble launch mine.py --sweep dim=64,128 seed=0:3 --parallel 2",
        ),
        (
            "Where all runs stand, and how they compare:",
            "babble launch runs && babble launch compare --plot curves.png",
        ),
    ),
    "board": (
        ("All runs of the launcher as one file:", "babble board runs"),
        ("Two trainings, while they go on:", "babble board RUN OTHER_RUN --watch"),
    ),
    "train": (
        ("A first voice in minutes, from minutes of speech that ship:", "babble train excerpt"),
        ("Your own recordings, for hours:", "babble train RECORDINGS --preset speech --workdir RUN"),
        ("A run goes on, for longer than it was begun:", "babble train --workdir RUN --steps 20000"),
        ("What the presets are for, take and reach:", "babble train --list-presets"),
        ("Another kind of model:", "babble train data --workdir RUN model:wavenet"),
        ("An ear, of recordings with labels:", "babble train RECORDINGS --task ear --workdir EAR"),
    ),
    "adapt": (
        (
            "A voice of one speaker, from minutes of recordings:",
            "babble adapt RECORDINGS --out my-voice --consent 'Ann, to share it'",
        ),
        (
            "For longer, from a voice of your own:",
            "babble adapt RECORDINGS --from RUN --minutes 60 --out mine",
        ),
        ("The same voice whenever it is made:", "babble adapt RECORDINGS --steps 2000 --out mine"),
    ),
    "judge": (
        ("What `babble speak` made, beside its own speaker's speech:", "babble judge babble.wav"),
        (
            "Several, beside recordings of your own:",
            "babble judge a.wav b.wav --reference RECORDINGS --plot judge.png",
        ),
    ),
    "export": (
        (
            "A voice to publish, from a training run:",
            "babble export RUN --out my-voice --source 'our own' --licence CC0-1.0",
        ),
        (
            "An ear, as small as can be:",
            "babble export RUN --out my-ear --source own --licence CC0-1.0 --weights int8",
        ),
    ),
    "live": (
        ("A page in this machine's browser:", "babble live --open"),
        ("A slower agent with the man's voice:", "babble live --speaker man --patience 2"),
        ("A machine that waits for 0.7 s of silence:", "babble live --control time-out --timeout 0.7"),
        ("Without a page, by microphone and headphones:", "babble live --device"),
    ),
    "tune": (("For a timing of your own, which `babble fit` wrote:", "babble tune mine.json"),),
    "cue fit": (
        (
            "From recordings with a speaker on each channel:",
            "babble cue fit RECORDINGS --out cue.safetensors",
        ),
        ("The agent hears by it:", "babble live --cue network --cue-model cue.safetensors"),
    ),
    "bench live": (
        ("Against a simulated partner, heard 80 ms late:", "babble bench live --delay 0.08"),
        (
            "Beside people, in conversations that were not fitted on:",
            "babble bench live CORPUS --timing mine.json --plot bench.png",
        ),
    ),
    "session report": (
        ("One conversation that `babble live` recorded:", "babble session report babble-live/SESSION"),
        (
            "Beside other people:",
            "babble session report babble-live/SESSION --against callhome-german",
        ),
    ),
    "session rescore": (
        ("An agent that waits longer:", "babble session rescore babble-live/SESSION --patience 1.2"),
    ),
    "bench train": (
        ("Two sizes, by the excerpt of speech that ships:", "babble bench train --dim 256 1024"),
        ("A preset on your own data set:", "babble bench train DATASET --preset speech"),
    ),
    "bench speak": (
        ("The default voice, one stream and sixteen:", "babble bench speak"),
        ("Two sizes without a voice, for programs:", "babble bench speak --voice none --dim 256 1024 --json"),
    ),
    "doctor": (
        ("For your bug report:", "babble doctor"),
        ("The same for programs:", "babble doctor --json > doctor.json"),
    ),
}
"""Of each verb: what an example does, and its command line."""

TASK_EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "ear": (
        ("From recordings with labels, or of a Festival voice:", "babble train RECORDINGS --task ear"),
        (
            "From transcripts, for an ear that hears letters:",
            "babble train RECORDINGS --task ear --symbols graphemes",
        ),
        (
            "One that hears while the sound comes, 160 ms later:",
            "babble train RECORDINGS --task ear --model.direction forward --model.look-ahead 8",
        ),
        ("A run goes on, for longer than it was begun:", "babble train --workdir EAR --steps 8000"),
    ),
    "tacotron": (
        ("Tacotron 2 for two cores:", "babble train RECORDINGS --task tacotron"),
        ("In the sizes of its paper:", "babble train RECORDINGS --task tacotron --size paper"),
        ("The first Tacotron:", "babble train RECORDINGS --task tacotron model:tacotron"),
        ("A run goes on, for longer than it was begun:", "babble train --workdir MODEL --steps 16000"),
    ),
}
"""The same of `babble train --task TASK`, by the task."""
