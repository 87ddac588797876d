// The user ids of runs: a range that root may switch to, or the subordinate ids of an ordinary user.
#include "cell.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct id_range range;
static bool as_root;
static int locks = -1;
static const char *missing = "";

// The first range of this user in /etc/subuid or /etc/subgid.
static bool subordinate(const char *path, unsigned *first, unsigned *count) {
    FILE *file = fopen(path, "re");
    if (!file) return false;
    const struct passwd *user = getpwuid(getuid());
    char number[16], line[512], name[256];
    snprintf(number, sizeof number, "%u", getuid());
    bool found = false;
    while (!found && fgets(line, sizeof line, file)) {
        if (sscanf(line, "%255[^:]:%u:%u", name, first, count) != 3 || *count == 0) continue;
        found = strcmp(name, number) == 0 || (user && strcmp(name, user->pw_name) == 0);
    }
    fclose(file);
    return found;
}

static bool in_path(const char *program) {
    static const char *const places[] = {"/usr/bin/", "/bin/", "/usr/local/bin/"};
    char path[64];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", places[i], program);
        if (access(path, X_OK) == 0) return true;
    }
    return false;
}

bool ids_setup(const char *directory, uid_t first, unsigned count, bool pretend_none) {
    as_root = geteuid() == 0;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) return false;
    locks = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    // Who may write there could take every lock, or name checkouts that are none.
    if (locks < 0 || fstat(locks, &status) != 0 || status.st_uid != geteuid() || (status.st_mode & 0022)) {
        errno = locks < 0 ? errno : EPERM;
        return false;
    }
    // Copies of checkouts are below it where there are no namespaces, and their users must get there.
    if (as_root && (status.st_mode & 0777) != 0711 && fchmod(locks, 0711) != 0) return false;
    range = (struct id_range){first, first, count < MAX_IDS ? count : MAX_IDS};
    if (!as_root) {
        unsigned groups = 0;
        range.count = 0;
        if (!in_path("newuidmap") || !in_path("newgidmap")) {
            missing = "install newuidmap and newgidmap (package uidmap), or start as root";
        } else if (!subordinate("/etc/subuid", &range.first, &range.count) ||
                   !subordinate("/etc/subgid", &range.first_group, &groups)) {
            range.count = 0;
            missing = "give this user subordinate ids (usermod --add-subuids, --add-subgids), or start as root";
        }
        if (groups < range.count) range.count = groups;
        if (range.count > MAX_IDS) range.count = MAX_IDS;
    }
    if (pretend_none) {
        range.count = 0;
        missing = "pretended to be missing";
    }
    return true;
}

bool ids_switch(void) { return range.count > 0; }
const char *ids_missing(void) { return missing; }

void ids_lose(const char *reason) {
    range.count = 0;
    missing = reason;
}

uid_t ids_uid(unsigned index) { return range.first + index; }

int ids_lock(unsigned index) {
    if (index >= range.count) return -1;
    char name[32];
    snprintf(name, sizeof name, "%u.lock", ids_uid(index));
    int file = openat(locks, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0) {
        close(file);
        file = -1;
    }
    return file;
}

static bool put(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return false;
    bool done = write(file, text, strlen(text)) == (ssize_t)strlen(text);
    int error = errno;
    close(file);
    errno = error;
    return done;
}

static bool run(char *const words[]) {
    pid_t pid = vfork();
    if (pid == 0) {
        execve(words[0], words, (char *const[]){NULL});
        _exit(127);
    }
    int status;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool map_with(const char *program, pid_t pid, unsigned inside, unsigned outside, bool own) {
    char path[64], numbers[3][16], self[16];
    snprintf(path, sizeof path, "/usr/bin/%s", program);
    snprintf(numbers[0], sizeof numbers[0], "%d", pid);
    snprintf(numbers[1], sizeof numbers[1], "%u", inside);
    snprintf(numbers[2], sizeof numbers[2], "%u", outside);
    snprintf(self, sizeof self, "%u", strcmp(program, "newuidmap") == 0 ? getuid() : getgid());
    char *words[] = {path, numbers[0], numbers[1], numbers[2], "1", own ? "0" : NULL, self, "1", NULL};
    return run(words);
}

bool ids_map(pid_t pid, int index) {
    if (index >= 0 && !as_root) {
        return map_with("newuidmap", pid, CELL_UID, ids_uid((unsigned)index), false) &&
               map_with("newgidmap", pid, CELL_UID, range.first_group + (unsigned)index, false);
    }
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
    if (!put(path, "deny")) return false;
    snprintf(path, sizeof path, "/proc/%d/uid_map", pid);
    snprintf(text, sizeof text, "%d %u 1", CELL_UID, index < 0 ? geteuid() : ids_uid((unsigned)index));
    if (!put(path, text)) return false;
    snprintf(path, sizeof path, "/proc/%d/gid_map", pid);
    snprintf(text, sizeof text, "%d %u 1", CELL_UID, index < 0 ? getegid() : range.first_group + (unsigned)index);
    return put(path, text);
}

// Runs a function in a process of its own, as root over our files and the run's, or as the run's user.
static bool as_other(unsigned index, bool owner, int (*body)(int), int argument) {
    int ready[2], go[2];
    if (pipe2(ready, O_CLOEXEC) != 0) return false;
    if (pipe2(go, O_CLOEXEC) != 0) {
        close(ready[0]);
        close(ready[1]);
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        char byte = 0;
        close(go[1]);
        uid_t uid = ids_uid(index);
        gid_t gid = range.first_group + index;
        if (!as_root) {
            if (unshare(CLONE_NEWUSER) != 0 || write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1) _exit(1);
            uid = gid = owner ? 0 : CELL_UID;
        }
        if ((!owner || !as_root) &&
            ((as_root && syscall(SYS_setgroups, 0, NULL) != 0) || syscall(SYS_setresgid, gid, gid, gid) != 0 ||
             syscall(SYS_setresuid, uid, uid, uid) != 0)) {
            _exit(1);
        }
        _exit(body(argument) == 0 ? 0 : 1);
    }
    char byte = 0;
    close(ready[1]);
    close(go[0]);
    if (pid > 0 && !as_root && read(ready[0], &byte, 1) == 1) {
        unsigned inside = owner ? 1 : CELL_UID;
        if (map_with("newuidmap", pid, inside, ids_uid(index), owner) &&
            map_with("newgidmap", pid, inside, range.first_group + index, owner)) {
            if (write(go[1], &byte, 1) != 1) byte = 1;
        }
    }
    close(ready[0]);
    close(go[1]);
    int status;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int kill_others(int unused) {
    (void)unused;
    // Whether there was anybody does not show in what this returns.
    kill(-1, SIGKILL);
    return 0;
}

// How many processes each of the range's users has. The dead do not count: where the machine's first process reaps
// nobody, as in many containers, they stay for ever, and nothing can be done about them.
static void count_processes(unsigned *counts) {
    DIR *entries = opendir("/proc");
    struct dirent *entry;
    while (entries && (entry = readdir(entries))) {
        char path[64], text[2048];
        if (*entry->d_name < '0' || *entry->d_name > '9') continue;
        snprintf(path, sizeof path, "/proc/%.20s/status", entry->d_name);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t size = file < 0 ? -1 : read(file, text, sizeof text - 1);
        if (file >= 0) close(file);
        if (size <= 0) continue;
        text[size] = 0;
        const char *state = strstr(text, "\nState:\t");
        if (state && (state[8] == 'Z' || state[8] == 'X')) continue;
        const char *line = strstr(text, "\nUid:");
        unsigned uid;
        if (line && sscanf(line + 5, "%u", &uid) == 1 && uid >= range.first && uid - range.first < range.count) {
            counts[uid - range.first]++;
        }
    }
    if (entries) closedir(entries);
}

// Ends what the run's user has left; with `check` until there is nothing, two seconds at most.
bool ids_kill_all(unsigned index, bool check) {
    static unsigned counts[MAX_IDS];
    for (int round = 0; round < 200; round++) {
        if (!as_other(index, false, kill_others, 0)) return false;
        if (!check) return true;
        memset(counts, 0, sizeof counts);
        count_processes(counts);
        if (counts[index] == 0) return true;
        usleep(10000);
    }
    return false;
}

int ids_sweep(void) {
    static unsigned counts[MAX_IDS];
    memset(counts, 0, sizeof counts);
    count_processes(counts);
    int swept = 0;
    for (unsigned index = 0; index < range.count; index++) {
        char name[32], path[MAX_PATH_BYTES];
        snprintf(name, sizeof name, "%u.lock", ids_uid(index));
        if (counts[index] == 0 && faccessat(locks, name, F_OK, 0) != 0) continue;
        int lock = ids_lock(index);
        if (lock < 0) continue;
        if (counts[index] > 0 && ids_kill_all(index, true)) swept += (int)counts[index];
        for (unsigned share = 0; share < MAX_SHARES; share++) group_remove(ids_uid(index), share);
        // The checkout that a run was in the middle of, where its files are not ours.
        ssize_t size = as_root ? 0 : pread(lock, path, sizeof path - 1, 0);
        if (size > 0) {
            path[size] = 0;
            int directory = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (directory >= 0) {
                ids_take_back(directory, index);
                close(directory);
            }
        }
        if (ftruncate(lock, 0) != 0) errno = 0;
        close(lock);
    }
    return swept;
}

// Reading.

enum { READ_DEPTH = 3, READ_NAMES = 1000 };
static char *unread; // where the one who tries says what it could not read
static size_t unread_size;

static int note_unread(const char *path) {
    snprintf(unread, unread_size, "%s", path);
    return -1;
}

// What git only looks for, and what it left half written: a partial clone's marks are open to their owner alone.
static bool is_never_read(const char *name) {
    static const char *const endings[] = {".promisor", ".keep"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(name), end = strlen(endings[i]);
        if (length > end && strcmp(name + length - end, endings[i]) == 0) return true;
    }
    return strncmp(name, "tmp_", 4) == 0 || strncmp(name, ".tmp-", 5) == 0;
}

// Objects lie in directories of one depth, so a thousand names of each tell enough.
static int read_all(int directory, const char *path, unsigned depth) {
    int inner = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = inner < 0 ? NULL : fdopendir(inner);
    if (!entries) {
        if (inner >= 0) close(inner);
        return note_unread(path);
    }
    int result = 0;
    struct dirent *entry;
    for (unsigned count = 0; result == 0 && count < READ_NAMES && (entry = readdir(entries)); count++) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        char full[MAX_PATH_BYTES];
        if ((size_t)snprintf(full, sizeof full, "%s/%s", path, name) >= sizeof full) continue;
        if (is_never_read(name)) continue;
        struct stat status;
        if (fstatat(inner, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno != ENOENT) result = note_unread(full);
        } else if (S_ISREG(status.st_mode)) {
            if (faccessat(inner, name, R_OK, 0) != 0 && errno != ENOENT) result = note_unread(full);
        } else if (S_ISDIR(status.st_mode) && depth < READ_DEPTH) {
            int below = openat(inner, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (below < 0) continue;
            result = read_all(below, full, depth + 1);
            close(below);
        }
    }
    closedir(entries);
    return result;
}

static int read_from_top(int directory) { return read_all(directory, "", 1); }

bool ids_read(int directory, int index, char *unreadable, size_t size) {
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *unreadable = 0;
    if (shared == MAP_FAILED) return false;
    unread = shared;
    unread_size = size;
    bool done =
        index < 0 ? read_from_top(directory) == 0 : as_other((unsigned)index, false, read_from_top, directory);
    snprintf(unreadable, size, "%s", unread);
    munmap(shared, size);
    return done;
}

// Ownership.

struct owners {
    uid_t root, to;
    gid_t group;
};
static struct owners owners;

static int own(int directory, const char *name, unsigned depth) {
    struct stat status;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0) return -1;
    if (depth > 512) {
        errno = ELOOP;
        return -1;
    }
    const int flags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
    bool done = status.st_uid == owners.to && status.st_gid == owners.group;
    if (!S_ISDIR(status.st_mode)) {
        // A file with a second name somewhere else is not ours alone to give.
        if (done || (S_ISREG(status.st_mode) && status.st_nlink > 1)) return 0;
        return fchownat(directory, name, owners.to, owners.group, flags);
    }
    // Read as its owner, because nothing else gives the right to.
    if (status.st_uid != owners.root && fchownat(directory, name, owners.root, owners.group, flags) != 0) return -1;
    int inner = openat(directory, *name ? name : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = inner < 0 ? NULL : fdopendir(inner);
    if (!entries) return -1;
    int result = 0;
    struct dirent *entry;
    while (result == 0 && (entry = readdir(entries))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        result = own(inner, entry->d_name, depth + 1);
    }
    if (result == 0 && fchown(inner, owners.to, owners.group) != 0) result = -1;
    closedir(entries);
    return result;
}

static int own_all(int directory) { return own(directory, "", 0); }

bool ids_give(int directory, unsigned index) {
    owners = as_root ? (struct owners){0, ids_uid(index), range.first_group + index} : (struct owners){0, 1, 1};
    return as_other(index, true, own_all, directory);
}

static int empty(int directory) {
    int inner = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (inner < 0) return -1;
    int result = remove_content(inner);
    close(inner);
    return result;
}

bool ids_empty(int directory, unsigned index) { return as_other(index, false, empty, directory); }

void ids_take_back(int directory, unsigned index) {
    owners = (struct owners){0, 0, 0};
    as_other(index, true, own_all, directory);
}
