"""Runs a task in a child process with limits on memory and time, started cold or warm.

The way in is ``run_task``. A caller registers a function with ``task.child_task`` and passes its
arguments as a record::

    @child_task("counting stars", takes=Picture, gives=StarCount)
    def count_stars(picture: Picture, report: Report) -> StarCount: ...

    ended = run_task(Task(count_stars, Picture(path)), folder=scratch, limits=limits, ...)
    print(ended.get().n_stars)

No task is known here by name: what runs in a child is in ``crowdsky/tasks`` and, for a job of the
queue, in ``worker/job/compute.py``.
"""
