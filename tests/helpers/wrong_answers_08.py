"""Wrong answers to the exercises of notebook 08; the form is that of ``wrong_answers``."""

import os

from wrong_words import IN_TURN, ONE_PROCESS, THREADED

_IMPORTS = "import numpy, parlab\n    "
_SHARED = _IMPORTS + "with parlab.SharedArray.copy_of(picture) as shared, multiprocessing.Pool(2) as pool:\n        "
_STARMAP = "pool.starmap(task, [(shared, first, last) for first, last in bands], chunksize=1)\n        "
_TWO = (
    _IMPORTS + "with parlab.SharedArray.copy_of(picture) as source, "
    "parlab.SharedArray(picture.shape) as result, multiprocessing.Pool(2) as pool:\n        "
)
_SMOOTH = "pool.starmap(task, [(source, result, *band) for band in bands], chunksize=1)\n        "
_RAW = (
    "import numpy, parlab\nfrom multiprocessing.shared_memory import SharedMemory\n\n"
    "def work(task, name, shape, first, last):\n"
    "    segment = SharedMemory(name)\n"
    "    task(numpy.ndarray(shape, buffer=segment.buf), first, last)\n"
    "    segment.close()\n\n"
    "def changed(task, picture, bands):\n"
    "    segment = SharedMemory(create=True, size=picture.nbytes)\n"
    "    array = numpy.ndarray(picture.shape, buffer=segment.buf)\n"
    "    array[:] = picture\n"
    "    with multiprocessing.Pool(2) as pool:\n"
    "        pool.starmap(work, [(task, segment.name, picture.shape, *band) for band in bands], chunksize=1)\n"
    "    answer = array.copy()\n"
    "    del array\n"
    "    segment.close()\n"
    "    return answer\n"
)

BODIES = {
    "08-in-place": [
        (
            "serial",
            "for first, last in bands:\n        task(picture, first, last)\n    return picture",
            "serial",
            ONE_PROCESS,
        ),
        (
            "workers change copies",
            (
                "with multiprocessing.Pool(2) as pool:\n        "
                "pool.starmap(task, [(picture, *band) for band in bands], chunksize=1)\n    return picture"
            ),
            "wrong",
            "Each worker has changed a copy",
        ),
        (
            "slices travel",
            _SHARED
            + "pool.starmap(task, [(shared[first:last], 0, last - first) for first, last in bands], chunksize=1)\n"
            "        return numpy.array(shared)",
            "wrong",
            "so is a slice of the shared array",
        ),
        (
            "the shared array is changed, the picture returned",
            _SHARED + _STARMAP + "return picture",
            "wrong",
            "came back as it was",
        ),
        (
            "what the tasks return",
            _SHARED + "return pool.starmap(task, [(shared, *band) for band in bands], chunksize=1)",
            "wrong",
            "they work in place",
        ),
        (
            "returned, and closed",
            _SHARED + _STARMAP + "return shared",
            "wrong",
            "its block has ended",
        ),
        (
            "copied behind the block",
            _SHARED + _STARMAP + "pass\n    return numpy.array(shared)",
            "raised",
            "is closed",
        ),
        (
            "threads",
            _IMPORTS + "with parlab.SharedArray.copy_of(picture) as shared, ThreadPoolExecutor(2) as executor:\n"
            "        list(executor.map(lambda band: task(shared, *band), bands))\n"
            "        return numpy.array(shared)",
            "threads",
            THREADED,
        ),
        (
            "each waited for",
            _SHARED + "for band in bands:\n            pool.apply(task, (shared, *band))\n"
            "        return numpy.array(shared)",
            ("one worker", "in turn"),
            "",
        ),
        (
            "a process at a time",
            _IMPORTS + "with parlab.SharedArray.copy_of(picture) as shared:\n"
            "        for band in bands:\n"
            "            child = multiprocessing.Process(target=task, args=(shared, *band))\n"
            "            child.start()\n"
            "            child.join()\n"
            "        return numpy.array(shared)",
            "in turn",
            IN_TURN,
        ),
        ("not begun", "...", "open", "still open"),
    ],
    "08-neighbours": [
        ("as given", None, "wrong", "would be right"),
        (
            "serial, two arrays",
            _IMPORTS + "result = picture.copy()\n    for first, last in bands:\n"
            "        task(picture, result, first, last)\n    return result",
            "serial",
            ONE_PROCESS,
        ),
        (
            "the result is not shared",
            _IMPORTS + "result = numpy.zeros_like(picture)\n    with multiprocessing.Pool(2) as pool:\n"
            "        pool.starmap(task, [(picture, result, *band) for band in bands], chunksize=1)\n"
            "    return result",
            "wrong",
            "holds only zeros",
        ),
        (
            "the wrong one is returned",
            _TWO + _SMOOTH + "return numpy.array(source)",
            "wrong",
            "not the one that they have",
        ),
        ("returned, and closed", _TWO + _SMOOTH + "return result", "wrong", "its block has ended"),
        (
            "read and written the wrong way round",
            _TWO + _SMOOTH.replace("source, result", "result, source") + "return numpy.array(result)",
            "wrong",
            "holds only zeros",
        ),
    ],
}

if os.name == "posix":  # elsewhere a segment goes with its last user, and nothing is left behind
    BODIES["08-in-place"].append(("a segment that nobody unlinks", _RAW, "segment", "and then unlink()"))
