"""Notebook 08, "How do you share a big array?": what is a copy, work in place, and neighbours that are overwritten."""

import numpy as np

from parlab.learn import probes_rows
from parlab.learn.claims import PROCESSES, VALUE
from parlab.learn.records import Cause, Check, Mistake, Option, Question, Topic

_PICTURE = np.array([[float((row * column) ** 2 % 11) for column in (1, 2)] for row in range(1, 9)])
_BANDS = [(0, 3), (3, 4), (4, 6), (6, 8)]
_UNCHANGED = _PICTURE.tolist()
_DOUBLED = (2 * _PICTURE).tolist()
_ABOVE, _BELOW = np.vstack([_PICTURE[:1], _PICTURE[:-1]]), np.vstack([_PICTURE[1:], _PICTURE[-1:]])
_SMOOTH = ((_ABOVE + _PICTURE + _BELOW) / 3).tolist()
_NOTHING = [None] * len(_BANDS)
_CLOSED = "<SharedArray>"  # how a check sees one that was returned

CHECKS = (
    Check(
        name="08-who-sees-it",
        notebook=8,
        title="Changes that everybody sees",
        asks=(
            "shared is a parlab.SharedArray of numbers. Which of these six lines change what all the others see? "
            "1. shared[10:20] += 1   "
            "2. rows = numpy.asarray(shared)[10:20]; rows *= 2   "
            "3. rows = numpy.array(shared)[10:20]; rows *= 2   "
            "4. rows = shared[10:20]; rows = rows * 2   "
            "5. numpy.sqrt(shared[10:20], out=shared[10:20])   "
            "6. rows = shared[[10, 11]]; rows *= 2   "
            "Answer with a list of six, True or False."
        ),
        kind="read",
        difficulty=1,
        hints=(
            "Ask of each line: does it write into memory that is there already, or does it make new memory first?",
            "numpy.array copies, numpy.asarray does not. rows *= 2 writes in place, rows = rows * 2 makes a new array.",
            "A slice such as [10:20] is a view. A list of rows such as [[10, 11]] picks them into a new array.",
        ),
        solution="[True, True, False, False, True, False]",
        read="notebook 08, “Views and copies”",
        claims=(VALUE,),
        expected=[True, True, False, False, True, False],
        mistakes=(
            Mistake(
                [True, True, True, False, True, False],
                "Nearly. numpy.array makes a copy, and line 3 doubles the copy. numpy.asarray of line 2 makes none.",
            ),
            Mistake(
                [True, False, False, False, True, False],
                "Nearly. numpy.asarray of line 2 makes no copy: it lays an array over the same memory. numpy.array of "
                "line 3 makes one.",
            ),
            Mistake(
                [True, True, False, True, True, False],
                "Nearly. In line 4, rows * 2 is a new array, and then the name rows means that one. With rows *= 2 the "
                "shared rows would change.",
            ),
            Mistake(
                [True, True, False, False, True, True],
                "Nearly. In line 6, a list of rows picks them into a new array. Only slices are views.",
            ),
            Mistake(
                [True, True, False, False, False, False],
                "Nearly. out= says where numpy writes: in line 5 that is a view of the shared rows.",
            ),
        ),
    ),
    Check(
        name="08-in-place",
        notebook=8,
        title="Work in place",
        asks=(
            "task(array, first, last) changes the rows from first to last of an array in place. Put a copy of the "
            "picture, a numpy array, into a parlab.SharedArray. Let two processes do task for each (first, last) of "
            "bands. Return the changed picture, as a numpy array of your own."
        ),
        kind="write",
        difficulty=2,
        hints=(
            "with parlab.SharedArray.copy_of(picture) as shared: makes the copy, and removes the segment at the end.",
            "Pool.starmap takes tuples: (shared, first, last) for each band, in short (shared, *band).",
            "Inside of the with block, after starmap: return numpy.array(shared). Behind the block the memory is gone.",
        ),
        solution=(
            "import multiprocessing\n\nimport numpy\n\nimport parlab\n\n\n"
            "def changed(task, picture, bands):\n"
            "    with parlab.SharedArray.copy_of(picture) as shared, multiprocessing.Pool(2) as pool:\n"
            "        pool.starmap(task, [(shared, *band) for band in bands], chunksize=1)\n"
            "        return numpy.array(shared)\n"
        ),
        read="notebook 08, “A filter in place”",
        claims=PROCESSES,
        signature="changed(task, picture, bands)",
        calls=((probes_rows.double_rows, _PICTURE, _BANDS),),
        expected=_DOUBLED,
        mistakes=(
            Mistake(
                _UNCHANGED,
                "The picture came back as it was. Each worker has changed a copy: a numpy array that is an argument is "
                "pickled, and so is a slice of the shared array. Give the tasks the shared array itself, and return "
                "what stands in it afterwards.",
            ),
            Mistake(
                _NOTHING,
                "You have returned what the tasks return, and that is nothing: they work in place. Return what stands "
                "in the shared array afterwards, as a numpy array of your own.",
            ),
            Mistake(
                _CLOSED,
                "You have returned the SharedArray itself, and its block has ended. Return a numpy array of your own: "
                "numpy.array(shared), inside of the with block.",
            ),
        ),
    ),
    Check(
        name="08-neighbours",
        notebook=8,
        title="Neighbours that have changed",
        asks=(
            "task(source, result, first, last) smooths a picture: it reads rows of source, and their neighbours above "
            "and below, and writes rows of result. Here the result is wrong. Find out why, and mend it. Two processes "
            "do the work."
        ),
        kind="fault",
        difficulty=2,
        hints=(
            "Which array does a task read, and which does it write? Look at the first two things in each tuple.",
            "A row that is overwritten is still needed by its neighbours. Nobody may write what others must read.",
            "Make a second one with parlab.SharedArray(picture.shape, picture.dtype): tasks get (source, result, …).",
        ),
        given=(
            "import multiprocessing\n\nimport numpy\n\nimport parlab\n\n\n"
            "def smooth(task, picture, bands):\n"
            "    with parlab.SharedArray.copy_of(picture) as shared, multiprocessing.Pool(2) as pool:\n"
            "        pool.starmap(task, [(shared, shared, *band) for band in bands], chunksize=1)\n"
            "        return numpy.array(shared)\n"
        ),
        solution=(
            "import multiprocessing\n\nimport numpy\n\nimport parlab\n\n\n"
            "def smooth(task, picture, bands):\n"
            "    with parlab.SharedArray.copy_of(picture) as source, multiprocessing.Pool(2) as pool:\n"
            "        with parlab.SharedArray(picture.shape, picture.dtype) as result:\n"
            "            pool.starmap(task, [(source, result, *band) for band in bands], chunksize=1)\n"
            "            return numpy.array(result)\n"
        ),
        read="notebook 08, “A filter that looks at its neighbours”",
        claims=PROCESSES,
        signature="smooth(task, picture, bands)",
        calls=((probes_rows.smooth_rows, _PICTURE, _BANDS),),
        expected=_SMOOTH,
        mistakes=(
            Mistake(
                _UNCHANGED,
                "The picture came back as it was. Return the array that the tasks have written, not the one that they "
                "have read, and let it be a shared one: workers change copies of all others.",
            ),
            Mistake(
                np.zeros_like(_PICTURE).tolist(),
                "The result holds only zeros: nobody has written into it. A numpy array that is an argument is "
                "pickled, and each worker writes into a copy. Make the result a parlab.SharedArray.",
            ),
            Mistake(
                _NOTHING,
                "You have returned what the tasks return, and that is nothing: they work in place. Return what stands "
                "in the shared array afterwards, as a numpy array of your own.",
            ),
            Mistake(
                _CLOSED,
                "You have returned the SharedArray itself, and its block has ended. Return a numpy array of your own: "
                "numpy.array(result), inside of the with block.",
            ),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="08-unlink",
        text="Your program made a segment with SharedMemory, and two workers have attached to it. Who calls what?",
        options=(
            Option(
                "Everybody calls close() and unlink().",
                "The first unlink() takes the name away. The second finds nothing, and raises FileNotFoundError.",
            ),
            Option(
                "Everybody calls close(), and the program that made it calls unlink(), once.",
                "close() ends one's own use, unlink() the segment. A SharedArray does both, each in its place.",
            ),
            Option(
                "The program that made it calls close(). That is enough.",
                "close() ends the use in one process. The segment keeps its name, and its memory.",
            ),
            Option(
                "Nobody calls anything: the memory goes with the last process.",
                "On Windows it does. Elsewhere a segment may outlive all processes, until the machine starts anew.",
            ),
        ),
        right=2,
    ),
    Question(
        name="08-lock",
        text="Two workers write into one shared array, each into rows of its own. What do they need?",
        options=(
            Option(
                "A lock, held for each write.",
                "It would be right, and make them wait for each other without a reason: no row belongs to both.",
            ),
            Option(
                "Nothing more.",
                "Yes, as long as nobody reads rows of the other meanwhile. Disjoint rows are what makes it safe.",
            ),
            Option(
                "A copy of the array each.",
                "Then nobody would see what the other has written, and the copies would have to be put together.",
            ),
            Option(
                "A Manager, which writes for both.",
                "Each write would be a message to another process. That is what shared memory spares you.",
            ),
        ),
        right=2,
    ),
)

TOPICS = (
    Topic(
        name="08-pickled-or-shared",
        question=(
            "A task adds up an array of 16 MiB. How many times as long does it take when the array is pickled, as when "
            "it lies in shared memory already?"
        ),
        unit="times",
        causes=(
            Cause("You have thought of the journey, and of the work that stays.", "near"),
            Cause(
                "Less than you thought. Both tasks add up the same numbers, and that takes its time however they came.",
                "above",
            ),
            Cause(
                "More than you thought. A pickled array is copied into bytes, through the pipe, and out of the bytes "
                "again, while the task itself only adds.",
                "below",
            ),
        ),
    ),
    Topic(
        name="08-crossing",
        question=(
            "A new shared array is made for a single task, and removed afterwards. From which size on is that faster "
            "than pickling the array?"
        ),
        unit="KiB",
        options=(1, 16, 256, 4096),
        causes=(
            Cause("You have thought of both prices: the fixed one, and the one for each byte.", "near"),
            Cause(
                "It pays for smaller arrays than you thought: a pickle and a pipe have their price from the "
                "first bytes on.",
                "above",
            ),
            Cause(
                "It pays only for larger arrays than you thought. To make, map and remove a segment takes several "
                "calls to the system. That is a fixed price, and for a small array it is the larger one.",
                "below",
            ),
        ),
    ),
)
