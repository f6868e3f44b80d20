"""Workers at a lock or a semaphore, and payments that need two locks: who waits, who is stuck, and what frees them."""

import multiprocessing
import threading
import time
from multiprocessing.context import BaseContext

import pytest

from parlab.workloads import locking
from parlab.workloads.lessons import run_all
from parlab.workloads.locking import Visit

WAIT_S = 60.0
PAYMENTS = [(0, 1, 3), (1, 0, 1)]

# From Python 3.12 on a process with threads that forks is warned. No thread holds a lock here, and fork is to be tried.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def context(request: pytest.FixtureRequest) -> BaseContext:
    return multiprocessing.get_context(request.param)


@pytest.mark.parametrize(("gate", "most"), [("lock", 1), ("semaphore", 2)])
def test_a_gate_lets_in_as_many_as_it_should(context: BaseContext, gate: str, most: int) -> None:
    """Never more at once; every task is there, its moments follow each other, and workers count from 0."""
    with context.Pool(3, locking.keep_lock_and_semaphore, (context.Lock(), context.Semaphore(2))) as pool:
        made = locking.visits(pool, gate, 6, 0.001, 0.01)
    assert 6 == len(made)
    assert locking.most_inside(made) <= most
    assert all(0 <= one.began_s <= one.asked_s <= one.got_s <= one.left_s for one in made)
    assert 0 == made[0].worker
    assert {one.worker for one in made} <= {0, 1, 2}
    assert 0 < locking.work_s(made)
    assert max(one.left_s for one in made) - made[0].began_s == pytest.approx(locking.took_s(made))


def test_who_is_inside_at_once_is_counted() -> None:
    """One who goes in at the moment in which another one leaves does not count beside it."""
    first, second, third = (Visit(worker, 0.0, 0.0, *times) for worker, times in enumerate([(1, 3), (3, 5), (4, 6)]))
    assert [1, 1, 2] == [locking.most_inside(made) for made in ([first], [first, second], [first, second, third])]
    assert 7.0 == locking.work_s([Visit(0, 0.0, 1.0, 3.0, 5.0), Visit(1, 2.0, 4.0, 4.0, 6.0)])
    assert 6.0 == locking.took_s([Visit(0, 0.0, 1.0, 3.0, 5.0), Visit(1, 2.0, 4.0, 4.0, 6.0)])


class Watched:
    """A lock that says when somebody waits for it in vain."""

    def __init__(self, wanted: threading.Barrier) -> None:
        self._lock, self._wanted = threading.Lock(), wanted

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self._wanted.wait(WAIT_S)
            raise TimeoutError("it would wait for ever")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_two_who_pay_each_other_are_stuck() -> None:
    """Both hold their first lock when they ask for their second, so neither gets it: certain, and not luck."""
    wanted, pause = threading.Barrier(2), threading.Barrier(2, timeout=WAIT_S)
    accounts, locks, stuck = [10, 10], [Watched(wanted), Watched(wanted)], []

    def payer(payment) -> None:
        try:
            locking.pay(accounts, locks, payment, pause)
        except TimeoutError:
            stuck.append(payment)

    threads = [threading.Thread(target=payer, args=(payment,)) for payment in PAYMENTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert (sorted(PAYMENTS), [10, 10]) == (sorted(stuck), accounts)


@pytest.mark.parametrize("way", [locking.pay_in_order, locking.pay_or_retry, locking.pay_with_one_lock])
def test_each_cure_frees_them(context: BaseContext, way) -> None:
    """Both payments are made, and all locks are free afterwards."""
    accounts, locks = context.Array("i", [10, 10]), [context.Lock(), context.Lock()]
    pause = context.Barrier(2, timeout=0.05)
    payers = [context.Process(target=way, args=(accounts, locks, payment, pause)) for payment in PAYMENTS]
    assert [0, 0] == run_all(payers, WAIT_S)
    assert [8, 12] == accounts[:]
    assert all(lock.acquire(timeout=0) for lock in locks)


def test_who_retries_gives_the_first_lock_back() -> None:
    """While somebody else holds the second lock, the first one gets free again and again; then it pays."""
    accounts, locks = [10, 10], [threading.Lock(), threading.Lock()]
    locks[1].acquire()
    payer = threading.Thread(target=locking.pay_or_retry, args=(accounts, locks, (0, 1, 3)))
    payer.start()
    while not locks[0].locked():  # it has taken its first lock
        time.sleep(0.001)
    assert locks[0].acquire(timeout=WAIT_S)
    locks[0].release()
    locks[1].release()
    payer.join(WAIT_S)
    assert [7, 13] == accounts


@pytest.mark.parametrize("way", [locking.pay, locking.pay_in_order, locking.pay_or_retry, locking.pay_with_one_lock])
def test_a_single_payment_is_made(way) -> None:
    """Without a barrier nobody waits."""
    accounts = [10, 10]
    way(accounts, [threading.Lock(), threading.Lock()], (1, 0, 4))
    assert [14, 6] == accounts


def test_a_lock_whose_holder_has_ended_stays_locked(context: BaseContext) -> None:
    """As the notebook says: nobody gets it any more."""
    lock = context.Lock()
    assert [1] == run_all([context.Process(target=locking.hold_and_end, args=(lock,))], WAIT_S)
    assert not lock.acquire(timeout=0.1)
