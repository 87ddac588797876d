// Files of the cell, for whoever asks over the socket. Paths are resolved by the kernel within the cell's root, links
// included; nothing of /proc or of a device is opened this way, because init would lend its own view of them.
#include "cell.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

enum answer answer_of(int error) {
    switch (error) {
    case 0: return ANSWER_OK;
    case ENOENT: return ANSWER_NOT_FOUND;
    case EISDIR: return ANSWER_NOT_A_FILE;
    case ENOTDIR: return ANSWER_NOT_A_DIRECTORY;
    case EACCES: case EPERM: case EROFS: return ANSWER_PERMISSION;
    case ENOSPC: case EDQUOT: case ENOMEM: case EFBIG: case EMFILE: case ENFILE: return ANSWER_FULL;
    case ELOOP: case EXDEV: case ENAMETOOLONG: return ANSWER_REFUSED;
    default: return ANSWER_FAILED;
    }
}

static int open_inside(const struct place *place, const char *path, uint64_t flags) {
    while (*path == '/') path++;
    struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int file = (int)syscall(SYS_openat2, place->root, *path ? path : ".", &how, sizeof how);
    if (file < 0) return -1;
    struct statfs system;
    if (fstatfs(file, &system) == 0 &&
        (system.f_type == PROC_SUPER_MAGIC || system.f_type == SYSFS_MAGIC || system.f_type == DEVPTS_SUPER_MAGIC)) {
        close(file);
        errno = EPERM;
        return -1;
    }
    return file;
}

// The path of what is open, within the cell's root.
static bool path_of(const struct place *place, int file, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "self/fd/%d", file);
    ssize_t length = readlinkat(place->processes, link, path, size - 1);
    if (length < 0) return false;
    path[length] = 0;
    size_t home = strlen(place->home);
    if (home > 0) {
        if (strncmp(path, place->home, home) != 0 || (path[home] != '/' && path[home] != 0)) {
            errno = EPERM;
            return false;
        }
        memmove(path, path + home, (size_t)length - home + 1);
        if (!*path) strcpy(path, "/");
    }
    return true;
}

const char *real_path(const struct place *place, const char *path, char *into, size_t size) {
    if ((size_t)snprintf(into, size, "%s%s", place->home, path) >= size) return NULL;
    return into;
}

enum answer file_read(const struct place *place, const char *path, uint64_t offset, uint32_t limit,
                      struct buffer *out) {
    // An open that neither waits for the other end of a FIFO nor does what opening a device does.
    int named = open_inside(place, path, O_PATH);
    if (named < 0) return answer_of(errno);
    struct stat status;
    int error = fstat(named, &status) == 0 ? 0 : errno;
    close(named);
    if (error) return answer_of(error);
    if (!S_ISREG(status.st_mode)) return ANSWER_NOT_A_FILE;
    int file = open_inside(place, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file < 0) return answer_of(errno);
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(file);
        return ANSWER_NOT_A_FILE;
    }
    buffer_u64(out, (uint64_t)status.st_size);
    buffer_u8(out, (status.st_mode & 0111) != 0);
    uint8_t *piece = malloc(64 << 10);
    enum answer answer = piece ? ANSWER_OK : ANSWER_FULL;
    while (answer == ANSWER_OK && limit > 0 && offset <= INT64_MAX) {
        size_t size = limit < (64 << 10) ? limit : (64 << 10);
        ssize_t count = pread(file, piece, size, (off_t)offset);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) answer = answer_of(errno);
        if (count <= 0) break;
        buffer_add(out, piece, (size_t)count);
        offset += (uint64_t)count;
        limit -= (uint32_t)count;
    }
    free(piece);
    close(file);
    return out->failed ? ANSWER_FULL : answer;
}

// Opens the directory that a path's last part is in, making it where asked; `name` is that part.
static int open_parent(const struct place *place, const char *path, bool make, const char **name) {
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    if (!slash || !**name || strlen(*name) > 255) {
        errno = slash && !**name ? EISDIR : ENAMETOOLONG;
        return -1;
    }
    char parent[MAX_PATH_BYTES];
    if ((size_t)(slash - path) >= sizeof parent) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(parent, path, (size_t)(slash - path));
    parent[slash - path] = 0;
    int directory = open_inside(place, parent, O_RDONLY | O_DIRECTORY);
    if (directory >= 0 || errno != ENOENT || !make || !*parent) return directory;
    const char *rest;
    int above = open_parent(place, parent, true, &rest);
    if (above < 0) return -1;
    // A link that leads nowhere is not made into a directory.
    int made = mkdirat(above, rest, 0755);
    int error = errno;
    close(above);
    if (made != 0) {
        errno = error == EEXIST ? ENOENT : error;
        return -1;
    }
    return open_inside(place, parent, O_RDONLY | O_DIRECTORY);
}

static int write_all(int file, const uint8_t *bytes, size_t size) {
    while (size > 0) {
        ssize_t count = write(file, bytes, size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        bytes += count;
        size -= (size_t)count;
    }
    return 0;
}

enum answer file_write(const struct place *place, const char *path, int executable, const uint8_t *bytes,
                       size_t size) {
    char real[2 * MAX_PATH_BYTES];
    mode_t mode = 0644;
    int there = open_inside(place, path, O_PATH);
    if (there >= 0) {
        // The file behind a link is replaced, not the link.
        struct stat status;
        bool known = fstat(there, &status) == 0 && path_of(place, there, real, sizeof real);
        int error = errno;
        close(there);
        if (!known) return answer_of(error);
        if (!S_ISREG(status.st_mode)) return ANSWER_NOT_A_FILE;
        mode = status.st_mode & 0777;
        path = real;
    } else if (errno != ENOENT) {
        return answer_of(errno);
    }
    if (executable == 1) mode |= 0100 | ((mode & 0044) >> 2);
    if (executable == 0) mode &= ~(mode_t)0111;
    const char *name;
    int directory = open_parent(place, path, true, &name);
    if (directory < 0) return answer_of(errno);
    static unsigned serial;
    char temporary[64];
    snprintf(temporary, sizeof temporary, ".arborist-%d-%u", (int)getpid(), serial++);
    int file = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) {
        int error = errno;
        close(directory);
        return answer_of(error);
    }
    int error = 0;
    if (write_all(file, bytes, size) != 0 || fchmod(file, mode) != 0 ||
        renameat(directory, temporary, directory, name) != 0) {
        error = errno;
    }
    close(file);
    if (error) unlinkat(directory, temporary, 0);
    close(directory);
    return answer_of(error);
}

enum answer file_remove(const struct place *place, const char *path) {
    const char *name;
    int directory = open_parent(place, path, false, &name);
    if (directory < 0) return answer_of(errno);
    int error = unlinkat(directory, name, 0) == 0 ? 0 : errno;
    close(directory);
    return answer_of(error);
}

struct name {
    char *bytes;
    uint8_t kind;
    uint64_t size;
};

static int by_bytes(const void *left, const void *right) {
    return strcmp(((const struct name *)left)->bytes, ((const struct name *)right)->bytes);
}

enum answer file_list(const struct place *place, const char *path, uint32_t limit, struct buffer *out) {
    int directory = open_inside(place, path, O_RDONLY | O_DIRECTORY);
    if (directory < 0) return answer_of(errno);
    DIR *entries = fdopendir(directory);
    if (!entries) {
        close(directory);
        return ANSWER_FULL;
    }
    struct name *names = NULL;
    size_t count = 0, capacity = 0;
    enum answer answer = ANSWER_OK;
    struct dirent *entry;
    while ((entry = readdir(entries))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            struct name *larger = realloc(names, capacity * sizeof *names);
            if (!larger) {
                answer = ANSWER_FULL;
                break;
            }
            names = larger;
        }
        names[count].bytes = strdup(entry->d_name);
        if (!names[count].bytes) {
            answer = ANSWER_FULL;
            break;
        }
        count++;
    }
    if (count > 0) qsort(names, count, sizeof *names, by_bytes);
    uint32_t given = count < limit ? (uint32_t)count : limit;
    if (answer == ANSWER_OK) {
        buffer_u32(out, given);
        for (uint32_t i = 0; i < given; i++) {
            struct stat status = {0};
            uint8_t kind = 3;
            if (fstatat(dirfd(entries), names[i].bytes, &status, AT_SYMLINK_NOFOLLOW) == 0) {
                kind = S_ISREG(status.st_mode) ? 0 : S_ISDIR(status.st_mode) ? 1 : S_ISLNK(status.st_mode) ? 2 : 3;
            }
            buffer_u8(out, kind);
            buffer_u64(out, kind == 0 || kind == 2 ? (uint64_t)status.st_size : 0);
            buffer_string(out, names[i].bytes, strlen(names[i].bytes));
        }
    }
    for (size_t i = 0; i < count; i++) free(names[i].bytes);
    free(names);
    closedir(entries);
    return out->failed ? ANSWER_FULL : answer;
}

// Removes one entry of `from`, or moves it to `top` where it is a directory with something in it.
static int remove_or_lift(int from, int top, const char *name, bool *lifted) {
    static unsigned serial;
    if (unlinkat(from, name, 0) == 0 || errno == ENOENT) return 0;
    if (errno != EISDIR && errno != EPERM) return -1;
    if (unlinkat(from, name, AT_REMOVEDIR) == 0) return 0;
    // Who moves a directory has to be able to write to it.
    fchmodat(from, name, 0700, 0);
    char place[64];
    snprintf(place, sizeof place, ".arborist-gone-%u", serial++);
    if (renameat(from, name, top, place) == 0) {
        *lifted = true;
        return 0;
    }
    // An overlay moves nothing that the checkout has a part in; the depth of that is bounded by the length of paths.
    return errno == EXDEV ? remove_tree(from, name) : -1;
}

static DIR *list(int directory, const char *name) {
    int inner = open_to_list(directory, name);
    struct stat status;
    if (inner >= 0 && fstat(inner, &status) == 0 && (status.st_mode & 0300) != 0300) fchmod(inner, 0700);
    DIR *entries = inner < 0 ? NULL : fdopendir(inner);
    if (inner >= 0 && !entries) close(inner);
    return entries;
}

static bool is_dots(const char *name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

// However deep a tree is, this takes three descriptors: what is found in a directory in it is lifted to its top.
int remove_content(int top) {
    int result = 0;
    for (bool lifted = true; lifted && result == 0;) {
        lifted = false;
        DIR *entries = list(top, ".");
        if (!entries) return -1;
        struct dirent *entry, *below;
        while ((entry = readdir(entries))) {
            if (is_dots(entry->d_name) || unlinkat(top, entry->d_name, 0) == 0 ||
                unlinkat(top, entry->d_name, AT_REMOVEDIR) == 0) {
                continue;
            }
            DIR *inner = list(top, entry->d_name);
            while (inner && (below = readdir(inner))) {
                if (!is_dots(below->d_name) && remove_or_lift(dirfd(inner), top, below->d_name, &lifted) != 0) {
                    result = -1;
                }
            }
            if (inner) closedir(inner);
            if (unlinkat(top, entry->d_name, AT_REMOVEDIR) != 0 && errno != ENOENT) result = -1;
        }
        int error = errno;
        closedir(entries);
        errno = error;
    }
    return result;
}

int remove_tree(int directory, const char *name) {
    if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return 0;
    if (errno != EISDIR && errno != EPERM) return -1;
    int top = open_to_list(directory, name);
    if (top < 0) return -1;
    int result = remove_content(top), error = errno;
    close(top);
    if (unlinkat(directory, name, AT_REMOVEDIR) == 0) return 0;
    if (result != 0) errno = error;
    return -1;
}

// Where the next bytes are that are no hole; `size` where there are none.
static off_t next_data(int file, off_t offset, off_t size) {
    off_t data = lseek(file, offset, SEEK_DATA);
    if (data >= 0) return data < size ? data : size;
    return errno == ENXIO ? size : offset;
}

// Copies bytes from an offset to another; what is not there is none.
static int copy_range(int from, int to, off_t offset, off_t end) {
    off_t source = offset, target = offset;
    while (source < end) {
        ssize_t count = copy_file_range(from, &source, to, &target, (size_t)(end - source), 0);
        if (count == 0) return 0;
        if (count < 0) break;
    }
    if (source >= end) return 0;
    // Not every pair of file systems can do that.
    uint8_t *piece = malloc(128 << 10);
    if (!piece) return -1;
    int result = 0;
    while (source < end) {
        size_t wanted = end - source < (128 << 10) ? (size_t)(end - source) : 128 << 10;
        ssize_t count = pread(from, piece, wanted, source);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 || lseek(to, source, SEEK_SET) < 0 || write_all(to, piece, (size_t)count) != 0) result = -1;
        if (count <= 0 || result != 0) break;
        source += count;
    }
    int error = errno;
    free(piece);
    errno = error;
    return result;
}

// Holes stay holes: a file of nothing else is as large as it likes to say.
int copy_content(int from, int to) {
    struct stat status;
    if (fstat(from, &status) != 0) return -1;
    off_t size = status.st_size;
    for (off_t offset = 0; (offset = next_data(from, offset, size)) < size;) {
        off_t end = lseek(from, offset, SEEK_HOLE);
        if (end <= offset || end > size) end = size;
        if (copy_range(from, to, offset, end) != 0) return -1;
        offset = end;
    }
    return ftruncate(to, size);
}

// Whether two open files hold the same bytes.
bool same_content(int left, int right) {
    enum { PIECE = 64 << 10 };
    struct stat one, other;
    if (fstat(left, &one) != 0 || fstat(right, &other) != 0 || one.st_size != other.st_size) return false;
    uint8_t *pieces = malloc(2 * PIECE);
    if (!pieces) return false;
    bool same = true;
    for (off_t offset = 0; same;) {
        // What is a hole in both is the same.
        off_t first = next_data(left, offset, one.st_size), second = next_data(right, offset, one.st_size);
        offset = first < second ? first : second;
        ssize_t had = pread(left, pieces, PIECE, offset), has = pread(right, pieces + PIECE, PIECE, offset);
        if (had < 0 || had != has || memcmp(pieces, pieces + PIECE, (size_t)had) != 0) same = false;
        if (had <= 0) break;
        offset += had;
    }
    free(pieces);
    return same;
}

// The owner may read a file in spite of its mode: lent the right for a moment.
int open_to_read(int directory, const char *name) {
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int file = openat(directory, name, flags);
    struct stat status;
    if (file >= 0 || errno != EACCES) return file;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode) ||
        fchmodat(directory, name, (status.st_mode & 07777) | 0400, 0) != 0) {
        errno = EACCES;
        return -1;
    }
    file = openat(directory, name, flags);
    fchmodat(directory, name, status.st_mode & 07777, 0);
    return file;
}

int open_to_list(int directory, const char *name) {
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int inner = openat(directory, name, flags);
    struct stat status;
    if (inner >= 0 && (fstat(inner, &status) != 0 || (status.st_mode & 0100))) return inner;
    if (inner < 0 && errno != EACCES) return -1;
    if (inner >= 0) close(inner);
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(status.st_mode) ||
        fchmodat(directory, name, (status.st_mode & 07777) | 0700, 0) != 0) {
        errno = EACCES;
        return -1;
    }
    // It stays searchable: what is in it is opened through it.
    return openat(directory, name, flags);
}

// Whether a file can stand as a link to one that was kept before, which nobody writes to.
static bool link_to_previous(int previous, const char *name, const struct stat *status, int source, int to) {
    struct stat kept;
    if (previous < 0 || fstatat(previous, name, &kept, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (!S_ISREG(kept.st_mode) || kept.st_size != status->st_size || kept.st_mode != status->st_mode ||
        kept.st_mtim.tv_sec != status->st_mtim.tv_sec || kept.st_mtim.tv_nsec != status->st_mtim.tv_nsec) {
        return false;
    }
    // Times can be set to anything.
    int old = openat(previous, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool same = old >= 0 && same_content(source, old);
    if (old >= 0) close(old);
    return same && linkat(previous, name, to, name, 0) == 0;
}

static int copy_entry(int from, int to, int previous, const char *name, unsigned depth);

static int copy_entries(int from, int to, int previous, unsigned depth) {
    int again = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);
    if (!entries) {
        if (again >= 0) close(again);
        return -1;
    }
    int result = 0;
    struct dirent *entry;
    while (result == 0 && (entry = readdir(entries))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        result = copy_entry(from, to, previous, entry->d_name, depth);
    }
    int error = errno;
    closedir(entries);
    errno = error;
    return result;
}

int copy_tree(int from, int to, int previous) { return copy_entries(from, to, previous, 0); }

static int copy_directory(int from, int to, int previous, const char *name, const struct stat *status,
                          unsigned depth) {
    int inner = open_to_list(from, name), result = -1;
    if (inner < 0 || mkdirat(to, name, 0700) != 0) {
        if (inner >= 0) close(inner);
        return -1;
    }
    int copy = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int old = previous < 0 ? -1 : openat(previous, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    // What lies deeper is not kept, and going back leaves it alone.
    if (copy >= 0) result = depth + 1 < MAX_DEPTH ? copy_entries(inner, copy, old, depth + 1) : 0;
    char opaque = 0;
    if (result == 0 && fgetxattr(inner, "user.overlay.opaque", &opaque, 1) == 1) {
        result = fsetxattr(copy, "user.overlay.opaque", &opaque, 1, 0);
    }
    struct timespec times[2] = {status->st_atim, status->st_mtim};
    if (result == 0 && (fchmod(copy, (status->st_mode & 07777) | 0700) != 0 || futimens(copy, times) != 0)) result = -1;
    int error = errno;
    if (copy >= 0) close(copy);
    if (old >= 0) close(old);
    close(inner);
    errno = error;
    return result;
}

static int copy_file(int from, int to, int previous, const char *name, const struct stat *status) {
    int source = open_to_read(from, name);
    if (source < 0) return -1;
    if (link_to_previous(previous, name, status, source, to)) {
        close(source);
        return 0;
    }
    struct timespec times[2] = {status->st_atim, status->st_mtim};
    int copy = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int result = copy < 0 ? -1 : copy_content(source, copy);
    if (result == 0 && (fchmod(copy, status->st_mode & 0777) != 0 || futimens(copy, times) != 0)) result = -1;
    int error = errno;
    if (copy >= 0) close(copy);
    close(source);
    errno = error;
    return result;
}

APART int copy_link(int from, int to, const char *name, const struct stat *status) {
    char target[MAX_PATH_BYTES];
    ssize_t size = readlinkat(from, name, target, sizeof target - 1);
    if (size < 0) return -1;
    target[size] = 0;
    struct timespec times[2] = {status->st_atim, status->st_mtim};
    return symlinkat(target, to, name) != 0 ? -1 : utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
}

static int copy_entry(int from, int to, int previous, const char *name, unsigned depth) {
    struct stat status;
    if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? 0 : -1;
    if (S_ISDIR(status.st_mode)) return copy_directory(from, to, previous, name, &status, depth);
    if (S_ISLNK(status.st_mode)) return copy_link(from, to, name, &status);
    if (S_ISREG(status.st_mode)) return copy_file(from, to, previous, name, &status);
    // A whiteout, device 0, 0, says that there is nothing; a FIFO or a socket is no state to come back to.
    return mknodat(to, name, S_ISCHR(status.st_mode) ? S_IFCHR | 0600 : S_IFIFO | 0600, 0);
}
