// What differs between the workspace and its checkout, and going back to what was kept.
//
// A tree is seen as a view: a directory of changes above one of the checkout, either of which may be absent. The
// changes are stored as overlayfs stores them: a character device 0, 0 stands for "removed", and a directory with the
// attribute `user.overlay.opaque` hides what is below it. Where the workspace is a whole copy, the view of its root has
// nothing below.
#include "cell.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { MAX_DEPTH = 512 };

struct view {
    int upper, lower;
};

struct found {
    int directory; // where the entry is; -1 where there is none
    bool from_upper;
    struct stat status;
};

static void find(const struct view *view, const char *name, struct found *found) {
    found->directory = -1;
    if (view->upper >= 0 && fstatat(view->upper, name, &found->status, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISCHR(found->status.st_mode)) return;
        found->directory = view->upper;
        found->from_upper = true;
        return;
    }
    if (view->lower >= 0 && fstatat(view->lower, name, &found->status, AT_SYMLINK_NOFOLLOW) == 0) {
        found->directory = view->lower;
        found->from_upper = false;
    }
}

static int open_plain(int directory, const char *name) {
    return openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// The view of a directory that `found` has found.
static struct view enter(const struct view *view, const char *name, const struct found *found) {
    struct view inner = {-1, -1};
    bool hidden = false;
    if (found->from_upper) {
        inner.upper = open_to_list(view->upper, name);
        char opaque;
        // "y" hides all; "x" says that there may be removals of another form, which only nesting makes.
        hidden = inner.upper >= 0 && fgetxattr(inner.upper, "user.overlay.opaque", &opaque, 1) == 1 && opaque == 'y';
    }
    if (!hidden && view->lower >= 0) inner.lower = open_plain(view->lower, name);
    return inner;
}

static void leave(struct view *view) {
    if (view->upper >= 0) close(view->upper);
    if (view->lower >= 0) close(view->lower);
}

struct names {
    char **names;
    size_t count, capacity;
    bool failed;
};

static int by_name(const void *left, const void *right) { return strcmp(*(char *const *)left, *(char *const *)right); }

static void add_names(struct names *names, int directory) {
    if (directory < 0) return;
    int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);
    if (!entries) {
        if (again >= 0) close(again);
        names->failed = true;
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(entries))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (names->count == names->capacity) {
            size_t capacity = names->capacity ? names->capacity * 2 : 32;
            char **larger = realloc(names->names, capacity * sizeof *larger);
            if (!larger) {
                names->failed = true;
                break;
            }
            names->names = larger;
            names->capacity = capacity;
        }
        char *copy = strdup(entry->d_name);
        if (!copy) {
            names->failed = true;
            break;
        }
        names->names[names->count++] = copy;
    }
    closedir(entries);
}

static void sort_names(struct names *names) {
    if (names->count == 0) return;
    qsort(names->names, names->count, sizeof *names->names, by_name);
    size_t kept = 1;
    for (size_t i = 1; i < names->count; i++) {
        if (strcmp(names->names[i], names->names[kept - 1]) == 0) free(names->names[i]);
        else names->names[kept++] = names->names[i];
    }
    names->count = kept;
}

static void free_names(struct names *names) {
    for (size_t i = 0; i < names->count; i++) free(names->names[i]);
    free(names->names);
    *names = (struct names){0};
}

// Changes.

struct walk {
    struct buffer *out;
    char path[MAX_PATH_BYTES];
    size_t length;
    unsigned depth;
    enum answer answer;
};

static bool push(struct walk *walk, const char *name) {
    size_t size = strlen(name);
    if (walk->length + size + 2 > sizeof walk->path || walk->depth >= MAX_DEPTH) {
        walk->answer = ANSWER_REFUSED;
        return false;
    }
    if (walk->length > 0) walk->path[walk->length++] = '/';
    memcpy(walk->path + walk->length, name, size);
    walk->length += size;
    walk->depth++;
    return true;
}

static void pop(struct walk *walk, size_t length) {
    walk->length = length;
    walk->depth--;
}

static void emit(struct walk *walk, uint8_t kind) {
    buffer_u8(walk->out, kind);
    buffer_string(walk->out, walk->path, walk->length);
    if (walk->out->failed || walk->out->size > (48u << 20)) walk->answer = ANSWER_FULL;
}

static uint64_t stamp(const struct stat *status) {
    uint64_t parts[] = {(uint64_t)status->st_mtim.tv_sec, (uint64_t)status->st_mtim.tv_nsec,
                        (uint64_t)status->st_ctim.tv_sec, (uint64_t)status->st_ctim.tv_nsec,
                        (uint64_t)status->st_ino,         (uint64_t)status->st_size};
    uint64_t hash = 14695981039346656037u; // FNV-1a
    const uint8_t *bytes = (const uint8_t *)parts;
    for (size_t i = 0; i < sizeof parts; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

// Git looks at the owner's bit alone.
static bool executable(const struct stat *status) { return status->st_mode & 0100; }

static bool same_entry(const struct found *entry, const char *name, int directory, const struct stat *other) {
    if ((entry->status.st_mode & S_IFMT) != (other->st_mode & S_IFMT)) return false;
    if (entry->status.st_size != other->st_size) return false;
    if (S_ISLNK(other->st_mode)) {
        char one[MAX_PATH_BYTES], two[MAX_PATH_BYTES];
        ssize_t size = readlinkat(entry->directory, name, one, sizeof one);
        return size >= 0 && size == readlinkat(directory, name, two, sizeof two) &&
               memcmp(one, two, (size_t)size) == 0;
    }
    if (!S_ISREG(other->st_mode) || executable(&entry->status) != executable(other)) return false;
    int left = open_to_read(entry->directory, name);
    int right = left < 0 ? -1 : openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool same = right >= 0 && same_content(left, right);
    if (left >= 0) close(left);
    if (right >= 0) close(right);
    return same;
}

// Everything of the checkout below here is gone.
static void removed(struct walk *walk, int lower, const char *name, const struct stat *status) {
    size_t length = walk->length;
    if (walk->answer != ANSWER_OK || strcasecmp(name, ".git") == 0 || !push(walk, name)) return;
    if (!S_ISDIR(status->st_mode)) {
        if (S_ISREG(status->st_mode) || S_ISLNK(status->st_mode)) emit(walk, 2);
    } else {
        struct names names = {0};
        int inner = open_plain(lower, name);
        add_names(&names, inner);
        if (names.failed || inner < 0) walk->answer = ANSWER_FULL;
        sort_names(&names);
        for (size_t i = 0; i < names.count && walk->answer == ANSWER_OK; i++) {
            struct stat within;
            if (fstatat(inner, names.names[i], &within, AT_SYMLINK_NOFOLLOW) == 0) {
                removed(walk, inner, names.names[i], &within);
            }
        }
        free_names(&names);
        if (inner >= 0) close(inner);
    }
    pop(walk, length);
}

static void changed(struct walk *walk, const struct view *view, int checkout);

static void change(struct walk *walk, const struct view *view, int checkout, const char *name) {
    struct found now;
    struct stat before;
    find(view, name, &now);
    bool was = checkout >= 0 && fstatat(checkout, name, &before, AT_SYMLINK_NOFOLLOW) == 0;
    // What the view takes from the checkout has not changed.
    if (now.directory >= 0 && !now.from_upper) return;
    mode_t mode = now.directory < 0 ? 0 : now.status.st_mode;
    bool whole = S_ISDIR(mode) || S_ISREG(mode) || S_ISLNK(mode);
    if (was && (!whole || S_ISDIR(before.st_mode) != S_ISDIR(mode))) removed(walk, checkout, name, &before);
    if (!whole || strcasecmp(name, ".git") == 0) return;
    size_t length = walk->length;
    if (walk->answer != ANSWER_OK || !push(walk, name)) return;
    if (S_ISDIR(mode)) {
        struct view inner = enter(view, name, &now);
        int old = was && S_ISDIR(before.st_mode) ? open_plain(checkout, name) : -1;
        if (inner.upper < 0) walk->answer = ANSWER_PERMISSION;
        else changed(walk, &inner, old);
        if (old >= 0) close(old);
        leave(&inner);
    } else if (!was || !same_entry(&now, name, checkout, &before)) {
        if (S_ISREG(mode)) {
            emit(walk, 0);
            buffer_u64(walk->out, (uint64_t)now.status.st_size);
            buffer_u8(walk->out, executable(&now.status));
            buffer_u64(walk->out, stamp(&now.status));
        } else {
            char target[MAX_PATH_BYTES];
            ssize_t size = readlinkat(now.directory, name, target, sizeof target);
            emit(walk, 1);
            buffer_string(walk->out, target, size < 0 ? 0 : (size_t)size);
        }
    }
    pop(walk, length);
}

// `checkout` is the same directory of the checkout, hidden or not; -1 where it has none.
static void changed(struct walk *walk, const struct view *view, int checkout) {
    struct names names = {0};
    add_names(&names, view->upper);
    // Where nothing shines through, what is in the checkout alone is gone.
    if (view->lower < 0) add_names(&names, checkout);
    if (names.failed) walk->answer = ANSWER_FULL;
    sort_names(&names);
    for (size_t i = 0; i < names.count && walk->answer == ANSWER_OK; i++) {
        change(walk, view, checkout, names.names[i]);
    }
    free_names(&names);
}

enum answer tree_changes(const struct place *place, struct buffer *out) {
    static struct walk walk;
    walk = (struct walk){.out = out, .answer = ANSWER_OK};
    struct view view = {place->upper, place->overlaid ? place->lower : -1};
    changed(&walk, &view, place->lower);
    return out->failed ? ANSWER_FULL : walk.answer;
}

// Checkpoints: copies of the changes as they are stored.

enum answer tree_checkpoint(const struct place *place, uint32_t number) {
    char name[16], previous_name[16];
    snprintf(name, sizeof name, "%u", number);
    snprintf(previous_name, sizeof previous_name, "%u", number - 1);
    if (mkdirat(place->kept, name, 0700) != 0) return answer_of(errno);
    int copy = open_plain(place->kept, name);
    int previous = number == 0 ? -1 : open_plain(place->kept, previous_name);
    int error = 0;
    if (copy < 0 || copy_tree(place->upper, copy, previous) != 0) error = errno ? errno : EIO;
    if (copy >= 0) close(copy);
    if (previous >= 0) close(previous);
    if (error) remove_tree(place->kept, name);
    errno = error; // It is what the answer tells.
    return answer_of(error);
}

enum answer tree_forget(const struct place *place, uint32_t number) {
    char name[16];
    snprintf(name, sizeof name, "%u", number);
    return remove_tree(place->kept, name) == 0 ? ANSWER_OK : answer_of(errno);
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
        uint8_t *piece = malloc(128 << 10);
        ssize_t count = piece ? 0 : -1;
        while (piece && (count = read(source, piece, 128 << 10)) > 0) {
            ssize_t done = 0;
            while (done < count) {
                ssize_t part = write(file, piece + done, (size_t)(count - done));
                if (part < 0 && errno == EINTR) continue;
                if (part < 0) break;
                done += part;
            }
            if (done < count) {
                count = -1;
                break;
            }
        }
        int error = errno;
        free(piece);
        errno = error;
        struct timespec times[2] = {status->st_atim, status->st_mtim};
        if (count == 0 && fchmod(file, status->st_mode & 0777) == 0 && futimens(file, times) == 0 &&
            renameat(to, temporary, to, name) == 0) {
            result = 0;
        }
        error = errno;
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

static int put_link(int from, int to, const char *name, const struct stat *status) {
    char target[MAX_PATH_BYTES];
    ssize_t size = readlinkat(from, name, target, sizeof target - 1);
    if (size < 0) return -1;
    target[size] = 0;
    struct timespec times[2] = {status->st_atim, status->st_mtim};
    return symlinkat(target, to, name) != 0 ? -1 : utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
}

static int bring_back(const struct view *now, const struct view *then, int merged, unsigned depth);

static int bring_back_directory(const struct view *now, const struct view *then, int merged, const char *name,
                                const struct found *have, const struct found *want, unsigned depth) {
    bool stays = have->directory >= 0 && S_ISDIR(have->status.st_mode);
    struct view inner_now = {-1, -1};
    if (stays) inner_now = enter(now, name, have);
    else if (mkdirat(merged, name, 0700) != 0) return -1;
    struct view inner_then = enter(then, name, want);
    int inner = open_to_list(merged, name);
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
    if (S_ISLNK(mode)) return put_link(want.directory, merged, name, &want.status);
    if (S_ISFIFO(mode)) return mknodat(merged, name, S_IFIFO | 0600, 0);
    return 0;
}

static int bring_back(const struct view *now, const struct view *then, int merged, unsigned depth) {
    if (depth > MAX_DEPTH) {
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
        if (bring_back_entry(now, then, merged, names.names[i], depth) != 0) {
            if (!error) error = errno ? errno : EIO;
            result = -1;
        }
    }
    free_names(&names);
    if (error) errno = error;
    return result;
}

enum answer tree_restore(const struct place *place, uint32_t number) {
    char name[16];
    snprintf(name, sizeof name, "%u", number);
    int kept = open_plain(place->kept, name);
    if (kept < 0) return answer_of(errno);
    int lower = place->overlaid ? place->lower : -1;
    struct view now = {place->upper, lower}, then = {kept, lower};
    errno = 0;
    int error = bring_back(&now, &then, place->workspace, 0) == 0 ? 0 : errno ? errno : EIO;
    close(kept);
    return answer_of(error);
}
