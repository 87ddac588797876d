"""Attempts to get out of a cell. `python3 attempts.py NAME` tries one; `CROSSED` in its output says that it got out.

Each is harmless to the host: what it reaches for is put there by the test, which tells where by the environment. Without
a cell many cross, which shows that they bite.
"""
import ctypes, errno, fcntl, glob, mmap, os, platform, resource, signal, socket, struct, subprocess, sys, time

ATTEMPTS = {}
HOST = os.environ.get("CANARY_DIRECTORY", "/nonexistent")
SECRET = os.environ.get("CANARY_TEXT", "no such text")
PORT = int(os.environ.get("CANARY_PORT", "1"))
ABSTRACT = os.environ.get("CANARY_ABSTRACT", "none")
VICTIM = int(os.environ.get("CANARY_PROCESS", "999999"))
HERE = os.environ.get("CANARY_HERE", "/tmp")
libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
NUMBERS = {  # x86_64, aarch64
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "add_key": (248, 217), "keyctl": (250, 219), "request_key": (249, 218),
    "fanotify_init": (300, 262), "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    "init_module": (175, 105), "kexec_load": (246, 104), "reboot": (169, 142), "swapon": (167, 224),
    "acct": (163, 89), "syslog": (103, 116), "clock_settime": (227, 112), "sethostname": (170, 161),
    "open_tree": (428, 428), "fsopen": (430, 430), "mount_setattr": (442, 442), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "memfd_secret": (447, 447), "clone3": (435, 435), "mknodat": (259, 33),
    "socket": (41, 198), "clone": (56, 220), "move_pages": (279, 239), "mbind": (237, 235), "vmsplice": (278, 75),
    "quotactl": (179, 60), "personality": (135, 92), "lookup_dcookie": (212, 18), "setuid": (105, 146),
    "pidfd_send_signal": (424, 424), "mq_open": (240, 180), "process_madvise": (440, 440), "statmount": (457, 457),
    "migrate_pages": (256, 238), "adjtimex": (159, 171), "memfd_create": (319, 279),
}


def attempt(function):
    ATTEMPTS[function.__name__] = function
    return function


def call(name, *arguments):
    number = NUMBERS[name][0 if X86 else 1]
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *converted)


def reads(path, size=4096):
    with open(path, "rb") as file:
        return file.read(size)


def has_secret(data):
    return SECRET.encode() in data


def reaches(name, *arguments):
    """Whether the code behind a system call was reached: it did it, or complained of what it was given."""
    return call(name, *arguments) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS)


def works(action):
    try:
        result = action()
    except OSError:
        return False
    return result is not False


# Files.

@attempt
def file_read_secret(): return has_secret(reads(HOST + "/secret"))
@attempt
def file_write(): return works(lambda: open(HOST + "/written", "w").write("x"))
@attempt
def file_append_secret(): return works(lambda: open(HOST + "/shared", "a").write("x"))
@attempt
def file_list(): return "secret" in os.listdir(HOST)
@attempt
def file_make_directory(): return works(lambda: os.mkdir(HOST + "/made") or True)
@attempt
def file_remove(): return works(lambda: os.remove(HOST + "/removable") or True)
@attempt
def file_rename(): return works(lambda: os.rename(HOST + "/renamable", HOST + "/renamed") or True)
@attempt
def file_chmod(): return works(lambda: os.chmod(HOST + "/own", 0o777) or True)
@attempt
def file_symlink_to_secret():
    link = HERE + "/link-%d" % os.getpid()
    os.symlink(HOST + "/secret", link)
    return has_secret(reads(link))
@attempt
def file_hard_link():
    return works(lambda: os.link(HOST + "/shared", HERE + "/hard-%d" % os.getpid()) or True)
@attempt
def file_climb(): return has_secret(reads("/workspace/" + "../" * 20 + HOST + "/secret"))
@attempt
def file_climb_from_here():
    os.chdir(HERE)
    for _ in range(30): os.chdir("..")
    return has_secret(reads("." + HOST + "/secret"))
@attempt
def file_shadow(): return os.path.exists("/etc/shadow")
@attempt
def file_home_of_root(): return os.path.isdir("/root")
@attempt
def file_machine_id(): return bool(reads("/etc/machine-id")) if os.path.exists("/etc/machine-id") else False
@attempt
def file_host_passwd(): return os.stat("/etc/passwd").st_uid == 0
@attempt
def file_sys(): return len(os.listdir("/sys")) > 0
@attempt
def file_log(): return len(os.listdir("/var/log")) > 0
@attempt
def file_boot(): return os.path.isdir("/boot")
@attempt
def file_run(): return len(os.listdir("/run")) > 0
@attempt
def file_control_groups(): return os.path.isdir("/sys/fs/cgroup")
@attempt
def file_write_usr(): return works(lambda: open("/usr/local/x", "w"))
@attempt
def file_write_tmp_of_host():
    name = "/tmp/canary-" + SECRET
    open(name, "w").close()
    return os.stat("/tmp").st_dev == os.stat("/").st_dev
@attempt
def file_lock_shared(): return works(lambda: fcntl.flock(os.open(HOST + "/shared", os.O_RDWR), fcntl.LOCK_EX) or True)
@attempt
def file_root_of_process(): return has_secret(reads("/proc/self/root" + HOST + "/secret"))
@attempt
def file_root_of_init(): return has_secret(reads("/proc/1/root" + HOST + "/secret"))
@attempt
def file_working_directory_of_others():
    for path in glob.glob("/proc/[0-9]*/cwd"):
        try:
            if has_secret(reads(path + "/../../.." + HOST + "/secret")): return True
        except OSError: pass
    return False
@attempt
def file_by_handle():
    return reaches("open_by_handle_at", -100, ctypes.create_string_buffer(64), 0)
@attempt
def file_name_to_handle():
    return reaches("name_to_handle_at", -100, b".", ctypes.create_string_buffer(256), ctypes.byref(ctypes.c_int()), 0)
@attempt
def file_block_device():
    return works(lambda: os.mknod(HERE + "/disk", 0o60600, os.makedev(254, 0)) or bool(reads(HERE + "/disk")))
@attempt
def file_memory_device(): return os.path.exists("/dev/mem") or os.path.exists("/dev/kmsg")
@attempt
def file_fuse_device(): return os.path.exists("/dev/fuse")
@attempt
def file_disks(): return bool(glob.glob("/dev/vd*") + glob.glob("/dev/sd*") + glob.glob("/dev/nvme*"))
@attempt
def file_setuid_program():
    return any(os.path.exists(p) and subprocess.run([p, "--version"], capture_output=True).returncode == 0
               and not no_new_privileges() for p in ("/usr/bin/su", "/usr/bin/mount"))
@attempt
def file_fake_whiteout():
    """A removal made by hand would be told of as one of the user's."""
    return works(lambda: os.mknod(HERE + "/whiteout-%d" % os.getpid(), 0o20600, 0) or True)
@attempt
def file_overlay_attribute():
    """The overlay's own attribute, which would hide what the checkout holds."""
    directory = "/workspace/b" if os.path.isdir("/workspace/b") else HOST
    os.setxattr(directory, "user.overlay.opaque", b"y")
    return "c.txt" not in os.listdir(directory)


def no_new_privileges():
    return "NoNewPrivs:\t1" in open("/proc/self/status").read()


# Processes.

@attempt
def process_kill_victim(): return works(lambda: os.kill(VICTIM, 0) or True)
@attempt
def process_see_victim(): return os.path.isdir("/proc/%d" % VICTIM)
@attempt
def process_see_init(): return bool(reads("/proc/1/cmdline"))
@attempt
def process_see_many(): return len(glob.glob("/proc/[0-9]*")) > 20
@attempt
def process_kill_init():
    os.kill(1, signal.SIGKILL)
    os.kill(1, signal.SIGTERM)
    os.kill(1, signal.SIGSTOP)
    time.sleep(0.05)
    return not works(lambda: os.kill(1, 0) or True)
@attempt
def process_trace_victim(): return call("ptrace", 16, VICTIM, 0, 0) == 0
@attempt
def process_trace_init(): return call("ptrace", 0x4206, 1, 0, 0) == 0
@attempt
def process_trace_parent(): return call("ptrace", 0x4206, os.getppid(), 0, 0) == 0
@attempt
def process_trace_self(): return call("ptrace", 0, 0, 0, 0) == 0
@attempt
def process_memory_of_init(): return works(lambda: bool(os.open("/proc/1/mem", os.O_RDWR)))
@attempt
def process_memory_of_victim(): return works(lambda: bool(os.open("/proc/%d/mem" % VICTIM, os.O_RDWR)))
@attempt
def process_maps_of_init(): return bool(reads("/proc/1/maps"))
@attempt
def process_environment_of_init(): return works(lambda: reads("/proc/1/environ") or True)
@attempt
def process_environment_of_victim(): return has_secret(reads("/proc/%d/environ" % VICTIM, 65536))
@attempt
def process_environments_of_all():
    for path in glob.glob("/proc/[0-9]*/environ"):
        if path == "/proc/%d/environ" % os.getpid(): continue
        try:
            if b"CANARY_HIDDEN" in reads(path, 1 << 20): return True
        except OSError: pass
    return False
@attempt
def process_files_of_init(): return bool(os.listdir("/proc/1/fd"))
@attempt
def process_read_memory_of_init(): return reads_memory(1)
@attempt
def process_read_memory_of_victim(): return reads_memory(VICTIM)


def reads_memory(process):
    buffer = ctypes.create_string_buffer(16)
    local = struct.pack("PN", ctypes.addressof(buffer), 16)
    remote = struct.pack("PN", 0x400000, 16)
    call("process_vm_readv", process, local, 1, remote, 1, 0)
    return ctypes.get_errno() not in (errno.EPERM, errno.ESRCH, errno.ENOSYS)


@attempt
def process_descriptor_of_init():
    pidfd = call("pidfd_open", 1, 0)
    return pidfd >= 0 and any(call("pidfd_getfd", pidfd, n, 0) >= 0 for n in range(3, 20))
@attempt
def process_descriptor_of_victim():
    pidfd = call("pidfd_open", VICTIM, 0)
    return pidfd >= 0 and call("pidfd_getfd", pidfd, 0, 0) >= 0
@attempt
def process_priority_of_victim(): return works(lambda: os.setpriority(os.PRIO_PROCESS, VICTIM, 19) or True)
@attempt
def process_limits_of_victim(): return works(lambda: resource.prlimit(VICTIM, resource.RLIMIT_CORE) is not None)
@attempt
def process_compare(): return reaches("kcmp", os.getpid(), os.getpid(), 0, 0, 0)
@attempt
def process_become_root(): return works(lambda: os.setuid(0) or True) or works(lambda: os.setgid(0) or True)
@attempt
def process_group_of_victim(): return works(lambda: os.getpgid(VICTIM) > 0)
@attempt
def process_signal_queue():
    pidfd = call("pidfd_open", VICTIM, 0)
    return pidfd >= 0 and call("pidfd_send_signal", pidfd, 0, 0, 0) == 0


# The network.

def connects(address, family=socket.AF_INET, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as plain:
        plain.settimeout(2)
        plain.connect(address)
        return True

@attempt
def network_host_loopback(): return works(lambda: connects(("127.0.0.1", PORT)))
@attempt
def network_host_loopback_v6(): return works(lambda: connects(("::ffff:127.0.0.1", PORT), socket.AF_INET6))
@attempt
def network_host_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.settimeout(1)
        plain.sendto(b"ping", ("127.0.0.1", PORT))
        return plain.recv(10) == b"pong"
@attempt
def network_interfaces(): return any(name != "lo" for _, name in socket.if_nameindex())
@attempt
def network_routes(): return len(open("/proc/net/route").readlines()) > 1
@attempt
def network_names(): return bool(socket.getaddrinfo("canary.test", 80)) if False else os.path.exists("/etc/resolv.conf")
@attempt
def network_outside():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.connect(("192.0.2.1", 9))
        return True
@attempt
def network_abstract(): return works(lambda: connects("\0" + ABSTRACT, socket.AF_UNIX))
@attempt
def network_path(): return works(lambda: connects(HOST + "/socket", socket.AF_UNIX))
@attempt
def network_unix(): return works(lambda: socket.socket(socket.AF_UNIX))
@attempt
def network_unix_pair_of_datagrams(): return works(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
@attempt
def network_unix_by_64_bits(): return call("socket", 0x100000001, 1, 0) >= 0
@attempt
def network_netlink(): return works(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
@attempt
def network_netlink_by_64_bits(): return call("socket", 0x100000010, 3, 0) >= 0
@attempt
def network_packet(): return works(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
@attempt
def network_raw(): return works(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
@attempt
def network_ping(): return works(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
                                 .sendto(b"\x08\0\0\0\0\0\0\0", ("192.0.2.1", 0)))
@attempt
def network_vsock(): return works(lambda: socket.socket(40, socket.SOCK_STREAM))
@attempt
def network_alg(): return works(lambda: socket.socket(38, socket.SOCK_SEQPACKET))
@attempt
def network_bluetooth(): return works(lambda: socket.socket(31, socket.SOCK_RAW, 1))
@attempt
def network_tcp_table(): return ("%04X" % PORT) in open("/proc/net/tcp").read()
@attempt
def network_unix_table(): return ABSTRACT in open("/proc/net/unix").read()
@attempt
def network_low_port():
    with socket.socket() as plain:
        plain.bind(("127.0.0.1", 80))
        return True
@attempt
def network_socketpair_netlink(): return works(lambda: socket.socketpair(16, socket.SOCK_RAW))


# System calls.

@attempt
def call_mount(): return reaches("mount", b"none", HERE.encode(), b"tmpfs", 0, 0)
@attempt
def call_bind_mount(): return reaches("mount", b"/usr", HERE.encode(), 0, 4096, 0)
@attempt
def call_remount(): return reaches("mount", b"none", b"/", 0, 4096 | 32, 0)
@attempt
def call_unmount(): return reaches("umount2", b"/tmp", 2)
@attempt
def call_pivot(): return reaches("pivot_root", b".", b".")
@attempt
def call_chroot(): return reaches("chroot", b"/tmp")
@attempt
def call_open_tree(): return reaches("open_tree", -100, b"/", 0)
@attempt
def call_fsopen(): return reaches("fsopen", b"tmpfs", 0)
@attempt
def call_mount_setattr(): return reaches("mount_setattr", -100, b"/", 0, 0, 0)
@attempt
def call_user_namespace(): return call("unshare", 0x10000000) == 0
@attempt
def call_user_and_mount_namespace(): return call("unshare", 0x10020000) == 0
@attempt
def call_network_namespace(): return call("unshare", 0x50000000) == 0
@attempt
def call_clone_namespace():
    result = call("clone", 0x10000000 | 17, 0, 0, 0, 0)
    if result == 0: os._exit(0)
    return result > 0
@attempt
def call_clone_namespace_by_64_bits():
    result = call("clone", 0x110000011, 0, 0, 0, 0)
    if result == 0: os._exit(0)
    return result > 0
@attempt
def call_clone3():
    arguments = struct.pack("QQQQQQQQ", 0x10000000, 0, 0, 0, 17, 0, 0, 0)
    result = call("clone3", arguments, len(arguments))
    if result == 0: os._exit(0)
    return result > 0
@attempt
def call_setns(): return works(lambda: call("setns", os.open("/proc/self/ns/net", os.O_RDONLY), 0) == 0
                               or ctypes.get_errno() != errno.EPERM)
@attempt
def call_bpf(): return reaches("bpf", 0, 0, 0)
@attempt
def call_perf():
    event = ctypes.create_string_buffer(struct.pack("IIQ", 1, 112, 1) + b"\0" * 96)
    return reaches("perf_event_open", event, 0, -1, -1, 0)
@attempt
def call_userfaultfd(): return reaches("userfaultfd", 1)
@attempt
def call_io_uring(): return call("io_uring_setup", 4, ctypes.create_string_buffer(120)) >= 0
@attempt
def call_add_key(): return call("add_key", b"user", b"canary", b"x", 1, -3) >= 0
@attempt
def call_keyctl(): return reaches("keyctl", 0, -3, 0)
@attempt
def call_request_key(): return reaches("request_key", b"user", b"canary", 0, -3)
@attempt
def call_fanotify(): return reaches("fanotify_init", 0x200, 0)
@attempt
def call_module(): return reaches("init_module", 0, 0, b"")
@attempt
def call_kexec(): return reaches("kexec_load", 0, 0, 0, 0)
@attempt
def call_reboot(): return reaches("reboot", 0, 0, 0, 0)
@attempt
def call_swap(): return reaches("swapon", b"/nonexistent", 0)
@attempt
def call_acct(): return reaches("acct", b"/nonexistent")
@attempt
def call_syslog(): return reaches("syslog", 10, 0, 0)
@attempt
def call_clock(): return reaches("clock_settime", 0, 0)
@attempt
def call_adjtime(): return reaches("adjtimex", ctypes.create_string_buffer(256))
@attempt
def call_hostname(): return reaches("sethostname", b"crossed", 7)
@attempt
def call_memfd_secret(): return call("memfd_secret", 0) >= 0
@attempt
def call_move_pages(): return reaches("move_pages", 0, 0, 0, 0, 0, 0)
@attempt
def call_mbind(): return reaches("mbind", 0, 0, 0, 0, 0, 0)
@attempt
def call_vmsplice(): return reaches("vmsplice", 1, 0, 0, 0)
@attempt
def call_quota(): return reaches("quotactl", 0, 0, 0, 0)
@attempt
def call_personality(): return call("personality", 0x0400000) >= 0
@attempt
def call_message_queue(): return call("mq_open", b"canary", 0o102, 0o600, 0) >= 0
@attempt
def call_statmount(): return reaches("statmount", 0, 0, 0, 0)
@attempt
def call_32_bit():
    """int 0x80: the numbers of another architecture (mkdir)."""
    if not X86: return False
    code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20 (getpid); int 0x80; ret
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    return function() == os.getpid()
@attempt
def call_x32():
    ctypes.set_errno(0)
    return X86 and libc.syscall(ctypes.c_long(0x40000000 + 39)) == os.getpid()
@attempt
def call_terminal_input():
    """Characters put into the terminal of whoever started it."""
    import pty
    child, terminal = pty.fork()
    if child == 0:
        try:
            fcntl.ioctl(0, 0x5412, b"x")
            os._exit(7)
        except OSError as error: os._exit(0 if error.errno == errno.EPERM else 7)
    return os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 7
@attempt
def call_terminal_input_by_64_bits():
    import pty
    child, terminal = pty.fork()
    if child == 0:
        buffer = ctypes.create_string_buffer(b"x")
        ioctl = 16 if X86 else 29
        ctypes.set_errno(0)
        result = libc.syscall(ctypes.c_long(ioctl), ctypes.c_long(0), ctypes.c_long(0x100005412), buffer)
        os._exit(7 if result == 0 or ctypes.get_errno() != errno.EPERM else 0)
    return os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 7


# Limits. What the cell allows is smaller than what is tried.

@attempt
def limit_processes():
    children, most = [], 0
    try:
        for _ in range(150):
            child = os.fork()
            if child == 0:
                time.sleep(30)
                os._exit(0)
            children.append(child)
    except OSError: pass
    most = len(children)
    for child in children: os.kill(child, signal.SIGKILL)
    for child in children: os.waitpid(child, 0)
    return most >= 150
@attempt
def limit_disk():
    path = HERE + "/large-%d" % os.getpid()
    try:
        with open(path, "wb") as file:
            for _ in range(96): file.write(b"x" * (1 << 20))
        return True
    finally: os.remove(path)
@attempt
def limit_disk_in_shared_memory():
    path = "/dev/shm/large-%d" % os.getpid()
    try:
        with open(path, "wb") as file:
            for _ in range(96): file.write(b"x" * (1 << 20))
        return True
    finally: os.remove(path)
@attempt
def limit_file_count():
    directory = HERE + "/many-%d" % os.getpid()
    os.mkdir(directory)
    try:
        for number in range(6000): os.close(os.open(directory + "/%d" % number, os.O_CREAT | os.O_WRONLY))
        return True
    finally: subprocess.run(["rm", "-rf", directory])
@attempt
def limit_file_size():
    """One sparse file over the limit of a file's size."""
    path = HERE + "/sparse-%d" % os.getpid()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with open(path, "wb") as file: file.truncate(256 << 20)
        return True
    finally: os.remove(path)
@attempt
def limit_memory():
    data = mmap.mmap(-1, 400 << 20)
    for offset in range(0, 400 << 20, 4096): data[offset] = 1
    return True
@attempt
def limit_memory_in_a_file():
    file = call("memfd_create", b"canary", 0)
    for _ in range(400): os.write(file, b"x" * (1 << 20))
    return True
@attempt
def limit_open_files():
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(400)]
    return len(files) == 400
@attempt
def limit_cpu():
    start = time.process_time()
    while time.process_time() - start < 2.5: pass
    return True
@attempt
def limit_raise():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard > 100000: return True
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard + 1, hard + 1))
    return True
@attempt
def limit_core():
    """A core file of a program with secrets in it."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))
        os.abort()
    return os.WCOREDUMP(os.waitpid(child, 0)[1])
@attempt
def limit_realtime(): return works(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)) or True)
@attempt
def limit_nice(): return works(lambda: os.nice(-5))
@attempt
def limit_lock_memory():
    size = 8 << 20
    data = mmap.mmap(-1, size)
    return libc.mlock(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(data))), ctypes.c_size_t(size)) == 0


# Descriptors and the environment.

@attempt
def descriptor_inherited():
    for number in range(3, 256):
        try: os.fstat(number)
        except OSError: continue
        if number > 3 or not os.readlink("/proc/self/fd/%d" % number).startswith("/proc"): return True
    return False
@attempt
def descriptor_reads_secret():
    for number in range(3, 256):
        try:
            if has_secret(os.pread(number, 4096, 0)): return True
        except OSError: pass
    return False
@attempt
def descriptor_standard_input(): return os.readlink("/proc/self/fd/0") not in ("/dev/null",)
@attempt
def descriptor_terminal(): return works(lambda: os.open("/dev/tty", os.O_RDWR))
@attempt
def environment_hidden(): return "CANARY_HIDDEN" in os.environ
@attempt
def environment_names(): return "cell" != socket.gethostname()
@attempt
def environment_privileges(): return not no_new_privileges()
@attempt
def environment_capabilities():
    lines = open("/proc/self/status").read().splitlines()
    return any(line.startswith(("CapEff", "CapBnd", "CapPrm")) and int(line.split()[1], 16) for line in lines)
@attempt
def environment_shared_memory():
    """System V memory of the host."""
    return any(SECRET[:0] == "" and line.split()[0] != "key" for line in open("/proc/sysvipc/shm"))
@attempt
def environment_groups(): return any(group not in (1000, 65534) for group in os.getgroups() + [os.getgid()])
@attempt
def environment_user(): return os.getuid() != 1000 or 0 in os.getresuid()
@attempt
def environment_sysctl(): return works(lambda: open("/proc/sys/kernel/core_pattern", "w"))
@attempt
def environment_oom(): return works(lambda: open("/proc/1/oom_score_adj", "w").write("1000"))
@attempt
def environment_mounts(): return len(open("/proc/self/mountinfo").readlines()) > 0 and " / / " in open(
    "/proc/self/mountinfo").read() and "ext4 /dev" in open("/proc/self/mountinfo").read() and os.path.isdir("/root")


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        print("\n".join(ATTEMPTS))
        sys.exit()
    try: result = ATTEMPTS[sys.argv[1]]()
    except (OSError, MemoryError, ValueError) as error: result = print(error)
    print("CROSSED" if result else "held")
