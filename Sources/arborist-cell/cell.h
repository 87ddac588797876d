// What the parts of arborist-cell share; Docs/Sandbox.md tells how they work together.
#ifndef ARBORIST_CELL_H
#define ARBORIST_CELL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

// For what has much on the stack beside a function that calls itself.
#define APART __attribute__((noinline))

// The walls, as bits; Walls.swift has the same numbers.
enum wall {
    WALL_USER_NAMESPACE = 1 << 0,
    WALL_OWN_UID = 1 << 1,
    WALL_MOUNT = 1 << 2,
    WALL_PID = 1 << 3,
    WALL_IPC = 1 << 4,
    WALL_NETWORK = 1 << 5,
    WALL_OVERLAY = 1 << 6,
    WALL_LANDLOCK = 1 << 7,
    WALL_SECCOMP = 1 << 8,
    WALL_LIMITS = 1 << 9,
    WALL_CGROUP = 1 << 10,
};

// What a policy asks for, as bits of `cell_request.flags`.
enum {
    POLICY_PROXY = 1 << 0,
    POLICY_UNIX_SOCKETS = 1 << 1,
};

enum {
    CELL_UID = 1000,
    PROXY_PORT = 3128,
    MAX_READ_ONLY = 64,
    MAX_PATH_BYTES = 4096,
    // The largest part of an answer and the largest piece of a request.
    MAX_PIECE = 1 << 20,
    // The largest frame; what is longer is an error of the one who sent it.
    MAX_FRAME = MAX_PIECE + (64 << 10),
    // What lies deeper in the workspace is not looked into: each level takes descriptors.
    MAX_DEPTH = 512,
    // The largest message to the spawner.
    MAX_MESSAGE = 64 << 10,
};

struct limits {
    uint64_t workspace_bytes, workspace_inodes;
    uint64_t memory_bytes, processes, open_files, file_bytes, cpu_seconds;
};

// `source` is "" for an empty file. `file` is the source as Arborist has opened it, later the file tree to be shown; -1
// where there is the path alone.
struct read_only {
    const char *source, *target;
    int file;
};

// What a cell is made from.
struct cell_request {
    uint32_t flags;
    struct limits limits;
    const char *copy_directory; // where the workspace is copied to when there is no overlay or no namespaces
    unsigned read_only_count;
    struct read_only read_only[MAX_READ_ONLY];
    int socket;   // to Arborist
    int checkout; // the directory
    int liveness; // the spawner's; the byte that lets the cell go on, then nothing until the end
    uid_t uid;    // the user id of the run on the host, or our own
    bool switches_uid;
    uint32_t walls; // those that can be had
};

// Growing bytes. `failed` is set when memory ran out; then nothing more is added.
struct buffer {
    uint8_t *bytes;
    size_t size, capacity;
    bool failed;
};

void buffer_add(struct buffer *buffer, const void *bytes, size_t size);
void buffer_u8(struct buffer *buffer, uint8_t value);
void buffer_u32(struct buffer *buffer, uint32_t value);
void buffer_u64(struct buffer *buffer, uint64_t value);
void buffer_string(struct buffer *buffer, const void *bytes, size_t size);
void buffer_free(struct buffer *buffer);

// Reads what a peer sent; `bad` is set when there was less than asked for.
struct reader {
    const uint8_t *bytes;
    size_t size;
    bool bad;
};

uint8_t read_u8(struct reader *reader);
uint32_t read_u32(struct reader *reader);
uint64_t read_u64(struct reader *reader);
// A counted string that holds no NUL, ended with one in memory of its own; "" when it is bad.
char *read_string(struct reader *reader);
const uint8_t *read_bytes(struct reader *reader, size_t *size);

// What a cell's init knows of where it is.
struct place {
    bool confined;    // in namespaces of its own, with a root of its own
    bool overlaid;    // `upper` holds what differs from `lower`; otherwise it is a whole copy
    int root;         // resolves the paths of requests; -1 without a root of its own
    int workspace;    // the merged tree
    int upper;        // the changes, or the copy itself
    int lower;        // the checkout
    int kept;         // where checkpoints are
    int processes;    // a /proc that shows every process of the cell
    int listener;     // the proxy's, or -1
    char home[MAX_PATH_BYTES]; // the real path of what a request calls /, without namespaces
};

// root.c: namespaces are there; makes the root. Returns the step that failed, or NULL; errno says why.
// `take_trees` comes before the mount namespace is entered.
const char *take_trees(struct cell_request *request);
const char *build_root(const struct cell_request *request, struct place *place);
const char *build_copy(const struct cell_request *request, struct place *place);
int open_listener(void);

// confine.c
const char *limit_resources(const struct limits *limits, bool grouped);
const char *drop_capabilities(void);
int landlock_version(void);
const char *apply_landlock(const struct place *place, const struct cell_request *request);
const char *apply_signal_scope(void);
const char *apply_seccomp(bool network, bool unix_sockets);

// init.c
_Noreturn void cell_main(struct cell_request *request);

// spawner.c
int spawner_main(int argc, char **argv);

// cgroup.c: memory and pids caps for one run. `group_find` once; false where there are none to be had.
bool group_find(void);
// Cells with one user differ by `share`.
bool group_create(uid_t uid, unsigned share, const struct limits *limits, pid_t pid);
bool group_remove(uid_t uid, unsigned share);
// How many processes and threads the group was refused because of its cap.
bool group_refused(uid_t uid, unsigned share, uint64_t *count);
const char *group_missing(void);

// ids.c: user ids of runs. A run's own id is locked for as long as the run lasts.
struct id_range {
    uid_t first;
    gid_t first_group;
    unsigned count;
};
enum { MAX_IDS = 256, MAX_SHARES = 16 };
bool ids_setup(const char *directory, uid_t first, unsigned count, bool pretend_none);
bool ids_switch(void);
const char *ids_missing(void);
void ids_lose(const char *reason); // from here on there are none
uid_t ids_uid(unsigned index);
int ids_lock(unsigned index); // a descriptor that holds the lock, or -1
// Gives a new user namespace its one user: the run's, or our own where there is no other.
bool ids_map(pid_t pid, int index);
bool ids_kill_all(unsigned index, bool check);
// Whether the user may read a directory with what is in it, to a depth of three; `unreadable` is what may not be read.
bool ids_read(int directory, int index, char *unreadable, size_t size);
int ids_sweep(void); // how many processes of runs that nobody holds there were
bool ids_give(int directory, unsigned index);
void ids_take_back(int directory, unsigned index);
// Removes what is in a directory of the run's user, as that user: however deep it is, and whatever its modes are.
bool ids_empty(int directory, unsigned index);

// files.c, changes.c and tree.c work for init.c; an answer is put into `out`, an error as a code of wire and a text.
enum answer {
    ANSWER_OK = 0,
    ANSWER_NOT_FOUND = 1,
    ANSWER_NOT_A_FILE = 2,
    ANSWER_NOT_A_DIRECTORY = 3,
    ANSWER_PERMISSION = 4,
    ANSWER_FULL = 5,
    ANSWER_REFUSED = 6,
    ANSWER_MALFORMED = 7,
    ANSWER_FAILED = 8,
};
enum answer answer_of(int error);

enum answer file_read(const struct place *place, const char *path, uint64_t offset, uint32_t limit,
                      struct buffer *out);
enum answer file_write(const struct place *place, const char *path, int executable, const uint8_t *bytes,
                       size_t size);
enum answer file_remove(const struct place *place, const char *path);
enum answer file_list(const struct place *place, const char *path, uint32_t limit, struct buffer *out);
// The path of a directory as the kernel is to be told it; NULL where there is no room.
const char *real_path(const struct place *place, const char *path, char *into, size_t size);
int remove_tree(int directory, const char *name);
int remove_content(int directory);
// Copies what `from` holds into `to`, as it is stored; unchanged files become links to those of `previous`.
int copy_tree(int from, int to, int previous);
// Copies bytes of a file into an empty one.
int copy_content(int from, int to);
// Makes the same symbolic link in another directory, with its times.
int copy_link(int from, int to, const char *name, const struct stat *status);
int open_to_read(int directory, const char *name);
int open_to_list(int directory, const char *name);
bool same_content(int left, int right);

// changes.c: what is other than at the look `since`; everything where that is not the last one. The answer begins with
// the number of this look and whether it is everything.
enum answer tree_changes(const struct place *place, uint32_t since, struct buffer *out);
// With `whole` /tmp, /dev/shm and the home are kept too, and brought back with the workspace.
enum answer tree_checkpoint(const struct place *place, uint32_t number, bool whole);
enum answer tree_restore(const struct place *place, uint32_t number);
enum answer tree_forget(const struct place *place, uint32_t number);

// walls.c
struct wall_report {
    uint32_t held;
    int landlock;
    int errors[16]; // errno by bit number
};
void probe_walls(struct wall_report *report);
void forget_walls(struct wall_report *report, uint32_t missing);

#endif
