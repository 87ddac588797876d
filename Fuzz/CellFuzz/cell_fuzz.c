// Feeds the requests that init of a cell takes to its own loop, over a workspace on a tmpfs, and the messages and tables
// that the spawner reads to their parsers. Nothing is started and nothing is ended: fork and kill are ours.
//
// The first byte says which. What init gets is a stream of frames: where the lengths are wrong it ends the cell, so they
// are made right here, and what is fuzzed is what comes behind them.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

static int pretend_kill(pid_t pid, int number) {
    (void)pid, (void)number;
    return -1;
}
static pid_t pretend_fork(void) {
    static pid_t next = 1 << 28;
    return next++;
}
#define kill pretend_kill
#define fork pretend_fork
#include "../../Sources/arborist-cell/commands.c"
#undef is_settled
#define find init_find
#define end_tree init_end_tree
#include "../../Sources/arborist-cell/processes.c"
#define receive init_receive
#define reap init_reap
#define loop init_loop
#include "../../Sources/arborist-cell/init.c"
#undef receive
#undef reap
#undef find

#include <sys/mount.h>

static void make(const char *root, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    mkdir(path, 0700);
}

static int open_at(const char *root, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void set_up(void) {
    static char root[] = "/dev/shm/cell-fuzz-XXXXXX";
    static struct cell_request request;
    if (!mkdtemp(root)) abort();
    static const char *const names[] = {"workspace", "lower", "lower/d", "kept", "processes", "tmp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) make(root, names[i]);
    int lower = open_at(root, "lower");
    int file = openat(lower, "d/a", O_WRONLY | O_CREAT, 0600);
    if (file < 0 || write(file, "first\n", 6) != 6) abort();
    close(file);
    place = (struct place){.root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .workspace = open_at(root, "workspace"),
                           .upper = open_at(root, "workspace"), .lower = lower, .kept = open_at(root, "kept"),
                           .processes = open_at(root, "processes"), .listener = -1};
    strcpy(place.home, root);
    request.limits.cpu_seconds = 1;
    request.socket = -1;
    cell = &request;
    signal(SIGPIPE, SIG_IGN); // as cell_main does
    struct rlimit files = {256, 256};
    setrlimit(RLIMIT_NOFILE, &files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool is_ready;
    if (!is_ready) set_up();
    is_ready = true;
    // Two bytes of length before each request.
    while (size > 2) {
        size_t length = (size_t)(data[0] | data[1] << 8) % 700;
        data += 2, size -= 2;
        if (length > size) length = size;
        uint8_t *copy = malloc(length + 1); // of its own, so that one byte too many is seen
        memcpy(copy, data, length);
        struct reader body = {copy, length, false};
        uint8_t type = read_u8(&body);
        if (type == 0) {
            command_ended((pid_t)((1 << 28) + read_u8(&body)), (int)read_u32(&body));
            commands_tick(now_milliseconds() + read_u32(&body));
        } else {
            serve(type & 15, read_u32(&body), &body);
        }
        free(copy);
        data += length, size -= length;
        static struct pollfd files[2 * MAX_COMMANDS + MAX_ORPHANS];
        unsigned count = commands_poll(files);
        if (poll(files, count, 0) > 0) commands_polled(files, count);
        if (outgoing.size > (1 << 20)) buffer_free(&outgoing);
    }
    outgoing.size = 0;
    // As a cell has them: no more than some, and each input begins with none.
    for (unsigned i = 0; i < MAX_COMMANDS; i++) {
        if (commands[i].used) release(&commands[i]);
    }
    while (orphan_count > 0) close(orphans[--orphan_count]);
    remove_content(place.workspace);
    remove_content(place.kept);
    return 0;
}
