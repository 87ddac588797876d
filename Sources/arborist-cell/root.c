// The root of a cell: what it sees is on a list, and nothing else is there.
#include "cell.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

// glibc's own <sys/mount.h> cannot be included beside the kernel's.
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
enum { DETACH = 2, PRIVATE = 1 << 18, RECURSIVE = 16384, BIND = 4096, REMOUNT = 32, READ_ONLY = 1, NO_SUID = 2,
       NO_DEVICES = 4, NO_EXEC = 8 };

// Where the new root grows before it becomes the root.
#define STAGE "/tmp"
#define STORE STAGE "/.store"

static const char *fail(const char *step) { return step; }

// A file tree of the host as seen now, to be put somewhere later; -1 where it is not there.
static int clone_tree(const char *path) {
    return (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

static bool protect(int tree, uint64_t attributes) {
    struct mount_attr wanted = {.attr_set = attributes};
    return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &wanted, sizeof wanted) == 0;
}

static bool put_tree(int tree, const char *target) {
    return syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

// A descriptor belongs to the mount namespace that it was opened in, and from another one the kernel neither clones nor
// overlays it. The working directory is the exception: it goes along into a new mount namespace. So for each descriptor
// a process that shares our files goes there, enters a mount namespace of its own and clones from that; the clone is in
// no namespace and can be put into ours.
static bool take_tree(int file) {
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        if (fchdir(file) != 0 || syscall(SYS_unshare, CLONE_NEWNS) != 0 ||
            mount(NULL, "/", NULL, RECURSIVE | PRIVATE, NULL) != 0) {
            _exit(errno & 0xff);
        }
        int tree = clone_tree(".");
        if (tree < 0 || dup3(tree, file, O_CLOEXEC) < 0) _exit(errno & 0xff);
        close(tree);
        _exit(0);
    }
    int status;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    if (pid > 0) errno = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
    return pid > 0 && errno == 0;
}

const char *take_trees(struct cell_request *request) {
    for (unsigned i = 0; i < request->read_only_count; i++) {
        struct read_only *entry = &request->read_only[i];
        if (entry->file < 0 || take_tree(entry->file)) continue;
        if (errno == EACCES) return "enter a read-only path (the directory itself must be open to all users)";
        // The path may lead there all the same.
        close(entry->file);
        entry->file = -1;
    }
    return NULL;
}

static bool make_directories(const char *path) {
    char copy[MAX_PATH_BYTES + 64];
    if (strlen(path) >= sizeof copy) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(copy, path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(copy, 0755) != 0 && errno != EEXIST) return false;
        *slash = '/';
    }
    return mkdir(copy, 0755) == 0 || errno == EEXIST;
}

// Makes what a tree is put on: a directory or an empty file, as the source is.
static bool make_target(const char *source, const char *target) {
    struct stat status;
    if (stat(source, &status) != 0) return false;
    if (S_ISDIR(status.st_mode)) return make_directories(target);
    char parent[MAX_PATH_BYTES + 64];
    if (strlen(target) >= sizeof parent) return false;
    strcpy(parent, target);
    *strrchr(parent, '/') = 0;
    if (!make_directories(parent)) return false;
    int file = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
    if (file < 0) return false;
    close(file);
    return true;
}

static bool bind_read_only(const char *source, const char *target, uint64_t attributes) {
    char full[MAX_PATH_BYTES + 64];
    if ((size_t)snprintf(full, sizeof full, STAGE "%s", target) >= sizeof full) {
        errno = ENAMETOOLONG;
        return false;
    }
    int tree = clone_tree(source);
    if (tree < 0) return false;
    bool done = protect(tree, attributes) && make_target(source, full) && put_tree(tree, full);
    int error = errno;
    close(tree);
    errno = error;
    return done;
}

static bool write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0444);
    if (file < 0) return false;
    bool done = write(file, text, strlen(text)) == (ssize_t)strlen(text);
    close(file);
    return done;
}

// Puts a tree where it is to be seen: never through a link, which in a tree that is shown could lead anywhere.
static bool show_tree(int tree, const char *target, bool directory) {
    int stage = open(STAGE, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS};
    char full[MAX_PATH_BYTES + 64];
    bool fits = (size_t)snprintf(full, sizeof full, STAGE "%s", target) < sizeof full;
    int place = stage < 0 || !fits ? -1 : (int)syscall(SYS_openat2, stage, target, &how, sizeof how);
    if (place < 0 && errno == ENOENT && fits && make_target(directory ? "/" : "/proc/self/status", full)) {
        place = (int)syscall(SYS_openat2, stage, target, &how, sizeof how);
    }
    bool done = place >= 0 && syscall(SYS_move_mount, tree, "", place, "",
                                      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0;
    int error = errno;
    if (place >= 0) close(place);
    if (stage >= 0) close(stage);
    errno = error;
    return done;
}

static const uint64_t reading = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

static const char *bind_system(void) {
    if (!bind_read_only("/usr", "/usr", reading)) return fail("show /usr");
    // On a merged system these are links into /usr; elsewhere directories.
    static const char *const roots[] = {"/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        char target[MAX_PATH_BYTES];
        ssize_t size = readlink(roots[i], target, sizeof target - 1);
        if (size > 0) {
            target[size] = 0;
            char link[64];
            snprintf(link, sizeof link, STAGE "%s", roots[i]);
            if (symlink(target, link) != 0) return fail("link into /usr");
        } else if (errno == EINVAL && !bind_read_only(roots[i], roots[i], reading)) {
            return fail("show the libraries");
        }
    }
    static const char *const settings[] = {"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
                                           "/etc/alternatives", "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
                                           "/etc/ca-certificates.conf", "/etc/pki/tls/certs", "/etc/pki/ca-trust",
                                           "/etc/localtime", "/etc/mime.types", "/etc/protocols", "/etc/services",
                                           "/etc/java-17-openjdk", "/etc/java-21-openjdk", "/etc/python3"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (access(settings[i], R_OK) != 0) continue;
        if (!bind_read_only(settings[i], settings[i], reading | MOUNT_ATTR_NOEXEC)) return fail("show what /etc holds");
    }
    bool done = write_file(STAGE "/etc/passwd", "root:x:0:0:root:/nonexistent:/usr/sbin/nologin\n"
                                                "run:x:1000:1000:run:/home/run:/bin/bash\n"
                                                "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n") &&
                write_file(STAGE "/etc/group", "root:x:0:\nrun:x:1000:\nnogroup:x:65534:\n") &&
                write_file(STAGE "/etc/hosts", "127.0.0.1 localhost cell\n::1 localhost\n") &&
                write_file(STAGE "/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n") &&
                write_file(STAGE "/etc/hostname", "cell\n");
    return done ? NULL : fail("write /etc");
}

static const char *bind_devices(void) {
    if (mkdir(STAGE "/dev", 0755) != 0) return fail("make /dev");
    static const char *const devices[] = {"/dev/null", "/dev/zero",   "/dev/full",
                                          "/dev/random", "/dev/urandom", "/dev/tty"};
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        if (!bind_read_only(devices[i], devices[i], MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)) {
            return fail("show a device");
        }
    }
    if (mkdir(STAGE "/dev/pts", 0755) != 0 || mkdir(STAGE "/dev/shm", 01777) != 0) return fail("make /dev");
    if (mount("devpts", STAGE "/dev/pts", "devpts", NO_SUID | NO_EXEC, "newinstance,ptmxmode=0666,mode=0600") != 0) {
        return fail("mount terminals");
    }
    bool done = symlink("pts/ptmx", STAGE "/dev/ptmx") == 0 && symlink("/proc/self/fd", STAGE "/dev/fd") == 0 &&
                symlink("/proc/self/fd/0", STAGE "/dev/stdin") == 0 &&
                symlink("/proc/self/fd/1", STAGE "/dev/stdout") == 0 &&
                symlink("/proc/self/fd/2", STAGE "/dev/stderr") == 0;
    return done ? NULL : fail("make /dev");
}

static int open_directory(const char *path) { return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); }

static const char *bind_store(const char *name, const char *target, unsigned long flags) {
    char from[64], to[64];
    snprintf(from, sizeof from, STORE "/%s", name);
    snprintf(to, sizeof to, STAGE "%s", target);
    if (mkdir(from, 0700) != 0 || !make_directories(to)) return fail("make a directory to write to");
    if (mount(from, to, NULL, BIND, NULL) != 0) return fail("show a directory to write to");
    if (mount(NULL, to, NULL, BIND | REMOUNT | NO_SUID | NO_DEVICES | flags, NULL) != 0) {
        return fail("restrict a directory to write to");
    }
    return NULL;
}

static const char *mount_store(const struct cell_request *request, struct place *place) {
    char options[128];
    snprintf(options, sizeof options, "mode=0755,size=%llu,nr_inodes=%llu",
             (unsigned long long)request->limits.workspace_bytes,
             (unsigned long long)request->limits.workspace_inodes);
    if (mkdir(STORE, 0700) != 0) return fail("make the store");
    if (mount("store", STORE, "tmpfs", NO_SUID | NO_DEVICES, options) != 0) return fail("mount the store");
    if (mkdir(STORE "/upper", 0755) != 0 || mkdir(STORE "/work", 0700) != 0 || mkdir(STORE "/kept", 0700) != 0 ||
        mkdir(STAGE "/workspace", 0755) != 0) {
        return fail("make the store");
    }
    place->upper = open_directory(STORE "/upper");
    place->kept = open_directory(STORE "/kept");
    if (place->upper < 0 || place->kept < 0) return fail("open the store");
    if (!(request->walls & WALL_OVERLAY)) {
        place->overlaid = false;
        if (copy_tree(place->lower, place->upper, -1) != 0) return fail("copy the checkout");
        if (mount(STORE "/upper", STAGE "/workspace", NULL, BIND, NULL) != 0) return fail("show the workspace");
        if (mount(NULL, STAGE "/workspace", NULL, BIND | REMOUNT | NO_SUID | NO_DEVICES, NULL) != 0) {
            return fail("restrict the workspace");
        }
    } else {
        place->overlaid = true;
        // The working directory is the checkout: it needs no path that the run's user could walk.
        if (mount("workspace", STAGE "/workspace", "overlay", NO_SUID | NO_DEVICES,
                  "lowerdir=.,upperdir=" STORE "/upper,workdir=" STORE "/work,userxattr") != 0) {
            return fail("mount the workspace");
        }
    }
    const char *step = bind_store("tmp", "/tmp", 0);
    if (!step) step = bind_store("home", "/home/run", 0);
    if (!step) step = bind_store("shm", "/dev/shm", NO_EXEC);
    if (!step && chmod(STORE "/tmp", 01777) != 0) step = fail("open /tmp");
    return step;
}

// Init sees every process, through a /proc that has no path any more; commands see those that they could trace, which
// leaves out init.
static const char *mount_processes(struct place *place) {
    const unsigned long flags = NO_SUID | NO_DEVICES | NO_EXEC;
    if (mount("proc", STAGE "/proc", "proc", flags, NULL) != 0) return fail("mount /proc");
    place->processes = open_directory(STAGE "/proc");
    if (place->processes < 0) return fail("open /proc");
    if (umount2(STAGE "/proc", DETACH) != 0) return fail("hide /proc");
    if (mount("proc", STAGE "/proc", "proc", flags, "hidepid=2") != 0) return fail("mount /proc");
    return NULL;
}

const char *build_root(const struct cell_request *request, struct place *place) {
    if (mount(NULL, "/", NULL, RECURSIVE | PRIVATE, NULL) != 0) return fail("keep mounts apart");
    // Opened through the working directory, which is the checkout in the new mount namespace.
    int checkout = clone_tree(".");
    if (checkout < 0 || !protect(checkout, reading)) return fail("show the checkout");
    place->lower = openat(checkout, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place->lower < 0) return fail("open the checkout");
    // The sources are taken before anything covers them.
    int trees[MAX_READ_ONLY];
    bool directories[MAX_READ_ONLY];
    for (unsigned i = 0; i < request->read_only_count; i++) {
        struct stat status;
        const struct read_only *entry = &request->read_only[i];
        if (!*entry->source) continue;
        trees[i] = entry->file >= 0 ? entry->file : clone_tree(entry->source);
        if (trees[i] < 0 || fstat(trees[i], &status) != 0 || !protect(trees[i], reading)) {
            return fail("show a read-only path (each directory on the way to it must be open to all users)");
        }
        directories[i] = S_ISDIR(status.st_mode);
    }
    if (mount("root", STAGE, "tmpfs", NO_SUID | NO_DEVICES, "mode=0755,size=1m,nr_inodes=1024") != 0) {
        return fail("mount the root");
    }
    const char *step = bind_system();
    if (!step) step = bind_devices();
    if (step) return step;
    if (mkdir(STAGE "/proc", 0755) != 0) return fail("make /proc");
    step = mount_processes(place);
    if (step) return step;
    step = mount_store(request, place);
    if (step) return step;
    for (unsigned i = 0; i < request->read_only_count; i++) {
        const struct read_only *entry = &request->read_only[i];
        if (!*entry->source) {
            // A file of the root that has no name any more once it is shown.
            if (!write_file(STAGE "/.empty", "") || (trees[i] = clone_tree(STAGE "/.empty")) < 0 ||
                !protect(trees[i], reading)) {
                return fail("make an empty file");
            }
            directories[i] = false;
        }
        if (!show_tree(trees[i], entry->target, directories[i])) return fail("show a read-only path");
        if (!*entry->source && unlink(STAGE "/.empty") != 0) return fail("make an empty file");
        close(trees[i]);
    }
    if (!make_directories(STAGE "/var") || symlink("/tmp", STAGE "/var/tmp") != 0 ||
        !make_directories(STAGE "/run")) {
        return fail("make the root");
    }
    place->workspace = open_directory(STAGE "/workspace");
    if (place->workspace < 0) return fail("open the workspace");
    if (umount2(STORE, DETACH) != 0 || rmdir(STORE) != 0) return fail("hide the store");
    if (chdir(STAGE) != 0 || syscall(SYS_pivot_root, ".", ".") != 0) return fail("change the root");
    if (umount2(".", DETACH) != 0 || chdir("/") != 0) return fail("leave the host's root");
    if (mount(NULL, "/", NULL, BIND | REMOUNT | READ_ONLY | NO_SUID | NO_DEVICES, NULL) != 0) {
        return fail("close the root");
    }
    place->root = open_directory("/");
    if (place->root < 0) return fail("open the root");
    place->confined = true;
    strcpy(place->home, "");
    return NULL;
}

// Without namespaces the workspace is a copy in a directory of its own on the host.
const char *build_copy(const struct cell_request *request, struct place *place) {
    place->confined = false;
    place->overlaid = false;
    place->lower = open_directory(".");
    if (place->lower < 0) return fail("open the checkout");
    if (strlen(request->copy_directory) >= sizeof place->home) return fail("name the workspace");
    strcpy(place->home, request->copy_directory);
    if (chdir(place->home) != 0) return fail("enter the directory of the run");
    if (mkdir("workspace", 0700) != 0 || mkdir("tmp", 0700) != 0 || mkdir("home", 0700) != 0 ||
        mkdir("home/run", 0700) != 0 || mkdir("kept", 0700) != 0) {
        return fail("make the workspace");
    }
    place->workspace = open_directory("workspace");
    place->upper = open_directory("workspace");
    place->kept = open_directory("kept");
    place->root = open_directory(".");
    place->processes = open_directory("/proc");
    if (place->workspace < 0 || place->upper < 0 || place->kept < 0 || place->root < 0 || place->processes < 0) {
        return fail("open the workspace");
    }
    if (copy_tree(place->lower, place->upper, -1) != 0) return fail("copy the checkout");
    return NULL;
}

// The proxy's socket: made here, so that it listens in the cell, and accepted from by whoever gets the descriptor.
int open_listener(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0) return -1;
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PROXY_PORT),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0) {
        int error = errno;
        close(listener);
        errno = error;
        return -1;
    }
    return listener;
}
