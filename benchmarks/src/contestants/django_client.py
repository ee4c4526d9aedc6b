"""Django's get_or_create, with what client-process.ts does: `django_client.py <url> <connections>`.

A request is a line of JSON on standard input, its answer a line on standard output (see client-messages.ts).
"""

import itertools
import json
import queue
import random
import sys
import threading
import time
from urllib.parse import urlparse

import django
from django.conf import settings

url, connections = urlparse(sys.argv[1]), int(sys.argv[2])
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": url.hostname,
            "PORT": url.port,
            "USER": url.username,
            "PASSWORD": url.password or "",
            "NAME": url.path[1:],
            "CONN_MAX_AGE": None,
            # Like the other contestants'. libpq asks for encryption first if it is not told.
            "OPTIONS": {"sslmode": "disable", "gssencmode": "disable"},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()

from django.db import connection, models  # noqa: E402  (only once the settings are there)


class Item(models.Model):
    owner = models.IntegerField()
    kind = models.TextField()
    label = models.TextField()

    class Meta:
        app_label = "benchmarks"
        db_table = "item"
        constraints = [models.UniqueConstraint(fields=["owner", "kind"], name="item_owner_kind")]


# As item-table.ts has them.
KINDS = ["passport", "visa", "licence", "permit"]
OWNERS = 2500
LABEL = "a label of thirty-two characters"


def existing_key():
    return random.randint(1, OWNERS), random.choice(KINDS)


def keys_of(workload, key_range):
    owners = itertools.count((key_range + 1) * 100_000_000)

    def fresh_key():
        return next(owners), random.choice(KINDS)  # next() of a count is atomic

    return {
        "hit": existing_key,
        "miss": fresh_key,
        "90/10": lambda: existing_key() if random.random() < 0.9 else fresh_key(),
        "hot key": lambda: (1, KINDS[0]),
    }[workload]


def get_or_create(owner, kind, label):
    item, _ = Item.objects.get_or_create(owner=owner, kind=kind, defaults={"label": label})
    return item


class Worker(threading.Thread):
    """Django's connections belong to threads; these threads stay, and so do their connections."""

    def __init__(self):
        super().__init__(daemon=True)
        self.tasks, self.results = queue.SimpleQueue(), queue.SimpleQueue()
        self.start()

    def run(self):
        while True:
            task = self.tasks.get()
            if task is None:
                connection.close()
                return
            try:
                self.results.put((task(), None))
            except Exception as error:  # told to whoever asked
                self.results.put((None, error))


def on_workers(workers, task):
    for worker in workers:
        worker.tasks.put(task)
    answers = [worker.results.get() for worker in workers]
    for _, error in answers:
        if error:
            raise error
    return [result for result, _ in answers]


# As calls-per-second.ts.
def loop(workers, workload, range, callers, warmUp, milliseconds):
    next_key = keys_of(workload, range)
    start = time.perf_counter() + warmUp / 1000
    calling = [None] * min(callers, len(workers))  # pop() is atomic, a counter's -= is not

    def caller():
        first, calls, counted = None, 0, None
        try:
            while calling:
                get_or_create(*next_key(), LABEL)
                now = time.perf_counter()
                if counted or now < start:
                    continue
                if first is None:
                    first = now
                    continue
                calls += 1
                if now - first >= milliseconds / 1000:
                    counted = calls, now - first
                    calling.pop()
        except Exception:
            calling.clear()
            raise
        return counted

    counted = on_workers(workers[:callers], caller)
    seconds = sum(elapsed for _, elapsed in counted)
    return {"perSecond": len(counted) * sum(calls for calls, _ in counted) / seconds}


def calls(workers, workload, range, calls):
    next_key = keys_of(workload, range)

    def caller():
        before = time.process_time()
        for _ in itertools.repeat(None, calls):
            get_or_create(*next_key(), LABEL)
        return (time.process_time() - before) * 1e6

    return {"cpu": on_workers(workers[:1], caller)[0]}


def at_once(workers, owner, kind, label, callers):
    barrier = threading.Barrier(min(callers, len(workers)))

    def caller():
        barrier.wait()
        item = get_or_create(owner, kind, label)
        return {"id": item.id, "owner": item.owner, "kind": item.kind, "label": item.label}

    return {"rows": on_workers(workers[:callers], caller)}


requests = {"loop": loop, "calls": calls, "at once": at_once}
workers = [Worker() for _ in range(connections)]
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = requests[request.pop("do")](workers, **request)
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
for worker in workers:
    worker.tasks.put(None)
    worker.join()
