"""Notebook 12, "How do you get through thousands of images?": what travels, what is missing, and whose result it is."""

from parlab.learn import probes, probes_images
from parlab.learn.claims import VALUE
from parlab.learn.claims_images import RESUMED, WELL_NAMED
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_ITEMS = list(probes.ITEMS)
_SQUARES = {item: item * item for item in _ITEMS}
_THERE = dict.fromkeys(probes_images.THERE, "there")
_BROKEN = {probes_images.BROKEN: "broken"}
_RESUMED = list((_SQUARES | _THERE | _BROKEN).values())
_HEAD = "from concurrent.futures import ProcessPoolExecutor"

CHECKS = (
    Check(
        name="12-what-travels",
        notebook=12,
        title="Do the pixels travel?",
        asks=(
            "Five ways to make thumbnails with a pool of processes. In which of them do decoded pixels travel from "
            "process to process? "
            "1. pool.map(task, paths); the task returns the thumbnail's JPEG bytes.   "
            "2. pool.map(task, [Image.open(path).convert('RGB') for path in paths]).   "
            "3. pool.map(task, [path.read_bytes() for path in paths]); the task returns None.   "
            "4. pool.map(task, paths); the task returns numpy.asarray(picture).   "
            "5. pool.starmap(task, [(shared, first, last), …]), where shared is a parlab.SharedArray.   "
            "Answer with a list of five, True or False."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "There are two journeys: the argument goes to the worker, and what the task returns comes back.",
            "A path is a short text. The bytes of a JPEG file are no pixels yet: somebody has to decode them.",
            "An array that is returned is pickled, as an argument is. A SharedArray is not: its name travels.",
        ),
        solution="[False, True, False, True, False]",
        read="notebook 12, “What travels?”",
        claims=(VALUE,),
        expected=[False, True, False, True, False],
        mistakes=(
            Mistake([2, 4], "Those are the two. Say it for each of the five: True at places 2 and 4, False elsewhere."),
            Mistake(
                [True, True, True, True, False],
                "Bytes of a JPEG file are no pixels, neither on the way there, in 3, nor on the way back, in 1.",
            ),
            Mistake(
                [False, True, True, False, False],
                "You have looked at the way there alone, and taken packed bytes for pixels: in 3 the worker decodes. "
                "Look at what comes back in 4.",
            ),
            Mistake(
                [False, True, True, True, False],
                "Nearly. In 3 the bytes of the file travel. They are no pixels yet: the worker decodes them.",
            ),
            Mistake(
                [False, True, False, False, False],
                "Nearly. Look at the way back, too: in 4 the task returns all pixels, and they are pickled.",
            ),
            Mistake(
                [True, True, False, True, False],
                "Nearly. In 1 the thumbnail's JPEG bytes come back: some kilobytes, and they are encoded.",
            ),
            Mistake(
                [False, True, False, True, True],
                "Nearly. In 5 the name of the shared memory travels, with shape and type. The pixels stay there.",
            ),
        ),
    ),
    Check(
        name="12-only-missing",
        notebook=12,
        title="Only what is missing",
        asks=(
            "task(number) makes the thumbnail of an image, and returns its size. For a broken image it raises an "
            "error. is_there(number) tells whether a thumbnail is there already. Have two processes do what is "
            'missing, and nothing else. Return a list in the order of the numbers: the size, "there", or "broken".'
        ),
        kind="write",
        difficulty=2,
        hints=(
            "First ask is_there(number) for each number, in your own process. Send only the others.",
            "pool.map ends at the first error. A future keeps its own: executor.submit(task, number) for each.",
            (
                "futures = {number: executor.submit(task, number) for number in numbers if not is_there(number)}. Then "
                'for each number: "there" if it is not in futures, "broken" if its exception() is not None, else its '
                "result()."
            ),
        ),
        solution=(
            f"{_HEAD}\n\n\n"
            "def resumed(task, is_there, numbers):\n"
            "    with ProcessPoolExecutor(2) as executor:\n"
            "        futures = {one: executor.submit(task, one) for one in numbers if not is_there(one)}\n"
            "    return [outcome(futures.get(number)) for number in numbers]\n\n\n"
            "def outcome(future):\n"
            "    if future is None:\n"
            '        return "there"\n'
            '    return "broken" if future.exception() else future.result()\n'
        ),
        read="notebook 12, “Go on where it stopped”",
        claims=RESUMED,
        signature="resumed(task, is_there, numbers)",
        calls=((probes_images.thumbnail, probes_images.is_there, _ITEMS),),
        expected=_RESUMED,
        mistakes=(
            Mistake(
                list((_SQUARES | _BROKEN).values()),
                "All tasks were done, also those whose thumbnail is there already. Ask is_there(number) first, and "
                'send only the others. For those that are there the list says "there".',
            ),
            Mistake(
                [value for value in _RESUMED if value != "there"],
                "Your list holds only what was missing. It shall have a place for each number, in their order, with "
                '"there" for those that were not sent.',
            ),
            Mistake(
                [value for value in _RESUMED if value != "broken"],
                'The broken image is left out, and so nobody will look for it. Its place in the list says "broken".',
            ),
            Mistake(
                ["there" if item in _THERE else "broken" for item in _ITEMS],
                "All that was sent is called broken. Is it exception, without parentheses? That is a method, and never "
                "None: write exception(). If it is not, look at what it returns.",
            ),
            Mistake(
                dict(zip(_ITEMS, _RESUMED, strict=True)),
                "You have returned a dict. A list was asked for, in the order of the numbers: its values alone.",
            ),
            Mistake(
                list((_SQUARES | _THERE | {probes_images.BROKEN: None}).values()),
                'The broken image has the result None. Let its place in the list say "broken".',
            ),
        ),
    ),
    Check(
        name="12-wrong-names",
        notebook=12,
        title="Under the wrong name",
        asks=(
            "The function shall return a dict from each image's name to what task(item) returns for it. The bar runs "
            "nicely, and all results are there. But some stand under the wrong name. Find out why, and mend it. Two "
            "processes do the work, as before."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "In which order do the results come? And in which order does zip take the names?",
            "imap_unordered gives a result as soon as it is there. imap gives them one by one, too, in another order.",
            "Write imap instead of imap_unordered: the results come in the order of the items, and the bar still runs.",
        ),
        given=(
            "import multiprocessing\n\n\n"
            "def by_name(task, items):\n"
            '    names = [f"photo {item}" for item in items]\n'
            "    with multiprocessing.Pool(2) as pool:\n"
            "        results = pool.imap_unordered(task, items)\n"
            "        return dict(zip(names, results))\n"
        ),
        solution=(
            "import multiprocessing\n\n\n"
            "def by_name(task, items):\n"
            '    names = [f"photo {item}" for item in items]\n'
            "    with multiprocessing.Pool(2) as pool:\n"
            "        results = pool.imap(task, items)\n"
            "        return dict(zip(names, results))\n"
        ),
        read="notebook 12, “The version to keep”",
        claims=WELL_NAMED,
        signature="by_name(task, items)",
        calls=((probes.square, _ITEMS),),
        expected={f"photo {item}": square for item, square in _SQUARES.items()},
        mistakes=(
            Mistake(
                [*_SQUARES.values()],
                "You have returned a list of results. A dict was asked for, with a name for each.",
            ),
            Mistake(
                [[f"photo {item}", square] for item, square in _SQUARES.items()],
                "Nearly. These are the pairs: put dict(…) around them.",
            ),
            Mistake(
                {f"photo {item}": "<ApplyResult>" for item in _ITEMS},
                "The values are handles, of results that are still to come. Fetch each by get(), inside of the with "
                "block, after all tasks were sent.",
            ),
            Mistake(
                _SQUARES,
                'The keys are the items. The names were asked for: f"photo {item}" for each.',
            ),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="12-half-a-file",
        text=(
            "A program makes only the thumbnails that are missing. It is killed while a worker writes one with "
            "open(target, 'wb'). You start it again. What happens to that thumbnail?"
        ),
        options=(
            Option(
                "It is made again, for it was not finished.",
                "Who should know that? A file of this name is there, and so it counts as done.",
            ),
            Option(
                "It stays as it is: half a file, that counts as done.",
                "That is why the file is written under another name, and renamed when it is whole. A rename happens "
                "at once, or not at all.",
            ),
            Option(
                "The program raises FileExistsError.",
                "It would with mode 'x'. And then the thumbnail of a photograph that has changed would stop it, too.",
            ),
            Option(
                "The system has removed it, together with the process.",
                "Memory goes with a process. Files stay, whole or not.",
            ),
        ),
        right=2,
    ),
    Question(
        name="12-threads",
        text="Thumbnails are made by Pillow, and two threads are nearly twice as fast as one. How can that be?",
        options=(
            Option(
                "This Python has no GIL.",
                "There are such builds. But the usual one shows the same with Pillow.",
            ),
            Option(
                "Pillow works in C and lets go of the GIL while it decodes, resizes, filters and encodes.",
                "Only what is written in Python, between these calls, waits for the GIL.",
            ),
            Option(
                "Pillow starts processes of its own.",
                "It starts none. Look into a monitor: there is one Python process, and two cores are busy.",
            ),
            Option(
                "The threads only wait for the disk.",
                "A part of the time they do. But to decode, resize, filter and encode is computing: see your chart.",
            ),
        ),
        right=2,
    ),
)

TOPICS = (
    Topic(
        name="12-decode",
        question=(
            "One photograph becomes a thumbnail: read the file, decode it, resize, filter, encode, write. How many "
            "percent of that time goes into decoding?"
        ),
        unit="percent",
        causes=(
            Cause("You have weighed the stages well.", "near"),
            Cause(
                "Less than you thought. To resize reads each pixel too, filters look at each pixel's neighbours, and a "
                "file is only written when it is safe on the disk.",
                "above",
            ),
            Cause(
                "More than you thought. The decoder has to make every pixel of the photograph, though the thumbnail "
                "has only a few of them.",
                "below",
            ),
        ),
    ),
    Topic(
        name="12-threads",
        question="How many times as fast as the plain loop do two threads get through the photographs?",
        unit="times",
        causes=(
            Cause("You have trusted Pillow as much as it deserves on this machine now.", "near"),
            Cause(
                "Less than you thought. Others may have used the cores at the same time, or much of the work is in "
                "Python and not in Pillow. The speedup of two processes tells which.",
                "above",
            ),
            Cause(
                "More than you thought. Pillow lets go of the GIL while it works, so threads run side by side.",
                "below",
            ),
        ),
    ),
)
