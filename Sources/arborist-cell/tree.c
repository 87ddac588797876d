// Going back to what was kept of the workspace.
#include "view.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Checkpoints: copies of the changes as they are stored.

// What can be written to beside the workspace, below the root.
static const char *const stores[] = {"tmp", "home/run", "dev/shm"};
enum { STORES = sizeof stores / sizeof *stores };

static int open_store(const struct place *place, unsigned store) { return open_plain(place->root, stores[store]); }

// The name under which a part is kept: that of the workspace is the number, a store has its own number behind it.
static void name_kept(char *name, size_t size, uint32_t number, int store) {
    if (store < 0) snprintf(name, size, "%u", number);
    else snprintf(name, size, "%u.%d", number, store);
}

static int keep(const struct place *place, int from, uint32_t number, int store) {
    char name[32], previous_name[32];
    name_kept(name, sizeof name, number, store);
    name_kept(previous_name, sizeof previous_name, number - 1, store);
    if (mkdirat(place->kept, name, 0700) != 0) return errno;
    int copy = open_plain(place->kept, name);
    int previous = number == 0 ? -1 : open_plain(place->kept, previous_name);
    int error = 0;
    errno = 0;
    if (copy < 0 || copy_tree(from, copy, previous) != 0) error = errno ? errno : EIO;
    if (copy >= 0) close(copy);
    if (previous >= 0) close(previous);
    return error;
}

enum answer tree_checkpoint(const struct place *place, uint32_t number, bool whole) {
    int error = keep(place, place->upper, number, -1);
    for (unsigned store = 0; whole && !error && store < STORES; store++) {
        int from = open_store(place, store);
        // Without a root of its own there is no /dev/shm of its own.
        if (from < 0) continue;
        error = keep(place, from, number, (int)store);
        close(from);
    }
    if (error) tree_forget(place, number);
    errno = error; // It is what the answer tells.
    return answer_of(error);
}

enum answer tree_forget(const struct place *place, uint32_t number) {
    char name[32];
    int error = 0;
    for (int store = -1; store < STORES; store++) {
        name_kept(name, sizeof name, number, store);
        if (remove_tree(place->kept, name) != 0) error = errno;
    }
    errno = error;
    return answer_of(error);
}

static int put_file(int from, int to, const char *name, const struct stat *status) {
    static unsigned serial;
    char temporary[64];
    snprintf(temporary, sizeof temporary, ".arborist-back-%u", serial++);
    int source = open_to_read(from, name);
    if (source < 0) return -1;
    int file = openat(to, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int result = -1;
    if (file >= 0) {
        struct timespec times[2] = {status->st_atim, status->st_mtim};
        if (copy_content(source, file) == 0 && fchmod(file, status->st_mode & 0777) == 0 && futimens(file, times) == 0 &&
            renameat(to, temporary, to, name) == 0) {
            result = 0;
        }
        int error = errno;
        if (result != 0) unlinkat(to, temporary, 0);
        close(file);
        errno = error;
    }
    int error = errno;
    close(source);
    errno = error;
    return result;
}

static bool same_time(const struct timespec *one, const struct timespec *other) {
    return one->tv_sec == other->tv_sec && one->tv_nsec == other->tv_nsec;
}

// What is the same but for its time gets that back too: build tools compare times.
static int put_times(int directory, const char *name, const struct stat *have, const struct stat *want) {
    if (same_time(&have->st_mtim, &want->st_mtim)) return 0;
    struct timespec times[2] = {want->st_atim, want->st_mtim};
    return utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW);
}

static int bring_back(const struct view *now, const struct view *then, int merged, unsigned depth);

static int bring_back_directory(const struct view *now, const struct view *then, int merged, const char *name,
                                const struct found *have, const struct found *want, unsigned depth) {
    bool stays = have->directory >= 0 && S_ISDIR(have->status.st_mode);
    struct view inner_now = {-1, -1, false};
    if (stays) inner_now = enter(now, name, have);
    else if (mkdirat(merged, name, 0700) != 0) return -1;
    struct view inner_then = enter(then, name, want);
    // What could not be opened is not empty.
    bool failed = inner_now.failed || inner_then.failed;
    int inner = failed ? -1 : open_to_list(merged, name);
    int result = inner < 0 ? -1 : bring_back(&inner_now, &inner_then, inner, depth + 1);
    struct timespec times[2] = {want->status.st_atim, want->status.st_mtim};
    if (result == 0 && (fchmod(inner, want->status.st_mode & 0777) != 0 || futimens(inner, times) != 0)) result = -1;
    int error = errno;
    if (inner >= 0) close(inner);
    leave(&inner_now);
    leave(&inner_then);
    errno = error;
    return result;
}

static int bring_back_entry(const struct view *now, const struct view *then, int merged, const char *name,
                            unsigned depth) {
    struct found have, want;
    find(now, name, &have);
    find(then, name, &want);
    // Both from the checkout: nothing was done to it before or since.
    if (have.directory >= 0 && want.directory >= 0 && !have.from_upper && !want.from_upper) return 0;
    mode_t mode = want.directory < 0 ? 0 : want.status.st_mode;
    bool directory = S_ISDIR(mode), whole = directory || S_ISREG(mode) || S_ISLNK(mode);
    if (have.directory >= 0) {
        if (whole && !directory && want.status.st_mode == have.status.st_mode &&
            same_entry(&have, name, want.directory, &want.status)) {
            return put_times(merged, name, &have.status, &want.status);
        }
        bool replaced = S_ISREG(mode) && S_ISREG(have.status.st_mode);
        bool entered = directory && S_ISDIR(have.status.st_mode);
        if (!replaced && !entered && remove_tree(merged, name) != 0) return -1;
    }
    if (directory) return bring_back_directory(now, then, merged, name, &have, &want, depth);
    if (S_ISREG(mode)) return put_file(want.directory, merged, name, &want.status);
    if (S_ISLNK(mode)) return copy_link(want.directory, merged, name, &want.status);
    if (S_ISFIFO(mode)) return mknodat(merged, name, S_IFIFO | 0600, 0);
    return 0;
}

static int bring_back(const struct view *now, const struct view *then, int merged, unsigned depth) {
    if (depth >= MAX_DEPTH) {
        errno = ELOOP;
        return -1;
    }
    struct names names = {0};
    add_names(&names, now->upper);
    add_names(&names, then->upper);
    if (now->lower < 0 || then->lower < 0) {
        add_names(&names, now->lower);
        add_names(&names, then->lower);
    }
    int result = names.failed ? -1 : 0;
    sort_names(&names);
    int error = 0;
    // What can be brought back is, even where something else cannot.
    for (size_t i = 0; i < names.count; i++) {
        if (bring_back_entry(now, then, merged, names.list[i], depth) != 0) {
            if (!error) error = errno ? errno : EIO;
            result = -1;
        }
    }
    free_names(&names);
    if (error) errno = error;
    return result;
}

static int bring_back_store(const struct place *place, uint32_t number, unsigned store) {
    char name[32];
    name_kept(name, sizeof name, number, (int)store);
    int kept = open_plain(place->kept, name);
    // It was not kept.
    if (kept < 0) return 0;
    int merged = open_store(place, store), error = 0;
    struct view now = {merged, -1, false}, then = {kept, -1, false};
    errno = 0;
    if (merged < 0 || bring_back(&now, &then, merged, 0) != 0) error = errno ? errno : EIO;
    if (merged >= 0) close(merged);
    close(kept);
    return error;
}

enum answer tree_restore(const struct place *place, uint32_t number) {
    char name[32];
    name_kept(name, sizeof name, number, -1);
    int kept = open_plain(place->kept, name);
    if (kept < 0) return answer_of(errno);
    int lower = place->overlaid ? place->lower : -1;
    struct view now = {place->upper, lower, false}, then = {kept, lower, false};
    errno = 0;
    int error = bring_back(&now, &then, place->workspace, 0) == 0 ? 0 : errno ? errno : EIO;
    close(kept);
    for (unsigned store = 0; store < STORES; store++) {
        int failed = bring_back_store(place, number, store);
        if (!error) error = failed;
    }
    errno = error;
    return answer_of(error);
}
