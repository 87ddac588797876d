#include "commands.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "processes.h"

extern char **environ;

enum {
    DRAIN_MILLISECONDS = 50,
    GRACE_MILLISECONDS = 5000,
    SCAN_MILLISECONDS = 20,
    MAX_WAITERS = 8,
    MAX_WORDS = 65536,
};

enum ending { RUNNING = 0, EXITED = 1, SIGNALLED = 2, TIMED_OUT = 3 };

struct command {
    bool used;
    uint32_t number;
    pid_t pid;
    int input, output;
    bool terminal;
    bool left;    // the process itself has ended
    int status;   // as wait gives it
    enum ending ending;
    int32_t code;
    uint64_t started, ended; // microseconds
    uint64_t deadline, drained; // milliseconds
    bool timed_out;

    // What it wrote since somebody asked: a head, and a tail that goes round.
    struct buffer head, tail;
    size_t head_limit, tail_limit, tail_start;
    uint64_t dropped;

    struct buffer pending; // input not yet taken
    size_t pending_sent;
    bool pending_asked, input_ends;
    uint32_t pending_id;

    bool waited_for;
    uint32_t wait_id;
    uint64_t wait_until;

    bool ending_tree, tree_gone;
    uint64_t kill_at;
    uint32_t waiters[MAX_WAITERS];
    unsigned waiter_count;
    struct family *family;
};

static struct command commands[MAX_COMMANDS];
static int orphans[MAX_ORPHANS];
static unsigned orphan_count;
static int processes = -1;
static const struct buffer nothing;

char **read_words(struct reader *reader) {
    uint32_t count = read_u32(reader);
    if (reader->bad || count > MAX_WORDS || count > reader->size / 4) {
        reader->bad = true;
        return NULL;
    }
    char **words = calloc(count + 1, sizeof *words);
    if (!words) {
        reader->bad = true;
        return NULL;
    }
    for (uint32_t i = 0; i < count && !reader->bad; i++) words[i] = read_string(reader);
    return words;
}

void free_words(char **words) {
    if (!words) return;
    for (char **word = words; *word; word++) free(*word);
    free(words);
}

static struct command *find(uint32_t number) {
    for (unsigned i = 0; i < MAX_COMMANDS; i++) {
        if (commands[i].used && commands[i].number == number) return &commands[i];
    }
    return NULL;
}

static bool is_settled(const struct command *command) {
    return command->ending != RUNNING && !command->waited_for && !command->pending_asked &&
           (!command->ending_tree || command->tree_gone) && command->waiter_count == 0;
}

static void release(struct command *command) {
    if (command->input >= 0) close(command->input);
    if (command->output >= 0) close(command->output);
    buffer_free(&command->head);
    buffer_free(&command->tail);
    buffer_free(&command->pending);
    free(command->family);
    *command = (struct command){.input = -1, .output = -1};
}

// A free place, or that of the command whose end is longest ago.
static struct command *take_place(void) {
    struct command *oldest = NULL;
    for (unsigned i = 0; i < MAX_COMMANDS; i++) {
        if (!commands[i].used) return &commands[i];
        if (is_settled(&commands[i]) && (!oldest || commands[i].ended < oldest->ended)) oldest = &commands[i];
    }
    if (oldest) release(oldest);
    return oldest;
}

static _Noreturn void become(const struct command_request *request, const struct cell_request *cell, int input,
                             int output, bool confined) {
    setsid();
    for (int number = 1; number < 65; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(126);
    if (request->terminal) ioctl(0, TIOCSCTTY, 0);
    syscall(SYS_close_range, 3, ~0u, 0);
    const char *step = NULL;
    if (cell->walls & WALL_LIMITS) {
        struct rlimit time = {cell->limits.cpu_seconds, cell->limits.cpu_seconds};
        if (setrlimit(RLIMIT_CPU, &time) != 0) step = "limit its time";
    }
    if (!confined) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (!step && (cell->walls & WALL_LANDLOCK)) step = apply_signal_scope();
    }
    if (!step && chdir(request->directory) != 0) step = request->directory;
    if (!step) {
        environ = request->environment;
        execvp(request->arguments[0], request->arguments);
        step = request->arguments[0];
    }
    int error = errno;
    dprintf(2, "cell: %s: %s\n", step, strerror(error));
    _exit(error == ENOENT ? 127 : 126);
}

// The ends of a command's input and output: [0] the command's, [1] ours.
struct ends {
    int input[2], output[2];
};

static void close_ends(struct ends *ends) {
    int files[] = {ends->input[0], ends->input[1], ends->output[0], ends->output[1]};
    for (int i = 0; i < 4; i++) {
        if (files[i] >= 0) close(files[i]);
    }
}

static bool open_terminal(struct ends *ends) {
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), number, unlocked = 0;
    if (master < 0) return false;
    ends->output[1] = master;
    if (ioctl(master, TIOCSPTLCK, &unlocked) != 0 || ioctl(master, TIOCGPTN, &number) != 0) return false;
    char name[32];
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    ends->output[0] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ends->output[0] < 0) return false;
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    ioctl(master, TIOCSWINSZ, &size);
    ends->input[0] = fcntl(ends->output[0], F_DUPFD_CLOEXEC, 3);
    ends->input[1] = fcntl(master, F_DUPFD_CLOEXEC, 3);
    return ends->input[0] >= 0 && ends->input[1] >= 0;
}

static bool open_ends(const struct command_request *request, struct ends *ends) {
    if (request->terminal) return open_terminal(ends);
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0) return false;
    ends->output[0] = pair[1];
    ends->output[1] = pair[0];
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    if (request->input == 0) {
        ends->input[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        return ends->input[0] >= 0;
    }
    if (pipe2(pair, O_CLOEXEC) != 0) return false;
    ends->input[0] = pair[0];
    ends->input[1] = pair[1];
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
    return true;
}

static void feed(struct command *command);

enum answer command_start(const struct command_request *request, const struct place *place,
                          const struct cell_request *cell, const char **detail) {
    processes = place->processes;
    struct command *command = find(request->number) ? NULL : take_place();
    if (!command) {
        *detail = "too many commands run at once";
        return ANSWER_FULL;
    }
    struct ends ends = {{-1, -1}, {-1, -1}};
    pid_t pid = open_ends(request, &ends) ? fork() : -1;
    if (pid == 0) become(request, cell, ends.input[0], ends.output[0], place->confined);
    if (pid < 0) {
        *detail = strerror(errno);
        close_ends(&ends);
        return ANSWER_FULL;
    }
    close(ends.input[0]);
    close(ends.output[0]);
    size_t limit = request->output_limit > (256u << 20) ? 256u << 20 : (size_t)request->output_limit;
    *command = (struct command){.used = true, .number = request->number, .pid = pid, .input = ends.input[1],
                                .output = ends.output[1], .terminal = request->terminal,
                                .started = now_microseconds(), .deadline = now_milliseconds() + request->timeout,
                                .head_limit = limit - limit * 2 / 5, .tail_limit = limit * 2 / 5};
    if (request->timeout > UINT32_MAX) command->deadline = UINT64_MAX;
    if (command->input >= 0 && request->input != 0) {
        buffer_add(&command->pending, request->given, request->given_size);
        command->input_ends = request->input == 1;
        feed(command);
    }
    return ANSWER_OK;
}

// Output.

static void keep_tail(struct command *command, const uint8_t *bytes, size_t size) {
    if (size > command->tail_limit) {
        command->dropped += size - command->tail_limit;
        bytes += size - command->tail_limit;
        size = command->tail_limit;
    }
    size_t room = command->tail_limit - command->tail.size, plain = size < room ? size : room;
    buffer_add(&command->tail, bytes, plain);
    if (command->tail.failed) _exit(3);
    for (bytes += plain, size -= plain; size > 0;) {
        size_t part = command->tail.size - command->tail_start;
        if (part > size) part = size;
        memcpy(command->tail.bytes + command->tail_start, bytes, part);
        command->tail_start = (command->tail_start + part) % command->tail.size;
        command->dropped += part;
        bytes += part;
        size -= part;
    }
}

static void keep(struct command *command, const uint8_t *bytes, size_t size) {
    size_t room = command->head_limit - command->head.size, head = size < room ? size : room;
    // What comes after a tail has begun belongs to it, whatever room there is.
    if (command->tail.size > 0) head = 0;
    buffer_add(&command->head, bytes, head);
    if (command->head.failed) _exit(3);
    if (size > head) {
        if (command->tail_limit > 0) keep_tail(command, bytes + head, size - head);
        else command->dropped += size - head;
    }
}

static void answer_output(struct command *command) {
    command->waited_for = false;
    struct buffer out = {0};
    buffer_u8(&out, (uint8_t)command->ending);
    buffer_u32(&out, (uint32_t)command->code);
    buffer_u64(&out, (command->ending == RUNNING ? now_microseconds() : command->ended) - command->started);
    buffer_u64(&out, command->dropped);
    buffer_u32(&out, (uint32_t)command->head.size);
    buffer_add(&out, command->head.bytes, command->head.size);
    buffer_add(&out, command->tail.bytes + command->tail_start, command->tail.size - command->tail_start);
    buffer_add(&out, command->tail.bytes, command->tail_start);
    if (out.failed) _exit(3);
    reply(command->wait_id, &out);
    buffer_free(&out);
    buffer_free(&command->head);
    buffer_free(&command->tail);
    command->tail_start = 0;
    command->dropped = 0;
}

static void close_input(struct command *command) {
    if (command->input >= 0) close(command->input);
    command->input = -1;
    buffer_free(&command->pending);
    command->pending_sent = 0;
    if (command->pending_asked) reply(command->pending_id, &nothing);
    command->pending_asked = false;
}

static void finish(struct command *command) {
    if (command->ending != RUNNING) return;
    if (command->timed_out) command->ending = TIMED_OUT;
    else if (WIFSIGNALED(command->status)) command->ending = SIGNALLED;
    else command->ending = EXITED;
    command->code = WIFSIGNALED(command->status) ? WTERMSIG(command->status) : WEXITSTATUS(command->status);
    command->ended = now_microseconds();
    // Something it left behind may still write; it goes on, and what it writes is thrown away.
    if (command->output >= 0 && orphan_count < MAX_ORPHANS) orphans[orphan_count++] = command->output;
    else if (command->output >= 0) close(command->output);
    command->output = -1;
    close_input(command);
    if (command->waited_for) answer_output(command);
}

// A command that has ended is heard to what it wrote last, however little a read of its terminal gives; only what it left
// behind could write on and on, hence the bound.
static void hear(struct command *command) {
    static uint8_t piece[64 << 10];
    const int rounds = command->left ? 256 : 8;
    for (int round = 0; round < rounds && command->output >= 0; round++) {
        ssize_t count = read(command->output, piece, sizeof piece);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (count <= 0) { // the end, or a terminal that nobody has open
            close(command->output);
            command->output = -1;
            break;
        }
        keep(command, piece, (size_t)count);
    }
    if (command->output < 0 && command->left) finish(command);
}

void command_ended(pid_t pid, int status) {
    for (unsigned i = 0; i < MAX_COMMANDS; i++) {
        struct command *command = &commands[i];
        if (!command->used || command->left || command->pid != pid) continue;
        command->left = true;
        command->status = status;
        command->drained = now_milliseconds() + DRAIN_MILLISECONDS;
        if (command->output < 0) finish(command);
        else hear(command);
        return;
    }
}

// Requests.

static void feed(struct command *command) {
    while (command->input >= 0 && command->pending_sent < command->pending.size) {
        ssize_t count = write(command->input, command->pending.bytes + command->pending_sent,
                              command->pending.size - command->pending_sent);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (count < 0) return close_input(command);
        command->pending_sent += (size_t)count;
    }
    buffer_free(&command->pending);
    command->pending_sent = 0;
    if (command->pending_asked) reply(command->pending_id, &nothing);
    command->pending_asked = false;
    if (command->input_ends) close_input(command);
}

void command_input(uint32_t id, struct reader *reader) {
    struct command *command = find(read_u32(reader));
    uint8_t ends = read_u8(reader);
    size_t size;
    const uint8_t *bytes = read_bytes(reader, &size);
    if (reader->bad || !command) return reply_error(id, reader->bad ? ANSWER_MALFORMED : ANSWER_NOT_FOUND, "");
    if (command->input < 0 || command->input_ends) return reply_error(id, ANSWER_REFUSED, "its input is closed");
    if (command->pending_asked) return reply_error(id, ANSWER_REFUSED, "an earlier input is not taken yet");
    buffer_add(&command->pending, bytes, size);
    // A terminal has no end but the character that stands for it.
    if (ends && command->terminal) buffer_u8(&command->pending, 4);
    if (command->pending.failed) _exit(3);
    command->input_ends = ends && !command->terminal;
    command->pending_asked = true;
    command->pending_id = id;
    feed(command);
}

void command_output(uint32_t id, struct reader *reader) {
    struct command *command = find(read_u32(reader));
    uint64_t wait = read_u64(reader);
    if (reader->bad || !command) return reply_error(id, reader->bad ? ANSWER_MALFORMED : ANSWER_NOT_FOUND, "");
    // Who asks anew takes the place of who asked before.
    if (command->waited_for) answer_output(command);
    command->waited_for = true;
    command->wait_id = id;
    command->wait_until = wait > UINT32_MAX ? UINT64_MAX : now_milliseconds() + wait;
    if (command->ending != RUNNING || wait == 0) {
        if (command->output >= 0) hear(command);
        if (command->waited_for) answer_output(command);
    }
}

void command_cancel(uint32_t id) {
    for (unsigned i = 0; i < MAX_COMMANDS; i++) {
        if (commands[i].used && commands[i].waited_for && commands[i].wait_id == id) answer_output(&commands[i]);
    }
}

static void end_tree(struct command *command) {
    if (command->ending_tree && !command->tree_gone) return;
    command->ending_tree = true;
    command->tree_gone = false;
    command->kill_at = now_milliseconds() + GRACE_MILLISECONDS;
    free(command->family);
    command->family = calloc(1, sizeof *command->family);
    if (!command->family) _exit(3);
    family_signal(command->family, processes, command->pid, SIGTERM);
    family_signal(command->family, processes, command->pid, SIGCONT);
}

void command_terminate(uint32_t id, struct reader *reader) {
    struct command *command = find(read_u32(reader));
    if (reader->bad || !command) return reply_error(id, reader->bad ? ANSWER_MALFORMED : ANSWER_NOT_FOUND, "");
    if (command->waiter_count == MAX_WAITERS) return reply_error(id, ANSWER_REFUSED, "it is being ended");
    command->waiters[command->waiter_count++] = id;
    end_tree(command);
}

// The loop.

unsigned commands_poll(struct pollfd *files) {
    unsigned count = 0;
    for (unsigned i = 0; i < MAX_COMMANDS; i++) {
        struct command *command = &commands[i];
        if (!command->used) continue;
        if (command->output >= 0) files[count++] = (struct pollfd){command->output, POLLIN, 0};
        if (command->input >= 0 && command->pending_sent < command->pending.size) {
            files[count++] = (struct pollfd){command->input, POLLOUT, 0};
        }
    }
    for (unsigned i = 0; i < orphan_count; i++) files[count++] = (struct pollfd){orphans[i], POLLIN, 0};
    return count;
}

static void drain_orphan(int file) {
    static uint8_t piece[64 << 10];
    ssize_t count = read(file, piece, sizeof piece);
    if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))) return;
    for (unsigned i = 0; i < orphan_count; i++) {
        if (orphans[i] == file) orphans[i] = orphans[--orphan_count];
    }
    close(file);
}

static void polled(int file) {
    for (unsigned i = 0; i < MAX_COMMANDS; i++) {
        if (!commands[i].used) continue;
        if (commands[i].output == file) return hear(&commands[i]);
        if (commands[i].input == file) return feed(&commands[i]);
    }
    for (unsigned i = 0; i < orphan_count; i++) {
        if (orphans[i] == file) return drain_orphan(file);
    }
}

void commands_polled(const struct pollfd *files, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        if (files[i].revents) polled(files[i].fd);
    }
}

static uint64_t earlier(uint64_t left, uint64_t right) { return left < right ? left : right; }

uint64_t commands_deadline(void) {
    uint64_t until = UINT64_MAX;
    for (unsigned i = 0; i < MAX_COMMANDS; i++) {
        const struct command *command = &commands[i];
        if (!command->used) continue;
        if (command->ending == RUNNING && command->left) until = earlier(until, command->drained);
        if (!command->left && !command->timed_out) until = earlier(until, command->deadline);
        if (command->waited_for) until = earlier(until, command->wait_until);
        if (command->ending_tree && !command->tree_gone) {
            until = earlier(until, now_milliseconds() + SCAN_MILLISECONDS);
        }
    }
    return until;
}

static void tick_tree(struct command *command, uint64_t now) {
    bool hard = now >= command->kill_at;
    unsigned alive = family_signal(command->family, processes, command->pid, hard ? SIGKILL : 0);
    if (alive > 0 || !command->left) return;
    command->tree_gone = true;
    if (command->ending == RUNNING) hear(command);
    for (unsigned i = 0; i < command->waiter_count; i++) reply(command->waiters[i], &nothing);
    command->waiter_count = 0;
}

void commands_tick(uint64_t now) {
    for (unsigned i = 0; i < MAX_COMMANDS; i++) {
        struct command *command = &commands[i];
        if (!command->used) continue;
        if (!command->left && !command->timed_out && now >= command->deadline) {
            command->timed_out = true;
            end_tree(command);
        }
        if (command->ending == RUNNING && command->left && now >= command->drained) {
            hear(command);
            finish(command);
        }
        if (command->waited_for && now >= command->wait_until) answer_output(command);
        if (command->ending_tree && !command->tree_gone) tick_tree(command, now);
    }
}
