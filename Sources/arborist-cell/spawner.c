// The spawner: makes cells, ends them, and sees that nothing of them is left. One thread, one client, no state beyond
// its runs; it holds only the capabilities named in `keep_capabilities`.
#include "cell.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENT = 3, MAX_RUNS = 64, MAX_STOPPERS = 4 };
enum { MESSAGE_MAKE = 1, MESSAGE_STOP, MESSAGE_REPORT, MESSAGE_SWEEP, MESSAGE_READ, MESSAGE_REFUSED };
// The cell's socket, the checkout, and read-only directories.
enum { MAX_FILES = 2 + MAX_READ_ONLY };
enum { MESSAGE_DONE = 0x80, MESSAGE_FAILED = 0x81 };

struct run {
    bool used;
    uint32_t number;
    pid_t pid;
    int index;    // of its user id, or -1
    int lock;     // that it holds
    unsigned share; // which of the cells with this user it is, from zero
    int liveness; // our end
    int checkout;
    bool grouped;
    bool spaces; // whether a pid namespace ended with it
    char copy[MAX_PATH_BYTES]; // what is to be removed at the end
    uint32_t stoppers[MAX_STOPPERS];
    unsigned stopper_count;
};

static struct run runs[MAX_RUNS];
static struct wall_report report;
static const char *state;
static int signals = -1;
static uid_t first_uid = 1983000000;
static unsigned uid_count = MAX_IDS;
static uint32_t pretended;

static void answer(uint32_t id, uint8_t type, const struct buffer *payload) {
    struct buffer out = {0};
    buffer_u8(&out, type);
    buffer_u32(&out, id);
    buffer_add(&out, payload->bytes, payload->size);
    // The client reads all the time; if it does not it is gone.
    if (out.failed || send(CLIENT, out.bytes, out.size, MSG_NOSIGNAL) < 0) exit(1);
    buffer_free(&out);
}

static void answer_failed(uint32_t id, uint8_t code, const char *step, int error) {
    struct buffer out = {0};
    char text[512];
    if (error) snprintf(text, sizeof text, "%s: %s", step, strerror(error));
    else snprintf(text, sizeof text, "%s", step);
    buffer_u8(&out, code);
    buffer_string(&out, text, strlen(text));
    answer(id, MESSAGE_FAILED, &out);
    buffer_free(&out);
}

// SETUID, SETGID: to write the map of a run's user namespace, and to end what a run's user has left. KILL: to end a
// cell, whose processes are another user's. CHOWN: to give the private checkout to the run's user. Making control groups
// needs none, because their directories belong to root, as which the spawner goes on.
static bool keep_capabilities(void) {
    prctl(PR_SET_NO_NEW_PRIVS, geteuid() == 0, 0, 0, 0);
    if (geteuid() != 0) return true;
    const uint32_t kept = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_KILL | 1u << CAP_CHOWN;
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (int number = 0; number < 64; number++) {
        if (number < 32 && (kept >> number & 1)) continue;
        if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0 && errno == EINVAL) break;
    }
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{kept, kept, 0}, {0, 0, 0}};
    return syscall(SYS_capset, &header, data) == 0;
}

static struct run *find(uint32_t number) {
    for (unsigned i = 0; i < MAX_RUNS; i++) {
        if (runs[i].used && runs[i].number == number) return &runs[i];
    }
    return NULL;
}

// Another run with the same user, which has the same checkout.
static struct run *sharer(const struct run *run) {
    for (unsigned i = 0; i < MAX_RUNS; i++) {
        if (runs[i].used && &runs[i] != run && runs[i].index >= 0 && runs[i].index == run->index) return &runs[i];
    }
    return NULL;
}

static void remove_copy(struct run *run) {
    if (!*run->copy) return;
    if (run->index >= 0) {
        int directory = open(run->copy, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (directory >= 0) {
            ids_empty(directory, (unsigned)run->index);
            ids_take_back(directory, (unsigned)run->index);
            close(directory);
        }
    }
    remove_tree(AT_FDCWD, run->copy);
    *run->copy = 0;
}

// After the end of a cell's first process, with which a pid namespace ends; what is not in one is ended by its user.
static void finish(struct run *run) {
    if (run->liveness >= 0) close(run->liveness);
    // What is another's too stays.
    bool alone = !sharer(run);
    if (run->index >= 0 && alone) ids_kill_all((unsigned)run->index, !run->spaces);
    if (run->grouped) group_remove(ids_uid((unsigned)run->index), run->share);
    remove_copy(run);
    if (run->index >= 0 && alone && geteuid() != 0 && run->checkout >= 0) {
        ids_take_back(run->checkout, (unsigned)run->index);
    }
    if (run->checkout >= 0) close(run->checkout);
    if (run->lock >= 0) {
        if (alone && ftruncate(run->lock, 0) != 0) errno = 0;
        close(run->lock);
    }
    struct buffer none = {0};
    for (unsigned i = 0; i < run->stopper_count; i++) answer(run->stoppers[i], MESSAGE_DONE, &none);
    run->used = false;
}

static void reap(void) {
    struct signalfd_siginfo information;
    while (read(signals, &information, sizeof information) > 0) continue;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (unsigned i = 0; i < MAX_RUNS; i++) {
            if (runs[i].used && runs[i].pid == pid) {
                finish(&runs[i]);
                break;
            }
        }
    }
}

static pid_t clone_process(unsigned long flags) { return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0); }

static bool same_checkout(const struct run *one, const struct run *other) {
    struct stat left, right;
    return one->checkout >= 0 && other->checkout >= 0 && fstat(one->checkout, &left) == 0 &&
           fstat(other->checkout, &right) == 0 && left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

// The files of a checkout belong to one user, so the cells over it have one too: each in namespaces of its own, which
// keep them from each other.
static bool share_user(struct run *run) {
    bool taken[MAX_SHARES] = {false};
    const struct run *other = NULL;
    for (unsigned i = 0; i < MAX_RUNS; i++) {
        if (!runs[i].used || &runs[i] == run || runs[i].index < 0 || !runs[i].spaces || !same_checkout(run, &runs[i])) {
            continue;
        }
        other = &runs[i];
        taken[other->share] = true;
    }
    if (!other) return false;
    for (run->share = 0; run->share < MAX_SHARES && taken[run->share]; run->share++) continue;
    if (run->share == MAX_SHARES) return false;
    run->lock = fcntl(other->lock, F_DUPFD_CLOEXEC, 3);
    run->index = run->lock < 0 ? -1 : other->index;
    return run->index >= 0;
}

static bool take_user(struct run *run) {
    run->index = run->lock = -1;
    run->share = 0;
    if (!(report.held & WALL_OWN_UID) || (run->spaces && share_user(run))) return true;
    for (unsigned i = 0; i < MAX_IDS; i++) {
        run->lock = ids_lock(i);
        if (run->lock >= 0) {
            run->index = (int)i;
            return true;
        }
    }
    return false;
}

static void remember_checkout(struct run *run) {
    char link[64], path[MAX_PATH_BYTES];
    snprintf(link, sizeof link, "/proc/self/fd/%d", run->checkout);
    ssize_t size = readlink(link, path, sizeof path);
    if (size > 0 && (ftruncate(run->lock, 0) != 0 || pwrite(run->lock, path, (size_t)size, 0) != size)) errno = 0;
}

static const char *make_copy_directory(struct run *run) {
    snprintf(run->copy, sizeof run->copy, "%s/run-%d-%u", state, getpid(), run->number);
    if (mkdir(run->copy, 0700) != 0) {
        *run->copy = 0;
        return "make a directory for the run";
    }
    if (run->index < 0) return NULL;
    int directory = open(run->copy, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool given = directory >= 0 && ids_give(directory, (unsigned)run->index);
    if (directory >= 0) close(directory);
    return given ? NULL : "give the run its directory";
}

static const char *launch(struct run *run, struct cell_request *request) {
    errno = 0;
    bool spaces = run->spaces = request->walls & WALL_USER_NAMESPACE;
    if (!take_user(run)) return "find a free user id: other runs have them all; wait for one to end";
    request->switches_uid = run->index >= 0 || (request->walls & WALL_USER_NAMESPACE);
    request->uid = run->index >= 0 ? ids_uid((unsigned)run->index) : geteuid();
    if (run->index >= 0) {
        remember_checkout(run);
        if (!ids_give(run->checkout, (unsigned)run->index)) return "give the checkout to the run's user";
    }
    if (!spaces) {
        const char *step = make_copy_directory(run);
        if (step) return step;
        request->copy_directory = run->copy;
    }
    int liveness[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, liveness) != 0) return "watch over a cell";
    run->liveness = liveness[0];
    request->liveness = liveness[1];
    run->pid = clone_process(spaces ? CLONE_NEWUSER | CLONE_NEWPID : 0);
    if (run->pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        cell_main(request);
    }
    int error = errno;
    close(liveness[1]);
    errno = error;
    if (run->pid < 0) return "make namespaces";
    if (request->walls & WALL_CGROUP) {
        run->grouped = true;
        if (!group_create(request->uid, run->share, &request->limits, run->pid)) return "make a control group";
    }
    if (spaces && !ids_map(run->pid, run->index)) return "map the run's user";
    if (write(run->liveness, "", 1) != 1) return "let the cell begin";
    return NULL;
}

static bool read_request(struct reader *reader, struct cell_request *request, uint32_t *number, const int *files,
                         unsigned file_count) {
    unsigned taken = 2;
    *number = read_u32(reader);
    request->flags = read_u32(reader);
    uint32_t denied = read_u32(reader);
    request->walls = report.held & ~denied;
    uint64_t *limits[] = {&request->limits.workspace_bytes, &request->limits.workspace_inodes,
                          &request->limits.memory_bytes,    &request->limits.processes,
                          &request->limits.open_files,      &request->limits.file_bytes,
                          &request->limits.cpu_seconds};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) *limits[i] = read_u64(reader);
    uint32_t count = read_u32(reader);
    if (count > MAX_READ_ONLY) return false;
    for (request->read_only_count = 0; request->read_only_count < count && !reader->bad; request->read_only_count++) {
        struct read_only *entry = &request->read_only[request->read_only_count];
        entry->source = read_string(reader);
        entry->target = read_string(reader);
        entry->file = -1;
        if (read_u8(reader)) {
            if (taken < file_count) entry->file = files[taken++];
            else reader->bad = true;
        }
        if (!entry->source || !entry->target || entry->target[0] != '/' || strlen(entry->target) >= MAX_PATH_BYTES) {
            reader->bad = true;
        }
    }
    // Everything else comes with the user namespace.
    if (!(request->walls & WALL_USER_NAMESPACE)) {
        request->walls &= ~(uint32_t)(WALL_MOUNT | WALL_PID | WALL_IPC | WALL_NETWORK | WALL_OVERLAY);
    }
    if (!(report.held & WALL_OWN_UID)) request->walls &= ~(uint32_t)WALL_CGROUP;
    return !reader->bad && taken == file_count;
}

static void make(uint32_t id, struct reader *reader, int *files, unsigned count) {
    static struct cell_request request;
    request = (struct cell_request){0};
    uint32_t number;
    struct run *run = NULL;
    const char *step = NULL;
    errno = 0;
    if (!read_request(reader, &request, &number, files, count)) step = "read the request";
    for (unsigned i = 0; !step && i < MAX_RUNS && !run; i++) {
        if (!runs[i].used) run = &runs[i];
    }
    if (!step && (!run || find(number))) step = "find a place: this process has too many runs at once";
    if (step) {
        answer_failed(id, 0, step, errno);
    } else {
        *run = (struct run){.used = true, .number = number, .pid = -1, .index = -1, .lock = -1, .liveness = -1};
        request.socket = files[0];
        run->checkout = request.checkout = fcntl(files[1], F_DUPFD_CLOEXEC, 3);
        step = launch(run, &request);
        if (step) {
            answer_failed(id, 0, step, errno);
            if (run->pid > 0) kill(run->pid, SIGKILL);
            else finish(run);
        } else {
            struct buffer out = {0};
            buffer_u32(&out, request.walls);
            buffer_u32(&out, (uint32_t)run->pid);
            buffer_u32(&out, request.uid);
            answer(id, MESSAGE_DONE, &out);
            buffer_free(&out);
        }
    }
    for (unsigned i = 0; i < request.read_only_count; i++) {
        free((char *)request.read_only[i].source);
        free((char *)request.read_only[i].target);
    }
}

static void stop(uint32_t id, struct reader *reader) {
    struct buffer none = {0};
    struct run *run = find(read_u32(reader));
    if (!run) return answer(id, MESSAGE_DONE, &none);
    if (run->stopper_count == MAX_STOPPERS) return answer_failed(id, 0, "it is being ended", 0);
    run->stoppers[run->stopper_count++] = id;
    kill(run->pid, SIGKILL);
}

// How many processes a cell was refused; nothing where nobody counts.
static void tell_refused(uint32_t id, struct reader *reader) {
    struct run *run = find(read_u32(reader));
    struct buffer out = {0};
    uint64_t count = 0;
    if (run && run->grouped && group_refused(ids_uid((unsigned)run->index), run->share, &count)) buffer_u64(&out, count);
    answer(id, MESSAGE_DONE, &out);
    buffer_free(&out);
}

static void describe(uint32_t id) {
    struct buffer out = {0};
    buffer_u32(&out, report.held);
    buffer_u32(&out, (uint32_t)report.landlock);
    for (int bit = 0; bit < 16; bit++) buffer_u32(&out, (uint32_t)report.errors[bit]);
    buffer_string(&out, ids_missing(), strlen(ids_missing()));
    buffer_string(&out, group_missing(), strlen(group_missing()));
    answer(id, MESSAGE_DONE, &out);
    buffer_free(&out);
}

static void sweep(uint32_t id) {
    struct buffer out = {0};
    buffer_u32(&out, (uint32_t)ids_sweep());
    answer(id, MESSAGE_DONE, &out);
    buffer_free(&out);
}

// Whether a run's user may read a directory.
static void try_reading(uint32_t id, const int *files, unsigned count) {
    if (count != 1) return answer_failed(id, 0, "read the request", 0);
    struct run reader = {.checkout = -1};
    if (!take_user(&reader)) return answer_failed(id, 0, "find a free user id: other runs have them all; wait for one to end", 0);
    char unreadable[MAX_PATH_BYTES];
    struct buffer out = {0};
    buffer_u8(&out, ids_read(files[0], reader.index, unreadable, sizeof unreadable));
    buffer_string(&out, unreadable, strlen(unreadable));
    if (reader.lock >= 0) close(reader.lock);
    answer(id, MESSAGE_DONE, &out);
    buffer_free(&out);
}

// All cells end with the one they were made for.
static _Noreturn void end(void) {
    for (unsigned i = 0; i < MAX_RUNS; i++) {
        if (runs[i].used && runs[i].pid > 0) kill(runs[i].pid, SIGKILL);
    }
    for (unsigned i = 0; i < MAX_RUNS; i++) {
        if (!runs[i].used) continue;
        int status;
        while (waitpid(runs[i].pid, &status, 0) < 0 && errno == EINTR) continue;
        runs[i].stopper_count = 0;
        finish(&runs[i]);
    }
    _exit(0);
}

static void receive(void) {
    static uint8_t bytes[MAX_MESSAGE];
    struct iovec part = {bytes, sizeof bytes};
    union {
        char bytes[CMSG_SPACE(sizeof(int) * MAX_FILES)];
        struct cmsghdr header;
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t size = recvmsg(CLIENT, &message, MSG_CMSG_CLOEXEC);
    if (size < 0 && errno == EINTR) return;
    if (size <= 0) end();
    int files[MAX_FILES];
    unsigned count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        unsigned given = (unsigned)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (unsigned i = 0; i < given && count < MAX_FILES; i++) {
            memcpy(&files[count++], CMSG_DATA(header) + i * sizeof(int), sizeof(int));
        }
    }
    struct reader reader = {bytes, (size_t)size, false};
    uint8_t type = read_u8(&reader);
    uint32_t id = read_u32(&reader);
    if (type == MESSAGE_MAKE) make(id, &reader, files, count);
    else if (type == MESSAGE_STOP) stop(id, &reader);
    else if (type == MESSAGE_REPORT) describe(id);
    else if (type == MESSAGE_SWEEP) sweep(id);
    else if (type == MESSAGE_REFUSED) tell_refused(id, &reader);
    else if (type == MESSAGE_READ) try_reading(id, files, count);
    else answer_failed(id, 0, "an unknown message", 0);
    for (unsigned i = 0; i < count; i++) close(files[i]);
}

int spawner_main(int argc, char **argv) {
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--state") == 0) state = argv[i + 1];
        else if (strcmp(argv[i], "--uids") == 0) sscanf(argv[i + 1], "%u:%u", &first_uid, &uid_count);
        else if (strcmp(argv[i], "--pretend-missing") == 0) pretended = (uint32_t)strtoul(argv[i + 1], NULL, 10);
    }
    struct stat client;
    if (!state || fstat(CLIENT, &client) != 0 || !S_ISSOCK(client.st_mode)) {
        fputs("arborist-cell spawner is started by arborist, not by hand\n", stderr);
        return 2;
    }
    // Ctrl-C in a terminal is for Arborist; the spawner ends with it.
    setsid();
    fcntl(CLIENT, F_SETFD, FD_CLOEXEC);
    syscall(SYS_close_range, CLIENT + 1, ~0u, 0);
    if (chdir("/") != 0) return 1;
    umask(077);
    prctl(PR_SET_NAME, "cell-spawner", 0, 0, 0);
    // Before capabilities go: the directory of locks, and which controllers there are.
    if (!ids_setup(state, first_uid, uid_count, pretended & WALL_OWN_UID)) {
        fprintf(stderr, "arborist-cell: %s: %s\n", state, strerror(errno));
        return 1;
    }
    if (ids_switch()) report.held |= WALL_OWN_UID;
    if (group_find()) report.held |= WALL_CGROUP;
    if (!keep_capabilities()) return 1;
    probe_walls(&report);
    forget_walls(&report, pretended);
    // An ordinary user becomes another one in a user namespace alone.
    if (geteuid() != 0 && !(report.held & WALL_USER_NAMESPACE) && (report.held & WALL_OWN_UID)) {
        report.held &= ~(uint32_t)WALL_OWN_UID;
        ids_lose("subordinate ids are of use in user namespaces only");
    }
    ids_sweep();
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    signal(SIGPIPE, SIG_IGN);
    signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) return 1;
    for (;;) {
        struct pollfd files[] = {{CLIENT, POLLIN, 0}, {signals, POLLIN, 0}};
        if (poll(files, 2, -1) < 0 && errno != EINTR) return 1;
        if (files[1].revents) reap();
        if (files[0].revents) receive();
    }
}
