// The first process in a cell: it makes the cell's walls from inside, then serves requests over one socket until that
// or the spawner's end is closed. With it dies everything else in the cell.
#include "cell.h"
#include "commands.h"
#include "processes.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_START = 1, REQUEST_INPUT, REQUEST_OUTPUT, REQUEST_TERMINATE, REQUEST_READ, REQUEST_WRITE,
       REQUEST_REMOVE, REQUEST_LIST, REQUEST_CHANGES, REQUEST_CHECKPOINT, REQUEST_RESTORE, REQUEST_FORGET,
       REQUEST_CANCEL, REQUEST_END };
enum { REPLY_DONE = 0x80, REPLY_PART = 0x81, REPLY_ERROR = 0x82, REPLY_HELLO = 0x90 };

enum { MAX_WRITE = 64 << 20, END_MILLISECONDS = 10000 };

static struct place place;
static struct cell_request *cell;
static struct buffer incoming, outgoing;
static size_t sent;
static struct buffer upload;
static uint32_t upload_id;
static uint32_t next_checkpoint;

uint64_t now_milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

uint64_t now_microseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

static void frame(uint8_t type, uint32_t id, const uint8_t *bytes, size_t size) {
    buffer_u32(&outgoing, (uint32_t)(5 + size));
    buffer_u8(&outgoing, type);
    buffer_u32(&outgoing, id);
    buffer_add(&outgoing, bytes, size);
    // Without memory for an answer the other side would wait for ever; it hears of the end instead.
    if (outgoing.failed) _exit(3);
}

void reply(uint32_t id, const struct buffer *answer) {
    size_t offset = 0;
    while (answer->size - offset > MAX_PIECE) {
        frame(REPLY_PART, id, answer->bytes + offset, MAX_PIECE);
        offset += MAX_PIECE;
    }
    frame(REPLY_DONE, id, answer->bytes + offset, answer->size - offset);
}

void reply_error(uint32_t id, enum answer code, const char *detail) {
    struct buffer answer = {0};
    buffer_u8(&answer, (uint8_t)code);
    buffer_string(&answer, detail, strlen(detail));
    frame(REPLY_ERROR, id, answer.bytes, answer.size);
    buffer_free(&answer);
}

static void reply_or_error(uint32_t id, enum answer code, struct buffer *answer) {
    if (code == ANSWER_OK) reply(id, answer);
    else reply_error(id, code, code == ANSWER_FAILED || code == ANSWER_FULL ? strerror(errno) : "");
    buffer_free(answer);
}

// A path of a request: absolute, and without parts that climb.
static bool is_path(const char *path) {
    if (!path || path[0] != '/' || strlen(path) >= MAX_PATH_BYTES) return false;
    for (const char *part = path; (part = strchr(part, '/')); part++) {
        if (strncmp(part, "/../", 4) == 0 || strcmp(part, "/..") == 0) return false;
    }
    return true;
}

static void request_start(uint32_t id, struct reader *reader) {
    struct command_request request = {0};
    request.number = read_u32(reader);
    request.input = read_u8(reader);
    request.terminal = read_u8(reader) != 0;
    request.timeout = read_u64(reader);
    request.output_limit = read_u64(reader);
    char *directory = read_string(reader);
    request.arguments = read_words(reader);
    request.environment = read_words(reader);
    request.given = read_bytes(reader, &request.given_size);
    char real[2 * MAX_PATH_BYTES];
    if (reader->bad || !request.arguments || !request.arguments[0] || !is_path(directory)) {
        reply_error(id, ANSWER_MALFORMED, "a command needs a directory and a program");
    } else if (!(request.directory = real_path(&place, directory, real, sizeof real))) {
        reply_error(id, ANSWER_REFUSED, "the directory's path is too long");
    } else {
        const char *detail = "";
        enum answer answer = command_start(&request, &place, cell, &detail);
        if (answer == ANSWER_OK) reply(id, &(struct buffer){0});
        else reply_error(id, answer, detail);
    }
    free_words(request.arguments);
    free_words(request.environment);
    free(directory);
}

static void request_write(uint32_t id, struct reader *reader) {
    char *path = read_string(reader);
    int executable = (int8_t)read_u8(reader);
    uint8_t ends = read_u8(reader);
    uint32_t transfer = read_u32(reader);
    size_t size;
    const uint8_t *bytes = read_bytes(reader, &size);
    if (reader->bad || !is_path(path)) {
        reply_error(id, ANSWER_MALFORMED, "a path that is none");
        free(path);
        return;
    }
    if (transfer != upload_id) buffer_free(&upload);
    upload_id = transfer;
    struct buffer none = {0};
    if (upload.size + size > MAX_WRITE) {
        buffer_free(&upload);
        reply_error(id, ANSWER_FULL, "a file of more than 64 MiB");
    } else if (!ends) {
        buffer_add(&upload, bytes, size);
        reply(id, &none);
    } else {
        buffer_add(&upload, bytes, size);
        errno = ENOMEM;
        enum answer answer =
            upload.failed ? ANSWER_FULL : file_write(&place, path, executable, upload.bytes, upload.size);
        buffer_free(&upload);
        reply_or_error(id, answer, &none);
    }
    free(path);
}

static void request_file(uint8_t type, uint32_t id, struct reader *reader) {
    char *path = read_string(reader);
    uint64_t offset = type == REQUEST_READ ? read_u64(reader) : 0;
    uint32_t limit = type == REQUEST_REMOVE ? 0 : read_u32(reader);
    struct buffer out = {0};
    enum answer answer = ANSWER_MALFORMED;
    if (!reader->bad && is_path(path)) {
        if (type == REQUEST_READ) answer = file_read(&place, path, offset, limit < MAX_PIECE ? limit : MAX_PIECE, &out);
        if (type == REQUEST_REMOVE) answer = file_remove(&place, path);
        if (type == REQUEST_LIST) answer = file_list(&place, path, limit, &out);
    }
    reply_or_error(id, answer, &out);
    free(path);
}

// Nothing else runs while the workspace is kept or brought back.
static void freeze(bool stopped) {
    if (place.confined) kill(-1, stopped ? SIGSTOP : SIGCONT);
}

static void request_state(uint8_t type, uint32_t id, struct reader *reader) {
    uint32_t number = type == REQUEST_CHECKPOINT ? next_checkpoint : read_u32(reader);
    bool whole = type == REQUEST_CHECKPOINT && read_u8(reader) != 0;
    struct buffer out = {0};
    enum answer answer = ANSWER_MALFORMED;
    if (!reader->bad) {
        freeze(true);
        if (type == REQUEST_CHECKPOINT) answer = tree_checkpoint(&place, number, whole);
        if (type == REQUEST_RESTORE) answer = tree_restore(&place, number);
        if (type == REQUEST_FORGET) answer = tree_forget(&place, number);
        int error = errno;
        freeze(false);
        errno = error;
    }
    if (type == REQUEST_CHECKPOINT && answer == ANSWER_OK) {
        buffer_u32(&out, number);
        next_checkpoint++;
    }
    reply_or_error(id, answer, &out);
}

// Ends everything that runs in the cell, whatever it has left: its session, its parent, its command.
static void request_end(uint32_t id) {
    struct buffer out = {0};
    unsigned count = others_signal(&place, 0);
    uint64_t until = now_milliseconds() + END_MILLISECONDS;
    while (others_signal(&place, SIGKILL) > 0) {
        // Held by the kernel, as by a file system that does not answer.
        if (now_milliseconds() > until) return reply_error(id, ANSWER_FAILED, "a process does not end");
        usleep(300);
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) command_ended(pid, status);
    }
    if (place.confined) end_shared();
    buffer_u32(&out, count);
    reply_or_error(id, ANSWER_OK, &out);
}

static void request_changes(uint32_t id, struct reader *reader) {
    uint32_t since = read_u32(reader);
    struct buffer out = {0};
    enum answer answer = reader->bad ? ANSWER_MALFORMED : tree_changes(&place, since, &out);
    reply_or_error(id, answer, &out);
}

static void serve(uint8_t type, uint32_t id, struct reader *reader) {
    switch (type) {
    case REQUEST_START: return request_start(id, reader);
    case REQUEST_INPUT: return command_input(id, reader);
    case REQUEST_OUTPUT: return command_output(id, reader);
    case REQUEST_TERMINATE: return command_terminate(id, reader);
    case REQUEST_CANCEL: return command_cancel(read_u32(reader));
    case REQUEST_WRITE: return request_write(id, reader);
    case REQUEST_READ: case REQUEST_REMOVE: case REQUEST_LIST: return request_file(type, id, reader);
    case REQUEST_CHANGES: return request_changes(id, reader);
    case REQUEST_END: return request_end(id);
    case REQUEST_CHECKPOINT: case REQUEST_RESTORE: case REQUEST_FORGET: return request_state(type, id, reader);
    default: reply_error(id, ANSWER_MALFORMED, "an unknown request");
    }
}

static void flush_outgoing(void) {
    while (sent < outgoing.size) {
        ssize_t count = send(cell->socket, outgoing.bytes + sent, outgoing.size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (count < 0) _exit(0);
        sent += (size_t)count;
    }
    outgoing.size = sent = 0;
    if (outgoing.capacity > (1 << 20)) buffer_free(&outgoing);
}

static void take_frames(void) {
    size_t offset = 0;
    while (incoming.size - offset >= 9) {
        struct reader reader = {incoming.bytes + offset, incoming.size - offset, false};
        uint32_t size = read_u32(&reader);
        if (size < 5 || size > MAX_FRAME) _exit(4);
        if (incoming.size - offset - 4 < size) break;
        struct reader body = {incoming.bytes + offset + 4, size, false};
        uint8_t type = read_u8(&body);
        uint32_t id = read_u32(&body);
        serve(type, id, &body);
        offset += 4 + size;
    }
    memmove(incoming.bytes, incoming.bytes + offset, incoming.size - offset);
    incoming.size -= offset;
    if (incoming.size == 0 && incoming.capacity > (256 << 10)) buffer_free(&incoming);
}

static void receive(void) {
    static uint8_t piece[64 << 10];
    for (int round = 0; round < 32; round++) {
        ssize_t count = recv(cell->socket, piece, sizeof piece, MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (count <= 0) _exit(0); // Arborist is gone or is done
        buffer_add(&incoming, piece, (size_t)count);
        if (incoming.failed) _exit(3);
        take_frames();
        if (count < (ssize_t)sizeof piece) return;
    }
}

static void reap(int signals) {
    struct signalfd_siginfo information;
    while (read(signals, &information, sizeof information) > 0) continue;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) command_ended(pid, status);
}

static _Noreturn void loop(int signals) {
    static struct pollfd files[3 + 2 * MAX_COMMANDS + MAX_ORPHANS];
    for (;;) {
        files[0] = (struct pollfd){cell->socket, 0, 0};
        // Who does not read answers gets none to further requests.
        if (outgoing.size - sent < (4 << 20)) files[0].events |= POLLIN;
        if (outgoing.size > sent) files[0].events |= POLLOUT;
        files[1] = (struct pollfd){cell->liveness, POLLIN, 0};
        files[2] = (struct pollfd){signals, POLLIN, 0};
        unsigned count = 3 + commands_poll(files + 3);
        uint64_t now = now_milliseconds(), until = commands_deadline();
        int wait = until == UINT64_MAX ? -1 : until <= now ? 0 : until - now > 60000 ? 60000 : (int)(until - now);
        if (poll(files, count, wait) < 0 && errno != EINTR) _exit(5);
        if (files[1].revents) _exit(0); // the spawner is gone
        commands_polled(files + 3, count - 3);
        if (files[2].revents) reap(signals);
        commands_tick(now_milliseconds());
        if (files[0].revents & (POLLIN | POLLHUP | POLLERR)) receive();
        flush_outgoing();
    }
}

static _Noreturn void hello(const char *failed, int error) {
    struct buffer out = {0};
    buffer_u32(&out, cell->walls);
    buffer_u32(&out, (uint32_t)error);
    buffer_string(&out, failed ? failed : "", failed ? strlen(failed) : 0);
    buffer_string(&out, place.home, strlen(place.home));
    struct buffer whole = {0};
    buffer_u32(&whole, (uint32_t)(5 + out.size));
    buffer_u8(&whole, REPLY_HELLO);
    buffer_u32(&whole, 0);
    buffer_add(&whole, out.bytes, out.size);
    struct iovec part = {whole.bytes, whole.size};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (!failed && place.listener >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &place.listener, sizeof(int));
    }
    if (sendmsg(cell->socket, &message, MSG_NOSIGNAL) != (ssize_t)whole.size) _exit(1);
    buffer_free(&out);
    buffer_free(&whole);
    if (place.listener >= 0) close(place.listener);
    place.listener = -1;
    if (failed) _exit(1);
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    int signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) _exit(1);
    loop(signals);
}

// Only init's own files stay open, in order from 3 on.
static bool keep_files(void) {
    int *files[3 + MAX_READ_ONLY] = {&cell->socket, &cell->checkout, &cell->liveness};
    int high[3 + MAX_READ_ONLY], count = 3;
    for (unsigned i = 0; i < cell->read_only_count; i++) {
        if (cell->read_only[i].file >= 0) files[count++] = &cell->read_only[i].file;
    }
    for (int i = 0; i < count; i++) {
        high[i] = fcntl(*files[i], F_DUPFD_CLOEXEC, 100);
        if (high[i] < 0) return false;
    }
    for (int i = 0; i < count; i++) {
        if (dup3(high[i], 3 + i, O_CLOEXEC) < 0) return false;
        *files[i] = 3 + i;
    }
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return false;
    for (int i = 0; i < 3; i++) {
        if (dup2(null, i) < 0) return false;
    }
    return syscall(SYS_close_range, 3 + count, ~0u, 0) == 0;
}

static const char *become_user(void) {
    if (!cell->switches_uid) return NULL;
    // In the user namespace there is one user; without one it is the run's own on the host.
    bool mapped = cell->walls & WALL_USER_NAMESPACE;
    uid_t uid = mapped ? CELL_UID : cell->uid;
    if (!mapped && syscall(SYS_setgroups, 0, NULL) != 0) return "leave groups";
    if (syscall(SYS_setresgid, uid, uid, uid) != 0) return "become the run's group";
    if (syscall(SYS_setresuid, uid, uid, uid) != 0) return "become the run's user";
    return NULL;
}

static const char *raise_loopback(void) {
    int plain = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (plain < 0) return "open a socket";
    struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};
    strcpy(request.ifr_name, "lo");
    int done = ioctl(plain, SIOCSIFFLAGS, &request);
    int error = errno;
    close(plain);
    errno = error;
    return done == 0 ? NULL : "start the loopback";
}

static const char *make_place(void) {
    place = (struct place){.root = -1, .workspace = -1, .upper = -1, .lower = -1, .kept = -1, .processes = -1,
                           .listener = -1};
    if (!keep_files()) return "close what the spawner has open";
    char go;
    if (read(cell->liveness, &go, 1) != 1) _exit(0);
    if (setsid() < 0) return "leave the session";
    umask(022);
    prctl(PR_SET_NAME, "cell-init", 0, 0, 0);
    // Before the user changes: whoever may enter the checkout now may not need to later.
    bool entered = fchdir(cell->checkout) == 0;
    const char *step = become_user();
    // Or the other way round: without namespaces it is its owner alone who may, and that is the run's user now.
    if (!step && !entered && fchdir(cell->checkout) != 0) step = "enter the checkout";
    close(cell->checkout);
    if (!step && (cell->walls & WALL_USER_NAMESPACE)) step = take_trees(cell);
    if (step) return step;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (cell->walls & WALL_USER_NAMESPACE) {
        // A mount namespace is entered with the working directory, which so becomes the checkout of the new one.
        if (syscall(SYS_unshare, CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP) != 0) {
            return "enter namespaces";
        }
        sethostname("cell", 4);
        if ((step = raise_loopback()) || (step = build_root(cell, &place))) return step;
        if ((cell->flags & POLICY_PROXY) && (place.listener = open_listener()) < 0) return "listen for the proxy";
    } else {
        if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return "adopt what is left behind";
        if ((step = build_copy(cell, &place))) return step;
    }
    return NULL;
}

static const char *confine(void) {
    const char *step = NULL;
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (cell->walls & WALL_LIMITS) step = limit_resources(&cell->limits, cell->walls & WALL_CGROUP);
    if (!step) step = drop_capabilities();
    if (!step && (cell->walls & WALL_LANDLOCK)) step = apply_landlock(&place, cell);
    if (!step && (cell->walls & WALL_SECCOMP)) {
        bool network = cell->walls & WALL_NETWORK;
        step = apply_seccomp(network, network && (cell->flags & POLICY_UNIX_SOCKETS));
    }
    return step;
}

_Noreturn void cell_main(struct cell_request *request) {
    cell = request;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    const char *step = make_place();
    if (!step) step = confine();
    hello(step, step ? errno : 0);
}
