"""Pages of `docs/results`, made from the JSON files in `experiments/results`.

    python -m experiments.report            # writes docs/results/*.md
    python -m experiments.report --check    # exit status 1 where a page differs from what the JSON files give

Needs nothing but the standard library and takes less than a second. A result is a JSON file; `catalogue`
says which page it is on, what it shows and by which command it is made again. Every number of a page is
computed from a result. Each theme has a module with a function from the results to the text of its page;
`pages` holds them together, and `pages.picture_names` names the PNG files that the pages show.
"""
