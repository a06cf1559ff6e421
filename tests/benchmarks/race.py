"""Several senders against each other, in turns: this machine varies twofold, so only what ran in one round compares."""

import json
import pkgutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import psutil

from metengage.config import ROOT
from tests.benchmarks.table import Spread, spread, table

MIB = 1024 * 1024
GLANCE = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True)
class Run:
    """One sender, once."""

    emails: int
    seconds: float
    cpu_seconds: float  # user and system, of its process and the children that it waited for
    peak_bytes: int | None = None  # resident; None where nobody looked

    @property
    def emails_per_s(self) -> float:
        return self.emails / self.seconds

    @property
    def cpu_ms_per_email(self) -> float:
        return self.cpu_seconds / self.emails * 1000


@dataclass(frozen=True)
class Race:
    """What each sender did, round by round; the first is what the others are held against."""

    runs: dict[str, list[Run]]

    @property
    def yardstick(self) -> str:
        return next(iter(self.runs))

    def rates(self, name: str) -> Spread:
        return spread(run.emails_per_s for run in self.runs[name])

    def ratios(self, name: str) -> Spread:
        """Its rate for each email a second of the yardstick's, of one round each."""
        pairs = zip(self.runs[name], self.runs[self.yardstick], strict=True)
        return spread(run.emails_per_s / first.emails_per_s for run, first in pairs)

    def cpu(self, name: str) -> Spread:
        return spread(run.cpu_ms_per_email for run in self.runs[name])

    def peak(self, name: str) -> float | None:
        """In MiB, the highest of all rounds."""
        seen = [run.peak_bytes for run in self.runs[name] if run.peak_bytes is not None]
        return max(seen) / MIB if seen else None

    def text(self, title: str) -> str:
        """A row for each sender: median (least to most)."""
        heads = ["", "emails/s", f"against {self.yardstick}", "CPU ms an email", "peak MiB"]
        return table(title, heads, [self._row(name) for name in self.runs])

    def _row(self, name: str) -> list[str]:
        peak = self.peak(name)
        memory = "" if peak is None else f"{peak:.0f}"
        return [name, f"{self.rates(name):,.0f}", f"{self.ratios(name):.3f}", f"{self.cpu(name):.3f}", memory]

    def figures(self) -> dict[str, float]:
        """Every figure under the sender's name and its unit."""
        found = {}
        for name in self.runs:
            found |= self.rates(name).figures(f"{name}.emails_per_s")
            found |= self.ratios(name).figures(f"{name}.ratio")
            found |= self.cpu(name).figures(f"{name}.cpu_ms_per_email")
            peak = self.peak(name)
            found |= {} if peak is None else {f"{name}.peak_mib": round(peak, 1)}
        return found


def interleaved(contenders: dict[str, Callable[[], Run]], rounds: int = 5) -> Race:
    """Each once, then each once more; so many rounds."""
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            runs[name].append(run())
    return Race(runs)


# --- In a process of its own ---


def alone(sender: Callable, *args: str | float) -> Run:
    """Run sender(*args), which says how many emails it sent, in a fresh Python; what it imports is not timed.

    A sender that must get ready first returns the function that sends; only that one is timed.
    """
    place = f"{sender.__module__}:{sender.__qualname__}"
    done = subprocess.run(
        [sys.executable, "-m", __name__, place, json.dumps(args)], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def _measured(sender: Callable, args: list) -> Run:
    process = psutil.Process()
    ready = sender if not getattr(sender, "gets_ready", False) else sender(*args)
    args = [] if ready is not sender else args
    with _peak_of(process) as seen:
        cpu, began = sum(process.cpu_times()[:4]), time.perf_counter()
        emails = ready(*args)
        seconds = time.perf_counter() - began
        cpu = sum(process.cpu_times()[:4]) - cpu
    return Run(emails, seconds, cpu, max(seen))


@contextmanager
def _peak_of(process: psutil.Process) -> Iterator[list[int]]:
    """Its resident bytes, looked at again and again from a thread."""
    seen, over = [process.memory_info().rss], threading.Event()

    def look() -> None:
        while not over.wait(GLANCE):
            seen.append(process.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        seen.append(process.memory_info().rss)


if __name__ == "__main__":
    print(json.dumps(asdict(_measured(pkgutil.resolve_name(sys.argv[1]), json.loads(sys.argv[2])))))
