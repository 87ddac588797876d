// A tree is seen as a view: a directory of changes above one of the checkout, either of which may be absent.
//
// The changes are stored as overlayfs stores them: a character device 0, 0 stands for "removed", and a directory with the
// attribute `user.overlay.opaque` hides what is below it. Where the workspace is a whole copy, the view of its root has
// nothing below.
#include "view.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

void find(const struct view *view, const char *name, struct found *found) {
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

int open_plain(int directory, const char *name) {
    return openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// Whether a directory is there all the same; something in the background may have put another thing in its place.
static bool is_trouble(int error) { return error != ENOENT && error != ENOTDIR && error != ELOOP; }

struct view enter(const struct view *view, const char *name, const struct found *found) {
    struct view inner = {-1, -1, false};
    bool hidden = false;
    if (found->from_upper) {
        inner.upper = open_to_list(view->upper, name);
        if (inner.upper < 0 && is_trouble(errno)) inner.failed = true;
        char opaque;
        // "y" hides all; "x" says that there may be removals of another form, which only nesting makes.
        hidden = inner.upper >= 0 && fgetxattr(inner.upper, "user.overlay.opaque", &opaque, 1) == 1 && opaque == 'y';
    }
    if (!hidden && !inner.failed && view->lower >= 0) {
        inner.lower = open_plain(view->lower, name);
        if (inner.lower < 0 && is_trouble(errno)) inner.failed = true;
    }
    return inner;
}

void leave(struct view *view) {
    if (view->upper >= 0) close(view->upper);
    if (view->lower >= 0) close(view->lower);
}

void add_names(struct names *names, int directory) {
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
        size_t size = strlen(entry->d_name) + 1;
        if (names->capacity - names->size < size) {
            size_t capacity = names->capacity ? names->capacity * 2 : 4096;
            char *larger = realloc(names->bytes, capacity);
            if (!larger) {
                names->failed = true;
                break;
            }
            names->bytes = larger;
            names->capacity = capacity;
        }
        memcpy(names->bytes + names->size, entry->d_name, size);
        names->size += size;
        names->count++;
    }
    closedir(entries);
}

static int by_name(const void *left, const void *right) { return strcmp(*(char *const *)left, *(char *const *)right); }

void sort_names(struct names *names) {
    size_t all = names->count;
    names->count = 0;
    if (all == 0) return;
    names->list = malloc(all * sizeof *names->list);
    if (!names->list) {
        names->failed = true;
        return;
    }
    const char *next = names->bytes;
    for (size_t i = 0; i < all; i++, next += strlen(next) + 1) names->list[i] = next;
    qsort(names->list, all, sizeof *names->list, by_name);
    for (size_t i = 0; i < all; i++) {
        if (i > 0 && strcmp(names->list[i], names->list[names->count - 1]) == 0) continue;
        names->list[names->count++] = names->list[i];
    }
}

void free_names(struct names *names) {
    free(names->bytes);
    free(names->list);
    *names = (struct names){0};
}

// Git looks at the owner's bit alone.
bool executable(const struct stat *status) { return status->st_mode & 0100; }

bool same_entry(const struct found *entry, const char *name, int directory, const struct stat *other) {
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
