"""What a VM printed, judged: each function takes text, and returns what is wrong as sentences. Nothing wrong: none."""

import re

KINDS = 11
# Of these the shim does not know who took the one that is given back: only what all owe together says anything.
TOGETHER = ("objects", "mutexes", "regions", "stacks")
LEFT = re.compile(r"\b(\w+): left: (.*)")
LEFT_KINDS = ("pool", "heap", "handles", "references", "work items", "threads")
# The shim of KMDF says it of the companion, at every end.
FRAMEWORK, LEFT_FRAMEWORK = "wdfldr", ("objects", "handles", "requests")
# Wine's own: there is neither a display nor a sound in the VM, and its menus are of no use.
HARMLESS = ("winediag:", "systray:", "explorer", "hid:", "setupapi:", "plugplay:", "ole:", "winebus")


def tap(text):
    """(passed, failed, skipped names, what is wrong) of a runner's output: each "not ok", and a plan that is not kept."""
    passed, failed, skipped, wrong, numbers, plan = 0, 0, 0, [], [], None
    for line in text.replace("\r", "").splitlines():
        if match := re.match(r"1\.\.(\d+)", line):
            plan = int(match[1])
        elif match := re.match(r"(not )?ok (\d+)\b(.*)", line):
            numbers.append(int(match[2]))
            if match[1]:
                failed += 1
                wrong.append(line)
            elif re.search(r"# *skip", match[3], re.IGNORECASE):
                skipped += 1
            else:
                passed += 1
        elif line.startswith("Bail out!"):
            wrong.append(line)
        elif line.startswith("#") and wrong:
            wrong.append("    " + line)
    if plan is None:
        wrong.append("there is no plan: the runner broke off, or did not begin")
    elif numbers != list(range(1, plan + 1)):
        wrong.append(f"{plan} were planned, and {len(numbers)} ran")
    elif plan == skipped:
        wrong.append("nothing ran")
    return passed, failed, skipped, wrong


def left(text, images, ends, last=0):
    """What the images, and the companion's framework, say of themselves at the end of their service: said `ends` times by
    each or oftener, once of these after the last stop, which begins at `last`; and nothing left."""
    wrong = []
    told = [(match[1], match[2].strip(), match.start()) for match in LEFT.finditer(text)]
    for image in (*images, FRAMEWORK):
        lines = [(numbers, at) for name, numbers, at in told if name == image]
        if len(lines) < ends:
            wrong.append(f"{image} ended {ends} times, and said {len(lines)} times what was left")
        if not any(at >= last for _, at in lines):
            wrong.append(f"{image} said nothing of what was left at its last end")
        kinds = LEFT_FRAMEWORK if image == FRAMEWORK else LEFT_KINDS
        wrong += [f"{image} left: {numbers}" for numbers, _ in lines if numbers != ", ".join(f"{kind} 0" for kind in kinds)]
    return wrong


def witness(text, images):
    """What the kernel's shim counted: every image is known, took something, and owes nothing."""
    wrong = []
    owed = {}
    for line in text.splitlines():
        if match := re.match(r"image ([\w.-]+): (.*)", line):
            owed[match[1]] = {kind: (int(now), int(ever)) for kind, now, ever in re.findall(r"([\w-]+)=(-?\d+)/(\d+)", match[2])}
    for image in images:
        counts = owed.get(image, {})
        if len(counts) != KINDS or counts["blocks"][1] == 0:
            wrong.append(f"the shim has counted nothing of {image}")
    for image, counts in owed.items():
        wrong += [f"{image} owes {now} {kind}" for kind, (now, _) in counts.items() if now and kind not in TOGETHER]
    for kind in TOGETHER:
        if now := sum(counts[kind][0] for counts in owed.values() if kind in counts):
            wrong.append(f"all together owe {now} {kind}")
    wrong += [line for line in text.splitlines() if line.startswith("block ")]
    violations = re.search(r"^violations=(\d+)$", text, re.MULTILINE)
    if violations is None:
        wrong.append("the shim says nothing of violations")
    elif violations[1] != "0":
        wrong.append(f"{violations[1]} violations of the kernel's rules")
    return wrong


def host(text):
    """What must never stand in the trace: a rule of the kernel broken, a stub called, a crash, a wait for a lock."""
    wrong = []
    for line in text.splitlines():
        if "VIOLATION" in line:
            wrong.append(line.strip())
        elif re.search(r"unimplemented function|Unhandled (exception|page fault)|wine: Call from|stack overflow|bugcheck|KeBugCheck",
                       line, re.IGNORECASE):
            wrong.append(line.strip())
        elif re.search(r":err:(sync|ntoskrnl|service|module|virtual|seh)", line) and not any(word in line for word in HARMLESS):
            wrong.append(line.strip())
    return wrong


def reasons(text):
    """The test points of a runner's output that failed: name → what was said of each."""
    found, said = {}, None
    for line in text.replace("\r", "").splitlines():
        if match := re.match(r"(not )?ok \d+ - (.*?)(?: # time .*)?$", line):
            said = found.setdefault(match[2], []) if match[1] else None
        elif said is not None and line.startswith("# "):
            said.append(line[2:])
    return found


def is_completed_twice(said):
    """Whether a scenario failed for a completion that nobody expects, and the journal has the same one right before it."""
    calls = [match[1] for line in said if (match := re.match(r" *event \d+ thread \w+: (.*)", line))]
    twice = any("growth-complete" in call and call == again for call, again in zip(calls, calls[2:]))
    return twice and any(re.search(r"expected .*\bgot growth-complete\b", line) for line in said)


def is_leaked(said):
    return any(re.match(r"expected that nothing is left, got pool-blocks \d+ ", line) for line in said)


def faults(text):
    """What the build that is wrong on purpose did to scenarios: fault → the names of those that failed for it; some fail for
    both, and some, it may be, for neither."""
    failed = reasons(text)
    found = {"completes twice": {name for name, said in failed.items() if is_completed_twice(said)},
             "leaks a block of each client": {name for name, said in failed.items() if is_leaked(said)}}
    return found | {"does something else": set(failed) - set.union(*found.values())}


def tail(text, lines=40):
    """The end of a trace, for who must find out."""
    return "\n".join("    | " + line for line in text.splitlines()[-lines:])
