// The walls that a process puts around itself: limits, capabilities, Landlock, seccomp. In this order, and after all
// mounts: a process under Landlock cannot mount any more.
#include "cell.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool limit(int which, uint64_t soft, uint64_t hard) {
    struct rlimit old, new = {soft, hard};
    if (getrlimit(which, &old) != 0) return false;
    if (old.rlim_max != RLIM_INFINITY && new.rlim_max > old.rlim_max) new.rlim_max = old.rlim_max;
    if (new.rlim_cur > new.rlim_max) new.rlim_cur = new.rlim_max;
    return setrlimit(which, &new) == 0;
}

// What counts for init too. CPU time is limited where a command starts, because init runs as long as the cell.
const char *limit_resources(const struct limits *limits, bool grouped) {
    if (!limit(RLIMIT_CORE, 0, 0)) return "limit core dumps";
    if (!limit(RLIMIT_NOFILE, limits->open_files, limits->open_files)) return "limit open files";
    // A control group counts what it refuses, so its cap is to be met first.
    uint64_t processes = grouped ? 2 * limits->processes : limits->processes;
    if (!limit(RLIMIT_NPROC, processes, processes)) return "limit processes";
    if (!limit(RLIMIT_FSIZE, limits->file_bytes, limits->file_bytes)) return "limit the size of files";
    if (!limit(RLIMIT_MSGQUEUE, 1 << 20, 1 << 20)) return "limit message queues";
    if (!limit(RLIMIT_MEMLOCK, 64 << 10, 64 << 10)) return "limit locked memory";
    // Without a control group the memory of each process has a cap; the address space has none, because what only
    // reserves addresses (a JavaScript engine, a sanitizer) needs no memory for it.
    if (!grouped && !limit(RLIMIT_DATA, limits->memory_bytes, limits->memory_bytes)) return "limit memory";
    return NULL;
}

const char *drop_capabilities(void) {
    for (int number = 0; number <= 63; number++) {
        if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0) {
            if (errno == EINVAL) break;
            if (errno != EPERM) return "drop a capability for good";
        }
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capset, &header, none) != 0) return "drop capabilities";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "forbid new privileges";
    return NULL;
}

// Landlock. The numbers are the kernel's; headers older than the kernel do not know all of them.
enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_MAKE_CHAR = 1 << 6,
    FS_MAKE_BLOCK = 1 << 11,
    FS_VERSION_1 = (1 << 13) - 1,
    FS_REFER = 1 << 13,
    FS_TRUNCATE = 1 << 14,
    FS_IOCTL_DEVICE = 1 << 15,
    SCOPE_ABSTRACT_SOCKET = 1 << 0,
    SCOPE_SIGNAL = 1 << 1,
};

struct landlock_ruleset {
    uint64_t files, network, scoped;
};

struct __attribute__((packed)) landlock_beneath {
    uint64_t allowed;
    int32_t directory;
};

int landlock_version(void) {
    int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
    return version < 0 ? 0 : version;
}

static int create_ruleset(int version, uint64_t files, uint64_t scoped) {
    struct landlock_ruleset rules = {files, 0, version >= 6 ? scoped : 0};
    size_t size = version >= 6 ? sizeof rules : version >= 4 ? 16 : 8;
    return (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
}

static bool allow(int rules, int directory, uint64_t rights) {
    struct stat status;
    if (directory < 0 || fstat(directory, &status) != 0) return false;
    if (!S_ISDIR(status.st_mode)) {
        rights &= FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEVICE;
    }
    struct landlock_beneath beneath = {rights, directory};
    return syscall(SYS_landlock_add_rule, rules, 1, &beneath, 0) == 0;
}

static bool allow_path(int rules, const char *path, uint64_t rights) {
    int directory = open(path, O_PATH | O_CLOEXEC);
    if (directory < 0) return errno == ENOENT;
    bool done = allow(rules, directory, rights);
    close(directory);
    return done;
}

static uint64_t handled(int version) {
    uint64_t files = FS_VERSION_1;
    if (version >= 2) files |= FS_REFER;
    if (version >= 3) files |= FS_TRUNCATE;
    if (version >= 5) files |= FS_IOCTL_DEVICE;
    return files;
}

const char *apply_landlock(const struct place *place, const struct cell_request *request) {
    int version = landlock_version();
    if (version == 0) return "use Landlock";
    uint64_t all = handled(version), look = FS_EXECUTE | FS_READ_FILE | FS_READ_DIR;
    uint64_t change = all & ~(uint64_t)(FS_MAKE_CHAR | FS_MAKE_BLOCK | FS_IOCTL_DEVICE);
    uint64_t devices = all & (FS_READ_FILE | FS_WRITE_FILE | FS_READ_DIR | FS_TRUNCATE | FS_IOCTL_DEVICE);
    int rules = create_ruleset(version, all, SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL);
    if (rules < 0) return "make Landlock rules";
    bool done = allow(rules, place->workspace, change) && allow(rules, place->upper, change) &&
                // The mark of a removal is a device without one behind it.
                allow(rules, place->kept, change | FS_MAKE_CHAR) && allow(rules, place->lower, FS_READ_FILE | FS_READ_DIR) &&
                allow(rules, place->processes, FS_READ_FILE | FS_READ_DIR);
    if (place->confined) {
        done = done && allow_path(rules, "/", look) && allow_path(rules, "/tmp", change) &&
               allow_path(rules, "/home/run", change) && allow_path(rules, "/dev", devices) &&
               allow_path(rules, "/dev/shm", change) && allow_path(rules, "/proc", look | FS_WRITE_FILE);
    } else {
        static const char *const seen[] = {"/usr",           "/bin",         "/sbin",     "/lib",     "/lib64",
                                           "/lib32",         "/etc/ssl/certs", "/etc/alternatives",
                                           "/etc/ld.so.cache", "/etc/passwd", "/etc/group", "/etc/localtime"};
        static const char *const writable[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
                                               "/dev/tty", "/dev/ptmx", "/dev/pts"};
        for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) done = done && allow_path(rules, seen[i], look);
        for (size_t i = 0; i < sizeof writable / sizeof *writable; i++) {
            done = done && allow_path(rules, writable[i], devices);
        }
        for (unsigned i = 0; i < request->read_only_count; i++) {
            done = done && allow_path(rules, request->read_only[i].source, look);
        }
        done = done && allow_path(rules, place->home, change);
    }
    if (!done || syscall(SYS_landlock_restrict_self, rules, 0) != 0) {
        int error = errno;
        close(rules);
        errno = error;
        return "apply Landlock rules";
    }
    close(rules);
    return NULL;
}

// Commands of a cell without a pid namespace must not end init: a domain below init's, which signals do not leave.
const char *apply_signal_scope(void) {
    int version = landlock_version();
    if (version < 6) return NULL;
    struct landlock_ruleset rules = {0, 0, SCOPE_SIGNAL};
    int made = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (made < 0) return "make Landlock rules";
    bool done = syscall(SYS_landlock_restrict_self, made, 0) == 0;
    close(made);
    return done ? NULL : "apply Landlock rules";
}

// seccomp. Arguments are compared by their lower 32 bits, which is all that the kernel looks at of an `int`; a filter
// over 64 bits is passed by a value with bits above.
#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "arborist-cell knows the system calls of x86_64 and aarch64 only"
#endif

static const int denied[] = {
    // Mounts and roots.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, 428 /* open_tree */, 429 /* move_mount */, 430 /* fsopen */,
    431 /* fsconfig */, 432 /* fsmount */, 433 /* fspick */, 442 /* mount_setattr */, 457 /* statmount */,
    458 /* listmount */, 467 /* open_tree_attr */,
    // Namespaces.
    SYS_unshare, SYS_setns,
    // Other processes.
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, 438 /* pidfd_getfd */,
    440 /* process_madvise */,
    // Parts of the kernel with a history.
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, 425 /* io_uring_setup */, 426 /* io_uring_enter */,
    427 /* io_uring_register */, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_fanotify_init, SYS_fanotify_mark,
    447 /* memfd_secret */, SYS_vmsplice, 453 /* map_shadow_stack */, 459 /* lsm_get_self_attr */,
    460 /* lsm_set_self_attr */, 461 /* lsm_list_modules */,
    // File handles lead past paths.
    SYS_open_by_handle_at, SYS_name_to_handle_at,
    // The machine.
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct,
    SYS_quotactl, 443 /* quotactl_fd */, SYS_syslog, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime,
    SYS_adjtimex, SYS_sethostname, SYS_setdomainname, SYS_vhangup, SYS_lookup_dcookie, SYS_nfsservctl,
    // Memory of other nodes and processes.
    SYS_mbind, SYS_set_mempolicy, SYS_migrate_pages, SYS_move_pages, 450 /* set_mempolicy_home_node */,
    // Queues outlive who made them.
    SYS_mq_open, SYS_mq_unlink,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#if defined(__x86_64__)
    SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib, SYS_ustat, SYS_sysfs, SYS__sysctl, SYS_create_module,
    SYS_get_kernel_syms, SYS_query_module, SYS_getpmsg, SYS_putpmsg, SYS_afs_syscall, SYS_tuxcall, SYS_security,
    SYS_vserver,
#endif
};

enum { MAX_INSTRUCTIONS = 512 };

struct program {
    struct sock_filter code[MAX_INSTRUCTIONS];
    unsigned short size;
};

static void emit(struct program *program, uint16_t code, uint8_t yes, uint8_t no, uint32_t value) {
    if (program->size < MAX_INSTRUCTIONS) {
        program->code[program->size++] = (struct sock_filter){code, yes, no, value};
    }
}

static void give(struct program *program, uint32_t action) { emit(program, BPF_RET | BPF_K, 0, 0, action); }

static void load(struct program *program, size_t offset) {
    emit(program, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void load_argument(struct program *program, int index) {
    // Both architectures store the lower half first.
    load(program, offsetof(struct seccomp_data, args) + 8 * (size_t)index);
}

// The system call gets this answer where the lower half of an argument, masked, is among the values, or is not.
static void on_argument(struct program *program, int number, int index, uint32_t mask, const uint32_t *values,
                        unsigned count, bool among, uint32_t action) {
    load(program, offsetof(struct seccomp_data, nr));
    // Past: load, mask, the comparisons, the jump where there is one, the answer.
    emit(program, BPF_JMP | BPF_JEQ | BPF_K, 0, (uint8_t)(count + (among ? 4 : 3)), (uint32_t)number);
    load_argument(program, index);
    emit(program, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
    for (unsigned i = 0; i < count; i++) {
        emit(program, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(count - i), 0, values[i]);
    }
    if (among) emit(program, BPF_JMP | BPF_JA, 0, 0, 1);
    give(program, action);
}

const char *apply_seccomp(bool network, bool unix_sockets) {
    static struct program program;
    program.size = 0;
    load(&program, offsetof(struct seccomp_data, arch));
    emit(&program, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCHITECTURE);
    give(&program, SECCOMP_RET_KILL_PROCESS);
    load(&program, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
    // The calls of x32.
    emit(&program, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000);
    give(&program, SECCOMP_RET_KILL_PROCESS);
#endif
    // A filter cannot look behind a pointer; libraries fall back to clone.
    emit(&program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 435 /* clone3 */);
    give(&program, SECCOMP_RET_ERRNO | ENOSYS);
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++) {
        emit(&program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)denied[i]);
        give(&program, SECCOMP_RET_ERRNO | EPERM);
    }
    const uint32_t zero = 0;
    uint32_t spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                      CLONE_NEWNET;
    on_argument(&program, SYS_clone, 0, spaces, &zero, 1, false, SECCOMP_RET_ERRNO | EPERM);
    const uint32_t controls[] = {0x5412 /* TIOCSTI */, 0x541C /* TIOCLINUX */, 0x5423 /* TIOCSETD */};
    on_argument(&program, SYS_ioctl, 1, 0xffffffff, controls, 3, true, SECCOMP_RET_ERRNO | EPERM);
    const uint32_t families[] = {AF_INET, AF_INET6, AF_UNIX};
    if (network) {
        on_argument(&program, SYS_socket, 0, 0xffffffff, families, unix_sockets ? 3 : 2, false,
                    SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    } else {
        load(&program, offsetof(struct seccomp_data, nr));
        emit(&program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_socket);
        give(&program, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    }
    // Raw and packet sockets need capabilities that nobody has here; refusing them keeps the code behind them away.
    const uint32_t types[] = {SOCK_STREAM, SOCK_DGRAM};
    on_argument(&program, SYS_socket, 1, 0xf, types, 2, false, SECCOMP_RET_ERRNO | EPERM);
    // What runtimes call it for is a pair within one process.
    const uint32_t pair = AF_UNIX;
    on_argument(&program, SYS_socketpair, 0, 0xffffffff, &pair, 1, false, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    // One of datagrams could be taken apart again and sent to any name in the file system.
    const uint32_t paired[] = {SOCK_STREAM, SOCK_SEQPACKET};
    on_argument(&program, SYS_socketpair, 1, 0xf, paired, 2, false, SECCOMP_RET_ERRNO | EPROTONOSUPPORT);
    const uint32_t personalities[] = {PER_LINUX, ADDR_NO_RANDOMIZE, 0xffffffff};
    on_argument(&program, SYS_personality, 0, 0xffffffff, personalities, 3, false, SECCOMP_RET_ERRNO | EPERM);
    give(&program, SECCOMP_RET_ALLOW);
    if (program.size >= MAX_INSTRUCTIONS) {
        errno = E2BIG;
        return "write the filter of system calls";
    }
    struct sock_fprog filter = {program.size, program.code};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) return "filter system calls";
    return NULL;
}
