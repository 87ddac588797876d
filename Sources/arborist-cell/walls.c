// Which walls this machine gives: each is tried by itself in a process that is thrown away.
#include "cell.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);

// In the probe: 0 or an errno to exit with.
static int try_namespace(unsigned long flag) {
    if (unshare((int)(CLONE_NEWUSER | flag)) != 0) return errno ? errno : EPERM;
    return 0;
}

static int try_overlay(unsigned long unused) {
    (void)unused;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return errno;
    // No user is mapped here, so nothing can be made; whether the type may be mounted shows in the error.
    mount("overlay", "/tmp", "overlay", 0, "lowerdir=/usr,userxattr");
    return errno == ENODEV || errno == EPERM ? errno : 0;
}

static int try_seccomp(unsigned long unused) {
    (void)unused;
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 ? 0 : errno;
}

static int in_probe(int (*body)(unsigned long), unsigned long argument) {
    pid_t pid = fork();
    if (pid == 0) _exit(body(argument) & 0xff);
    int status;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    if (pid < 0) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

static void note(struct wall_report *report, int bit, int error) {
    report->errors[bit] = error;
    if (!error) report->held |= 1u << bit;
}

void probe_walls(struct wall_report *report) {
    note(report, 0, in_probe(try_namespace, 0));
    note(report, 2, in_probe(try_namespace, CLONE_NEWNS));
    note(report, 3, in_probe(try_namespace, CLONE_NEWPID));
    note(report, 4, in_probe(try_namespace, CLONE_NEWIPC));
    note(report, 5, in_probe(try_namespace, CLONE_NEWNET));
    note(report, 6, in_probe(try_overlay, 0));
    report->landlock = landlock_version();
    note(report, 7, report->landlock > 0 ? 0 : errno ? errno : ENOSYS);
    note(report, 8, in_probe(try_seccomp, 0));
    note(report, 9, 0);
}

void forget_walls(struct wall_report *report, uint32_t missing) {
    report->held &= ~missing;
    // A namespace without the others is no wall.
    const uint32_t together = WALL_USER_NAMESPACE | WALL_MOUNT | WALL_PID | WALL_IPC | WALL_NETWORK;
    if ((report->held & together) != together) report->held &= ~(together | WALL_OVERLAY);
}
