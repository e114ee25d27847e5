"""Runs a program under the system call filter of a unit: SystemCallFilter.py UNIT PROGRAM [ARGUMENT ...]

Says which calls are allowed as systemd would, and refuses others with EPERM."""
import errno, os, subprocess, sys
import seccomp


def calls(name):
    """The calls of a set, or the one call."""
    if not name.startswith("@"):
        return {name}
    lines = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], check=True, capture_output=True, text=True).stdout.splitlines()[1:]
    return set().union(*(calls(line.strip()) for line in lines if line.strip() and not line.strip().startswith("#")))


# What systemd allows always, so that it can start the program.
allowed = calls("@default") | {"execve"}
for line in open(sys.argv[1]):
    if line.startswith("SystemCallFilter="):
        value = line.strip().split("=", 1)[1]
        for name in value.lstrip("~").split():
            allowed = allowed - calls(name) if value.startswith("~") else allowed | calls(name)

rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
known = 0
for call in sorted(allowed):
    try:
        rules.add_rule(seccomp.ALLOW, call)
        known += 1
    except (RuntimeError, OSError):
        # not a call of this architecture
        pass
assert known > 200, "hardly any call is known: has systemd-analyze another output?"
rules.load()
os.execvp(sys.argv[2], sys.argv[2:])
